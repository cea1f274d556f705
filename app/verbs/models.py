"""Speech models: list, fetch, check, use, adapt, compare."""

import argparse
import subprocess
import sys
from pathlib import Path

from app.adapters.asr_switch import choose_model, chosen_model
from app.adapters.model_download import KNOWN, ModelError, fetch_model
from app.bootstrap.store import StartError
from app.language.knowledge import ContentError
from app.settings import EMBEDDED_MODEL, Settings
from app.verbs import VerbError

EMBEDDED = "embedded"
DEFAULT = "vosk-model-small-cn-0.22"


def model(chosen: argparse.Namespace, settings: Settings) -> int:
    """One of the actions; faults say what to do."""
    actions = {"list": _list, "fetch": _fetch, "check": _check, "use": _use, "adapt": _adapt,
               "compare": _compare}  # fmt: skip
    try:
        return actions[chosen.action](chosen, settings)
    except (ModelError, StartError, ContentError, OSError) as error:
        raise VerbError(str(error)) from None


def _models(settings: Settings) -> Path:
    return settings.home / "models"


def _list(_: argparse.Namespace, settings: Settings) -> int:
    """What is here, which is in use (*), and what can be fetched with its published figures."""
    current = chosen_model(settings.home, settings.speech_model)
    here = [EMBEDDED_MODEL]
    if _models(settings).is_dir():
        here += sorted(p for p in _models(settings).iterdir() if (p / "am/final.mdl").is_file())
    for folder in here:
        name = EMBEDDED if folder == EMBEDDED_MODEL else folder.name
        mark = "*" if folder.resolve() == current.resolve() else " "
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) >> 20
        print(f"{mark} {name:28} {size:5} MB  {folder}")
    for known in KNOWN.values():
        if not (_models(settings) / known.name).is_dir():
            print(f"  {known.name:28} {known.megabytes:5} MB  can be fetched: {known.note}")
    return 0


def _fetch(chosen: argparse.Namespace, settings: Settings) -> int:
    name = chosen.name or DEFAULT
    folder = fetch_model(name, _models(settings), chosen.url, print, chosen.file)
    print(f"{folder}: use it with 'holdline model use {name}'")
    return 0


def _folder(name: str, settings: Settings) -> Path:
    """A model by name or path. Raises ModelError."""
    if name in ("", EMBEDDED):
        return EMBEDDED_MODEL if name else chosen_model(settings.home, settings.speech_model)
    for folder in (_models(settings) / name, Path(name)):
        if folder.is_dir():
            return folder
    raise ModelError(f"there is no model {name!r}: 'holdline model list' shows those that are here")


def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    folder = _folder(chosen.name, settings)
    _load(folder)
    print(f"{folder}: loads")
    return 0


def _load(folder: Path) -> None:
    # Here, because the recogniser's library takes a while to load and only this needs it.
    from app.bootstrap.speech import load_recogniser  # noqa: PLC0415

    load_recogniser(folder)


def _use(chosen: argparse.Namespace, settings: Settings) -> int:
    """Checked first, so that a broken model is never chosen."""
    if not chosen.name:
        raise ModelError("name the model to use: 'holdline model list' shows those that are here")
    folder = _folder(chosen.name, settings)
    _load(folder)
    choose_model(settings.home, None if chosen.name == EMBEDDED else folder)
    print(f"{folder.name}: from the next call on")
    return 0


def _compare(chosen: argparse.Namespace, settings: Settings) -> int:
    """Both models on the same stored calls; with corrected transcripts, their error rates."""
    # Here, because only this needs recogniser and database together.
    from app.bootstrap.comparing import compare  # noqa: PLC0415

    folders = [_folder(chosen.name or EMBEDDED, settings), _folder(chosen.other, settings)]
    for line in compare(settings, folders, chosen.calls, chosen.transcripts):
        print(line)
    return 0


def _adapt(_: argparse.Namespace, settings: Settings) -> int:
    # Here, because cutting text into words needs a dictionary that nothing else loads.
    from app.bootstrap.adapting import adapt_model  # noqa: PLC0415

    def say(percent: int, what: str) -> None:
        print(f"{percent:3} % {what}")

    made = adapt_model(settings, say)
    # In a process of its own: the graph's library and the recogniser's do not live in one.
    check = [sys.executable, "-m", "app", "model", "check", str(made.folder)]
    done = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ModelError(f"the adapted model does not load, so it is not used: {done.stderr}")
    choose_model(settings.home, made.folder)
    print(f"{made.folder.name}: {made.words} words, {made.sentences} sentences,"
          f" {made.graph_bytes >> 20} MB; from the next call on")  # fmt: skip
    return 0
