"""What goes before every other card: danger, a death, a minor on the line, deceit, a threat."""

from enum import StrEnum
from typing import Any

from app.language.understanding.understood import Understanding
from app.service.calls.card_shapes import CareCard
from app.service.calls.queries import CallView
from app.service.calls.records import Utterance
from app.service.ports import Content


class Care(StrEnum):
    """In the order in which they lead; keys of ``care`` in prompts/agent/scripts.yaml."""

    CRISIS = "crisis"
    DANGER = "danger"
    BEREAVED = "bereaved"
    MINOR = "minor"
    FRAUD = "fraud"
    THREAT = "threat"
    ABROAD = "abroad"


_BY_INTENT = {
    "human.crisis": Care.CRISIS, "fault.danger": Care.DANGER,
    "complaint.fraud": Care.FRAUD, "complaint.threat": Care.THREAT,
}  # fmt: skip
_BY_FACT = {"deceased": Care.BEREAVED, "minor": Care.MINOR, "abroad": Care.ABROAD}
#: Entries of the knowledge base that tell of danger, whatever kind the words were taken for.
_DANGER_ENTRIES = frozenset({"box-hot", "line-danger"})
_SURE_ENTRY = 0.7
_ORDER = tuple(Care)
_ACTED = ("act", "clarify")
_SETTLED = ("answered", "dismissed")
#: A case has a card of its own for these, with the formalities that belong to them.
_WITH_CASE = frozenset({Care.BEREAVED, Care.ABROAD})


def care_of(heard: Understanding) -> Care | None:
    """What the words of a caller call for before anything else."""
    found = set(map(_BY_FACT.get, _facts(heard)))
    if heard.family != "disconnect":
        found.discard(Care.ABROAD)
    if heard.action in _ACTED:
        found.add(_BY_INTENT.get(heard.intent))
        found.add(Care.DANGER if _tells_of_danger(heard) else None)
    return next((care for care in _ORDER if care in found), None)


def _facts(heard: Understanding) -> set[str]:
    """Facts about the household, and the reasons that are facts too."""
    facts = heard.slots.get("household", "").split(",")
    return {*facts, heard.slots.get("reason", "")}


def _tells_of_danger(heard: Understanding) -> bool:
    best = heard.faq[0] if heard.faq else None
    return best is not None and best.id in _DANGER_ENTRIES and best.score >= _SURE_ENTRY


def stop_reason(heard: Understanding) -> str:
    """The reason for stopping in a caller's words: a death goes before all others."""
    if care_of(heard) is Care.BEREAVED:
        return "deceased"
    return heard.slots.get("reason", "")


def leading(view: CallView) -> tuple[Utterance, Understanding, Care] | None:
    """The gravest matter that nobody has settled, the newest of its kind; None where there is none,
    the case has its own card for it, or the agent has brought something else to the front."""
    settled = {fate.utterance_id for fate in view.fates if fate.fate in _SETTLED}
    fronted = {fate.utterance_id for fate in view.fates if fate.fate == "front"}
    found = [each for each in _all(view) if each[0].id not in settled]
    if not found:
        return None
    first = min(reversed(found), key=lambda each: _ORDER.index(each[2]))
    elsewhere = bool(fronted) and first[0].id not in fronted
    by_case = view.case is not None and first[2] in _WITH_CASE
    return None if elsewhere or by_case else first


def _all(view: CallView) -> list[tuple[Utterance, Understanding, Care]]:
    said = [(u, u.understanding) for u in view.utterances if u.side == "caller"]
    found = [(u, heard, care_of(heard)) for u, heard in said if heard is not None]
    return [(u, heard, care) for u, heard, care in found if care is not None]


def beside_case(view: CallView) -> Care | None:
    """What the retention card itself has to care for."""
    heard = {care for _, _, care in _all(view)} & _WITH_CASE
    if view.case is not None and view.case.reason in _BY_FACT:
        heard.add(_BY_FACT[view.case.reason])
    return next((care for care in _ORDER if care in heard), None)


def care_card(care: Care, content: Content) -> CareCard:
    """The words and steps for it."""
    text: dict[str, Any] = content.scripts["care"][care]
    given = {name: str(text.get(name, "")) for name in ("ticket", "brief", "promise", "form")}
    return CareCard(care, str(text["say"]), tuple(map(str, text["steps"])), **given)
