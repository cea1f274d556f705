"""Sizes: a module and a function are read in one look. What a migration once did is left as it was."""

import ast
import subprocess
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[3]
LONGEST_MODULE = 350
MEDIAN, NINE_IN_TEN = 6, 15


def _modules() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "app/*.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in done.stdout.splitlines() if "/migrations/versions/" not in name]
    return [path for path in paths if path.is_file()]


def test_no_module_is_longer_than_a_few_screens() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in _modules()}
    assert len(lengths) > 300
    assert not {str(name): lines for name, lines in lengths.items() if lines > LONGEST_MODULE}


def test_functions_are_short() -> None:
    """In lines, from ``def`` to the last one, docstring and all."""
    found = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in _modules() for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(found) > 2000
    assert median(found) <= MEDIAN and quantiles(found, n=10)[-1] <= NINE_IN_TEN
