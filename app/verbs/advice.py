"""``holdline model list`` and ``advise``: what there is, and what this machine can carry."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from app.adapters.speech.asr_switch import ModelChoice, chosen_model
from app.adapters.speech.model_catalogue import CatalogueEntry, ModelRole, catalogue
from app.adapters.speech.model_download import ModelError
from app.adapters.speech.second_pass_measured import SLOWEST
from app.bootstrap.advising import Advice, ModelAdvice, advise
from app.bootstrap.measuring import Measured
from app.bootstrap.speech import second_model
from app.settings import Settings
from app.verbs.checking import checked
from app.web.i18n import LANGUAGES, Translator
from app.web.labels import LABELS, speech

_NAMES_CHINESE = ("LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """Of the terminal: Chinese where the locale is Chinese, else English."""
    named = next((value for key in _NAMES_CHINESE if (value := os.environ.get(key))), "")
    return LANGUAGES[0] if named.lower().startswith(LANGUAGES[0]) else LANGUAGES[1]


def listed(settings: Settings) -> Iterator[str]:
    """A head line a model, marked where it is in use (* first pass, 2 second, + here), and what is
    known of it."""
    say = Translator(language())
    chosen, again = chosen_model(settings.home, settings.speech_model), second_model(settings)
    for entry in catalogue(settings.model_folder):
        place = entry.folder if entry.folder is not None else say(speech.CAN_BE_FETCHED)
        yield f"{_mark(entry, chosen, again)} {entry.name:56} {entry.megabytes:5} MB  {place}"
        yield from (f"    {line}" for line in _about(entry, say))


def _mark(entry: CatalogueEntry, chosen: ModelChoice, again: Path | None) -> str:
    if entry.folder is None:
        return " "
    here = entry.folder.resolve()
    if here == chosen.folder.resolve():
        return "*"
    if again is not None and here == again.resolve():
        return "2"
    return "+"


def _about(entry: CatalogueEntry, say: Translator) -> Iterator[str]:
    known = entry.known
    use = LABELS["model_use"].get(entry.name, "")
    yield say(LABELS["model_role"][known.role]) + (f": {say(use)}" if use else "")
    if entry.note:
        yield entry.note
    if known.licence or entry.sources:
        yield (
            say(speech.LICENCE, licence=known.licence)
            if known.licence
            else say(speech.LICENCE_IN_ARCHIVE)
        )
    if known.toneless is not None:
        test = say(LABELS["model_test"][known.test])
        yield say(speech.ERRORS, toneless=known.toneless, cer=known.cer, test=test)
    elif known.role is not ModelRole.VOICE:
        yield say(speech.NO_ERRORS)
    if known.cpu is not None:
        yield say(speech.SPEED, cpu=known.cpu, memory=known.memory_mb)
    yield from (say(speech.SOURCE, place=place) for place in entry.sources)


def advised(settings: Settings, *, as_json: bool) -> Iterator[str]:
    """Lines, or one of JSON."""
    found = advise(settings, _measured_elsewhere)
    if as_json:
        yield json.dumps(asdict(found), ensure_ascii=False)
        return
    say = Translator(language())
    yield say(speech.MACHINE, cores=found.cores, memory=found.memory_mb)
    yield say(speech.ASSUMED)
    for each in found.models:
        yield f"{each.name} ({say(LABELS['model_role'][each.role])}, {each.megabytes} MB)"
        yield from (f"    {line}" for line in _advice(each, say))
    yield from _conclusion(found, say)


def _advice(each: ModelAdvice, say: Translator) -> Iterator[str]:
    if each.fault:
        yield say(speech.FAULT, why=each.fault)
        return
    if each.measured is None:
        yield say(speech.NOT_HERE, name=each.name)
        return
    yield say(speech.SPEED, cpu=each.measured.cpu, memory=each.measured.memory_mb)
    if not each.fits:
        yield say(speech.TOO_SLOW, wall=each.measured.wall, limit=SLOWEST)
    elif each.role is ModelRole.FIRST:
        yield say(speech.FIRST_CALLS, calls=each.calls)
    elif each.calls:
        yield say(speech.SECOND_CALLS, once=each.calls_at_once, calls=each.calls)
    else:
        yield say(speech.TIGHT)


def _conclusion(found: Advice, say: Translator) -> Iterator[str]:
    if not found.first:
        yield say(speech.ADVICE_NONE)
    elif not found.second:
        yield say(speech.ADVICE_ONE, first=found.first, calls=found.calls)
    else:
        names = {"first": found.first, "second": found.second}
        yield say(speech.ADVICE, calls=found.calls, **names)
        yield say(speech.COMMAND, **names)


def _measured_elsewhere(folder: Path) -> Measured | str:
    """A text says why a model cannot be used."""
    try:
        return Measured(**checked(folder))
    except ModelError as error:
        return str(error)
