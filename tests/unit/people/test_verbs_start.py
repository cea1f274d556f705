"""What the small verbs load: not the language, not the web, and Alembic only where there is something to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.adapters.db.migrate import heads

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"alembic", "babel", "cn2an", "fastapi", "httpx", "jieba", "jinja2", "numpy", "openpyxl", "pypinyin", "rapidfuzz", "redis",
         "scipy", "sippy", "sklearn", "starlette", "uvicorn", "vosk", "websockets", "app.web", "app.service.ports", "app.service.bus"}
PROGRAM = "import json, sys; from app.cli import main; status = main(sys.argv[1:]); print(json.dumps([status, sorted(sys.modules)]))"


def loaded(home: Path, *verb: str) -> set[str]:
    """The modules in memory when a verb has done its work."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOLDLINE_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", PROGRAM, *verb], cwd=ROOT, env=environment,
                          capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    assert "alembic" in loaded(folder, "migrate")
    return folder


@pytest.mark.parametrize("verb", [
    ("migrate",), ("user", "add", "zhang", "--role", "agent", "--password", "long enough"),
    ("user", "add", "li", "wu", "--role", "agent", "--password", "long enough"), ("token", "create", "--role", "agent")])
def test_a_small_verb_loads_little(home: Path, verb: tuple[str, ...]) -> None:
    assert not loaded(home, *verb) & HEAVY


def test_the_newest_migration_is_found_without_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "app" / "adapters" / "db" / "migrations"))
    assert heads() == set(ScriptDirectory.from_config(config).get_heads())


def test_two_newest_migrations_are_two(tmp_path: Path) -> None:
    for name, below in (("a1", None), ("b1", "a1"), ("b2", "a1")):
        (tmp_path / f"{name}.py").write_text(f"revision: str = {name!r}\ndown_revision: str | None = {below!r}\n")
    assert heads(tmp_path) == {"b1", "b2"}
