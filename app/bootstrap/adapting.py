"""The embedded speech model, adapted to what is published and sold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.adapters.speech.speech_adapt import Adapted, Material, Progress, adapt
from app.bootstrap.knowledge import make_said, open_knowledge
from app.bootstrap.store import open_store
from app.service.households.records import Customer, Plan
from app.settings import EMBEDDED_MODEL, Settings


def adapt_model(
    settings: Settings, progress: Progress, base: Path = EMBEDDED_MODEL,
    target: Path | None = None,
) -> Adapted:  # fmt: skip
    """A model in HOLDLINE_HOME, or elsewhere. Raises StartError, OSError."""
    knowledge = open_knowledge(settings).keeper.current().knowledge
    said = make_said()
    store = open_store(settings)
    with store.reads() as reads:
        plans = [plan.name for plan in reads.find(Plan)]
        estates = {customer.estate for customer in reads.find(Customer)}
    places = sorted({*estates, *knowledge.lexicon.estates.fold} - {""})
    scripts = [*_strings(said.scripts), *said.prompts.values()]
    scripts += [offer.script for offer in said.offers]
    material = Material(knowledge, scripts, places, plans, dict(knowledge.lexicon.spellings))
    target = target or settings.adapted_model
    target.parent.mkdir(parents=True, exist_ok=True)
    return adapt(base, target, material, store.clock.now(), progress)


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
