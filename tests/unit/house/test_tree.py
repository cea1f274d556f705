"""Nothing is left out: scripts are type-checked by name, unit tests lie under a subject."""

import tomllib

from app.settings import ROOT

#: Folders of unit tests that are none of the application: its benches, and the tree itself.
OF_THE_TREE = {"bench", "house"}


def test_every_python_script_is_type_checked() -> None:
    """One without an ending is found by nobody unless it is named."""
    scripts = {str(path.relative_to(ROOT)) for path in (ROOT / "scripts").iterdir() if path.is_file() and _is_python(path.read_bytes())}
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["files"]
    assert scripts and scripts <= set(chosen), scripts - set(chosen)


def _is_python(data: bytes) -> bool:
    return b"python" in data.partition(b"\n")[0]


def test_unit_tests_lie_where_their_subject_is() -> None:
    folders = {path.name for path in (ROOT / "app").glob("**/") if path.is_dir()}
    subjects = {path.parent.name for path in (ROOT / "tests" / "unit").glob("**/test_*.py")}
    assert subjects - OF_THE_TREE <= folders
