"""What was learned of the shipped knowledge base, shared by all homes of one test run.

Learning costs every new home eight seconds of processor time. A file is named by a digest of what it
was learned from, so a home takes only what it would have learned itself. Nothing outlives the run.
"""

import os
import shutil
import tempfile
from pathlib import Path

_VARIABLE = "TEST_ENGINES"


def begin() -> None:
    """Make the run's folder; workers and their processes find it by their environment."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="holdline-engines-")


def end() -> None:
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def lend(home: Path) -> None:
    """Into a home that is about to start."""
    _copy_new(_shared(), home / "engines")


def keep(home: Path) -> None:
    """From a home that has started."""
    _copy_new(home / "engines", _shared())


def _shared() -> Path | None:
    return Path(os.environ[_VARIABLE]) if _VARIABLE in os.environ else None


def _copy_new(source: Path | None, target: Path | None) -> None:
    if source is None or target is None:
        return
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.npz"):
        if not (target / file.name).exists():
            part = target / f"{file.name}.{os.getpid()}.part"
            shutil.copyfile(file, part)
            part.replace(target / file.name)
