"""A speech model loaded and timed by ``model check`` in a process of its own.

A broken file can end the process that loads it; and the graph's library and the recogniser's do not
live in one: nothing here knows either.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.adapters.speech.model_download import ModelError

_CHECKED_WITHIN_S = 180


def checked(folder: Path) -> dict[str, Any]:
    """What it measured (``bootstrap.measuring.Measured``, field by field). Raises ModelError with
    why the model cannot be used."""
    command = [sys.executable, "-m", "app", "model", "check", str(folder), "--json"]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_CHECKED_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"no answer within {_CHECKED_WITHIN_S} s") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["the engine cannot read its files"]
        raise ModelError(lines[-1].removeprefix("holdline: "))
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
