"""What ``prompts/`` and the fault guides say, as the passages that a check of content reads."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.adapters.knowledge.content_files import Said
from app.domain.field.guide import FaultTree
from app.domain.retention.offer import Offer
from app.domain.robot.vocabulary import Deed, Flow
from app.language.knowledge.findings import OfferTerms, Passage

#: What the robot promises with these is kept by the call itself (a message, a person, a call-back,
#: the next step), was done before, or is only asked.
KEPT_BY_THE_CALL = frozenset({
    "no_person", "no_person_angry", "to_message", "to_person", "angry", "gone_silent",
    "wanted", "once_more", "stop_registered", "later", "identity_unknown", "why_reason",
    "condition", "compare",
})  # fmt: skip


def passages(said: Said) -> tuple[Passage, ...]:
    """All that is said besides the FAQ; agents record what they promise in forms and tasks."""
    return (
        *(_offer(offer) for offer in said.offers),
        *(Passage(f"script:{key}", text) for key, text in _texts(said.scripts)),
        *(Passage(f"prompt:{key}", text) for key, text in said.prompts.items()),
        *_robot(said.dialogs),
        *(step for tree in said.faults for step in _steps(tree)),
    )


def offer_terms(said: Said) -> tuple[OfferTerms, ...]:
    """What each offer's script must say of its terms."""
    return tuple(
        OfferTerms(f"offer:{o.code}", o.script, o.months, o.disclosures) for o in said.offers
    )


def _offer(offer: Offer) -> Passage:
    """The script, and before it the plan's price as the offer has it."""
    price = f"{offer.name}每月{offer.monthly_fen // 100}元。" if offer.monthly_fen else ""
    return Passage(f"offer:{offer.code}", price + offer.script)


def _texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """All texts below a node, by the keys that lead there."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, Mapping):
        for name, each in node.items():
            yield from _texts(each, f"{key}.{name}".lstrip("."))


def _robot(flow: Flow) -> Iterator[Passage]:
    for key, text in flow.texts.items():
        yield Passage(f"robot:{key}", text, kept=key in KEPT_BY_THE_CALL)
    for code, task in flow.tasks.items():
        # what is looked up is told at once: that is its deed
        kept = task.act is not Deed.NONE or task.before == "identity"
        for text in (task.start, task.done, task.done_by_phone):
            yield Passage(f"robot:{code}", text, kept)
    for code, slot in flow.slots.items():
        for text in (slot.ask, slot.again, slot.confirm, slot.offer_known):
            yield Passage(f"robot:{code}", text, kept=False)


def _steps(tree: FaultTree) -> Iterator[Passage]:
    for name, step in tree.steps.items():
        yield Passage(f"fault:{tree.code}.{name}", step.say, kept=False)
