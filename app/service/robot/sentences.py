"""Everything that the robot may say, as it stands in the content: what can be recorded before."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.field.guide import FaultTree
from app.domain.retention.offer import Offer
from app.domain.robot.speaker import sentences
from app.domain.robot.vocabulary import Flow
from app.language.understanding.faq import FaqEntry

_GAP = re.compile(r"\{[a-z0-9_]*\}")
#: What a turn says of itself while a number comes in pieces.
_ATTENTION = "嗯"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The content with words for the line. ``prompts``: the line's own, by key."""

    prompts: Mapping[str, str]
    dialogs: Flow
    faults: Sequence[FaultTree]
    offers: Sequence[Offer]
    entries: Sequence[FaqEntry]


def fixed_sentences(texts: Texts) -> tuple[str, ...]:
    """Sentences that are always the same, once each, in the order of the content."""
    return tuple(dict.fromkeys(text for text in _all(texts) if _is_fixed(text)))


def _is_fixed(text: str) -> bool:
    return not _GAP.search(text) and any(map(str.isalnum, text))


def templates(texts: Texts) -> tuple[str, ...]:
    """Sentences with figures or names in braces; what is the same in them can be recorded."""
    return tuple(dict.fromkeys(text for text in _all(texts) if _GAP.search(text)))


def _all(texts: Texts) -> Iterator[str]:
    """The line's own prompts are said as a whole, the robot's turns sentence by sentence."""
    yield from texts.prompts.values()
    yield from (sentence for text in _turns(texts) for sentence in sentences(text))


def _turns(texts: Texts) -> Iterator[str]:
    yield from _of_dialogs(texts.dialogs)
    yield from (step.say for tree in texts.faults for step in tree.steps.values())
    yield from (offer.script for offer in texts.offers)
    yield from (entry.spoken or entry.answer for entry in texts.entries)


def _of_dialogs(flow: Flow) -> Iterator[str]:
    yield _ATTENTION
    for name, text in flow.texts.items():
        if not name.startswith("hello_"):
            yield from _filled(text, flow)
    for task in flow.tasks.values():
        yield from (task.start, task.done, task.done_by_phone)
    for slot in flow.slots.values():
        yield from (slot.ask, slot.again, slot.confirm, slot.offer_known)


def _filled(text: str, flow: Flow) -> Iterable[str]:
    """A text in all its forms, where the dialogs themselves say what is filled in."""
    if "{hello}" in text:
        hellos = (hello for name, hello in flow.texts.items() if name.startswith("hello_"))
        return [text.replace("{hello}", hello) for hello in hellos]
    if "{task}" in text:
        return [text.replace("{task}", task.name) for task in flow.tasks.values()]
    return [text]
