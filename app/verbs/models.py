"""Speech models: list, fetch, check, use, adapt, compare."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_switch import ModelChoice, choose_model, chosen_model
from app.adapters.speech.model_download import KNOWN, ModelError, Source, fetch_model
from app.adapters.speech.model_parts import ASSEMBLED, assemble, is_whole
from app.adapters.speech.sherpa_models import describe, is_sherpa
from app.bootstrap.store import StartError
from app.domain.refusal import Refused
from app.language.knowledge.content import ContentError
from app.settings import EMBEDDED_MODEL, Settings
from app.verbs import VerbError

EMBEDDED = "embedded"
DEFAULT = "vosk-model-small-cn-0.22"


def model(chosen: argparse.Namespace, settings: Settings) -> int:
    """One of the actions; faults say what to do."""
    actions = {"list": _list, "fetch": _fetch, "check": _check, "use": _use, "adapt": _adapt,
               "compare": _compare, "learn": _learn}  # fmt: skip
    try:
        return actions[chosen.action](chosen, settings)
    except (ModelError, StartError, Refused, SpeechModelError, ContentError, OSError) as error:
        raise VerbError(str(error)) from None


def _models(settings: Settings) -> Path:
    return settings.model_folder


def _list(_: argparse.Namespace, settings: Settings) -> int:
    """What is here, in use (* first, 2 second pass), put together (+), and what can be fetched."""
    current = chosen_model(settings.home, settings.speech_model)
    here = [EMBEDDED_MODEL]
    if _models(settings).is_dir():
        here += sorted(p for p in _models(settings).iterdir() if _is_model(p))
    for folder in here:
        name = EMBEDDED if folder == EMBEDDED_MODEL else folder.name
        mark = "*" if folder.resolve() == current.folder.resolve() else " "
        if current.second and folder.resolve() == current.second.resolve():
            mark = "2"
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) >> 20
        print(f"{mark} {name:56} {size:5} MB  {folder}")
    for made in ASSEMBLED.values():
        mark = "+" if is_whole(made, _models(settings)) else " "
        where = str(_models(settings) / made.name) if mark == "+" else "can be fetched"
        print(f"{mark} {made.name:56} {made.megabytes:5} MB  {where}: {made.note}")
    for known in KNOWN.values():
        if not (_models(settings) / known.name).is_dir():
            print(f"  {known.name:56} {known.megabytes:5} MB  can be fetched: {known.note}")
    return 0


def _is_model(folder: Path) -> bool:
    return (folder / "am/final.mdl").is_file() or is_sherpa(folder)


def _fetch(chosen: argparse.Namespace, settings: Settings) -> int:
    name = chosen.name or DEFAULT
    if name in ASSEMBLED:
        folder = assemble(name, _models(settings), print)
        print(f"{folder}: used from the next start on")
        return 0
    source = Source(chosen.url, chosen.file, chosen.sha256, chosen.unverified)
    folder = fetch_model(name, _models(settings), source, print)
    print(f"{folder}: use it with 'holdline model use {name}'")
    return 0


def folder_of(name: str, settings: Settings) -> Path:
    """A model by name or path. Raises ModelError."""
    if name in ("", EMBEDDED):
        return EMBEDDED_MODEL if name else chosen_model(settings.home, settings.speech_model).folder
    for folder in (_models(settings) / name, Path(name)):
        if folder.is_dir():
            return folder
    raise ModelError(f"there is no model {name!r}: 'holdline model list' shows those that are here")


def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    # Here, because the recognisers' libraries take a while to load and only this needs them.
    from app.bootstrap.speech import check_second, load_recogniser  # noqa: PLC0415

    folder = folder_of(chosen.name, settings)
    if is_sherpa(folder) and not describe(folder).streaming:
        check_second(folder)
    else:
        load_recogniser(folder)
    print(f"{folder}: loads")
    return 0


def _check_elsewhere(folder: Path) -> None:
    """In a process of its own: a broken file can end the process that loads it, and the graph's
    library and the recogniser's do not live in one. Raises ModelError."""
    check = [sys.executable, "-m", "app", "model", "check", str(folder)]
    done = subprocess.run(check, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["the engine cannot read its files"]
        raise ModelError(f"{folder.name} is not used: {lines[-1].removeprefix('holdline: ')}")


def _use(chosen: argparse.Namespace, settings: Settings) -> int:
    """Checked first, so that a broken model is never chosen."""
    if not chosen.name:
        raise ModelError("name the model to use: 'holdline model list' shows those that are here")
    folder = folder_of(chosen.name, settings)
    second = folder_of(chosen.second, settings) if chosen.second else None
    _refuse_roles(folder, second)
    for each in (folder, second):
        if each is not None:
            _check_elsewhere(each)
    plain = chosen.name == EMBEDDED and second is None
    choose_model(settings.home, None if plain else ModelChoice(folder, second))
    rewriting = f", rewritten by {second.name}" if second else ""
    print(f"{folder.name}{rewriting}: from the next call on")
    return 0


def _refuse_roles(folder: Path, second: Path | None) -> None:
    """Raises ModelError for a model that cannot do what it is chosen for."""
    if is_sherpa(folder) and not describe(folder).streaming:
        raise ModelError(f"{folder.name} is for whole utterances: name it with --second")
    if second is not None and (not is_sherpa(second) or describe(second).streaming):
        raise ModelError(f"{second.name} is no whole-utterance model: --second takes one of those")


def _compare(chosen: argparse.Namespace, settings: Settings) -> int:
    """Both models on the same stored calls; with corrected transcripts, their error rates."""
    # Here, because only this needs recogniser and database together.
    from app.bootstrap.comparing import compare  # noqa: PLC0415

    folders = [folder_of(chosen.name or EMBEDDED, settings), folder_of(chosen.other, settings)]
    if chosen.corrected:
        return _compare_corrected(chosen, settings, folders)
    for line in compare(settings, folders, chosen.calls, chosen.transcripts):
        print(line)
    return 0


def _compare_corrected(
    chosen: argparse.Namespace, settings: Settings, folders: Sequence[Path]
) -> int:
    from app.bootstrap.comparing import compare_corrected  # noqa: PLC0415

    found = compare_corrected(settings, folders)
    if chosen.json:
        print(json.dumps([asdict(errors) for errors in found]))
        return 0
    for folder, errors in zip(folders, found, strict=True):
        print(f"{folder.name}: {errors.wrong} of {errors.characters} characters wrong,"
              f" CER {errors.rate:.3f}")  # fmt: skip
    return 0


def _learn(chosen: argparse.Namespace, settings: Settings) -> int:
    """Says what was learned; with --now it learns, with --back it goes back."""
    from app.verbs.learning import learn  # noqa: PLC0415  as above

    return learn(settings, now=chosen.now, back=chosen.back)


def _adapt(_: argparse.Namespace, settings: Settings) -> int:
    # Here, because cutting text into words needs a dictionary that nothing else loads.
    from app.bootstrap.adapting import adapt_model  # noqa: PLC0415

    def say(percent: int, what: str) -> None:
        print(f"{percent:3} % {what}")

    made = adapt_model(settings, say)
    _check_elsewhere(made.folder)
    second = chosen_model(settings.home, settings.speech_model).second
    choose_model(settings.home, ModelChoice(made.folder, second))
    print(f"{made.folder.name}: {made.words} words, {made.sentences} sentences,"
          f" {made.graph_bytes >> 20} MB; from the next call on")  # fmt: skip
    return 0
