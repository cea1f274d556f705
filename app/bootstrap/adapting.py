"""The embedded speech model, adapted to what is published and sold."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.adapters.clock_system import SystemClock
from app.adapters.speech.asr_switch import chosen_model
from app.adapters.speech.speech_adapt import Adapted, Material, Progress, adapt, learned_in
from app.bootstrap.knowledge import make_said, open_knowledge
from app.bootstrap.store import open_store
from app.language.knowledge.content import Knowledge
from app.service.households.records import Customer, Plan
from app.settings import EMBEDDED_MODEL, Settings


def adapt_model(
    settings: Settings, progress: Progress, base: Path = EMBEDDED_MODEL,
    target: Path | None = None,
) -> Adapted:  # fmt: skip
    """A model in HOLDLINE_HOME, with what the one in use has learned from calls (that one is made
    anew where it is); or elsewhere, without. Raises StartError, OSError."""
    material = material_of(settings, open_knowledge(settings).keeper.current().knowledge)
    if target is None:
        current = chosen_model(settings.home, settings.speech_model).folder
        material = replace(material, learned=learned_in(current))
        target = current if material.learned.grams else settings.adapted_model
    target.parent.mkdir(parents=True, exist_ok=True)
    return adapt(base, target, material, SystemClock(settings.tz).now(), progress)


def material_of(settings: Settings, knowledge: Knowledge) -> Material:
    """What is said on this operator's line by what is published and sold. Raises StartError."""
    said = make_said()
    store = open_store(settings)
    with store.reads() as reads:
        plans = [plan.name for plan in reads.find(Plan)]
        estates = {customer.estate for customer in reads.find(Customer)}
    places = sorted({*estates, *knowledge.lexicon.estates.fold} - {""})
    scripts = [*_strings(said.scripts), *said.prompts.values()]
    scripts += [offer.script for offer in said.offers]
    return Material(knowledge, scripts, places, plans, dict(knowledge.lexicon.spellings))


def _strings(data: Any) -> Iterator[str]:
    """Every text in nested data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _strings(value)
