"""Speech models: list, advise, fetch, check, use, adapt, compare."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_switch import ModelChoice, choose_model, chosen_model
from app.adapters.speech.model_catalogue import EMBEDDED
from app.adapters.speech.model_download import ModelError, Source, fetch_model
from app.adapters.speech.model_parts import ASSEMBLED, assemble
from app.adapters.speech.whole_models import hears_whole
from app.bootstrap.store import StartError
from app.domain.refusal import Refused
from app.language.knowledge.content import ContentError
from app.settings import EMBEDDED_MODEL, Settings
from app.verbs import VerbError
from app.verbs.checking import checked

DEFAULT = "vosk-model-small-cn-0.22"


def model(chosen: argparse.Namespace, settings: Settings) -> int:
    """One of the actions; faults say what to do."""
    actions = {"list": _list, "fetch": _fetch, "check": _check, "use": _use, "adapt": _adapt,
               "compare": _compare, "advise": _advise, "learn": _learn}  # fmt: skip
    try:
        return actions[chosen.action](chosen, settings)
    except (ModelError, StartError, Refused, SpeechModelError, ContentError, OSError) as error:
        raise VerbError(str(error)) from None


def _models(settings: Settings) -> Path:
    return settings.model_folder


def _list(_: argparse.Namespace, settings: Settings) -> int:
    # Here, as for all that measures: words and engines take a while to load.
    from app.verbs.advice import listed  # noqa: PLC0415

    for line in listed(settings):
        print(line)
    return 0


def _advise(chosen: argparse.Namespace, settings: Settings) -> int:
    """Every model that is here is timed: a few seconds each."""
    from app.verbs.advice import advised  # noqa: PLC0415

    for line in advised(settings, as_json=chosen.json):
        print(line)
    return 0


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
    from app.bootstrap.measuring import measured  # noqa: PLC0415

    folder = folder_of(chosen.name, settings)
    found = measured(folder)
    if chosen.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{folder}: loads; {found.cpu:.3f} CPU-s a second of speech, {found.memory_mb} MB")
    return 0


def _check_elsewhere(folder: Path) -> None:
    """Raises ModelError for a model that does not load."""
    try:
        checked(folder)
    except ModelError as error:
        raise ModelError(f"{folder.name} is not used: {error}") from None


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
    again = f", heard again by {second.name}" if second else ""
    print(f"{folder.name}{again}: from the next call on")
    if second and not settings.second_pass:
        print("HOLDLINE_SECOND_PASS is false: nothing is heard again until it is true")
    return 0


def _refuse_roles(folder: Path, second: Path | None) -> None:
    """Raises ModelError for a model that cannot do what it is chosen for."""
    if hears_whole(folder):
        raise ModelError(f"{folder.name} is for whole utterances: name it with --second")
    if second is not None and not hears_whole(second):
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
              f" CER {errors.cer:.3f}")  # fmt: skip
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
