"""The call-back list (回电清单): who is rung next, how often, and when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused

MOST_ATTEMPTS = 3
#: Until the next attempt after the first, second, …: three attempts over two days.
WAITS = (timedelta(hours=2), timedelta(hours=22), timedelta(hours=24))


class CallbackState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    UNREACHED = "unreached"
    RANG_BACK = "rang_back"


class CallbackEvent(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    RANG_BACK = "rang_back"


S, E = CallbackState, CallbackEvent
_TABLE: dict[tuple[CallbackState, CallbackEvent], CallbackState] = {
    (S.OPEN, E.CLAIM): S.CLAIMED,
    (S.CLAIMED, E.RELEASE): S.OPEN,
    (S.CLAIMED, E.REACHED): S.DONE,
    (S.CLAIMED, E.NO_ANSWER): S.OPEN,
    (S.OPEN, E.RANG_BACK): S.RANG_BACK,
    (S.CLAIMED, E.RANG_BACK): S.RANG_BACK,
}
WAITING = (S.OPEN, S.CLAIMED)
CLOSED = frozenset({S.DONE, S.UNREACHED, S.RANG_BACK})


@dataclass(frozen=True, slots=True)
class Callback:
    state: CallbackState = S.OPEN
    attempts: int = 0


def step(callback: Callback, event: CallbackEvent) -> Callback:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((callback.state, event))
    if after is None:
        raise Refused(
            RefusalCode.CALLBACK_STATE, f"{event} is not possible while it is {callback.state}"
        )
    attempts = callback.attempts + (event in (E.REACHED, E.NO_ANSWER))
    if event is E.NO_ANSWER and attempts >= MOST_ATTEMPTS:
        after = S.UNREACHED
    return replace(callback, state=after, attempts=attempts)


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When to try again after this many failed attempts."""
    return now + WAITS[min(attempts, len(WAITS)) - 1]


#: How much each kind of wish weighs: who wants to leave is lost by waiting.
URGENCY: Mapping[str, int] = {
    "disconnect": 60, "complaint": 55, "fault": 40, "billing": 25, "service": 25, "plan": 20,
    "human": 20,
}  # fmt: skip
_HOUR_S, _A_DAY_H = 3600, 24
_OVERDUE, _DUE_SOON, _OLD_CUSTOMER, _OWES = 40, 20, 10, -5


@dataclass(frozen=True, slots=True)
class Waiting:
    """What decides a call-back's place in the list; the input of ``rank``."""

    intent: str
    waited_s: float
    due_in_s: float | None = None
    tenure_months: int = 0
    arrears_fen: int = 0
    messages: int = 1


def rank(waiting: Waiting) -> int:
    """Points for the order of the list; the highest is rung first. Churn risk and urgency count
    most, then the promised time, the waiting time, loyalty and how often they rang."""
    points = URGENCY.get(waiting.intent.partition(".")[0], 10)
    if waiting.due_in_s is not None:
        points += _OVERDUE if waiting.due_in_s < 0 else _DUE_SOON * (waiting.due_in_s < _HOUR_S)
    points += min(_A_DAY_H, int(waiting.waited_s // _HOUR_S))
    points += _OLD_CUSTOMER * (waiting.tenure_months >= 36)
    points += _OWES * (waiting.arrears_fen > 0)
    return points + 8 * (waiting.messages - 1)


#: The ticket that comes of a wish, by intent or family.
_TICKETS: Mapping[str, str] = {
    "fault": "fault", "complaint": "complaint", "service": "service", "plan.change": "service",
    "disconnect": "retention",
}  # fmt: skip


#: Questions of families whose other kinds open tickets.
_ONLY_ASKED = frozenset({"service.other"})


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket drafted from what a caller said; whoever rings back completes and opens it.
    ``number`` is empty until it is opened."""

    kind: str
    address: str = ""
    phone: str = ""
    when: str = ""
    brief: str = ""
    number: str = ""


def draft_of(intent: str, slots: Mapping[str, str], text: str) -> TicketDraft | None:
    """Draft the ticket that a message asks for; None if nothing has to be opened for it."""
    kind = _TICKETS.get(intent) or _TICKETS.get(intent.partition(".")[0])
    if kind is None or intent in _ONLY_ASKED:
        return None
    address = slots.get("address", "") or slots.get("estate", "")
    when = slots.get("when", "") or slots.get("date", "")
    return TicketDraft(kind, address, slots.get("phone", ""), when, text)


def merged(before: TicketDraft | None, after: TicketDraft | None) -> TicketDraft | None:
    """Join the drafts of two messages of one caller: newer values win, others stay; an opened draft
    is not continued."""
    if before is None or after is None or before.number:
        return after or before
    brief = " / ".join(dict.fromkeys(filter(None, (before.brief, after.brief))))
    return TicketDraft(
        after.kind if before.kind != "retention" else before.kind, after.address or before.address,
        after.phone or before.phone, after.when or before.when, brief,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asks for, as far as it was understood."""

    text: str
    intent: str = ""
    draft: TicketDraft | None = None


_BETWEEN = " / "


def joined(*texts: str) -> str:
    """The words of several messages of one caller."""
    return _BETWEEN.join(filter(None, texts))


def reworded(text: str, before: str, after: str) -> str | None:
    """The words of several messages where one of them was heard again; None where they do not
    have it."""
    parts = text.split(_BETWEEN) if text else []
    if before and before not in parts:
        return None
    if before:
        parts[parts.index(before)] = after
    return joined(*(parts if before else [*parts, after]))


def redrafted(kept: TicketDraft | None, before: Asked, after: Asked) -> TicketDraft | None:
    """The draft of several messages where one of them was heard again: what it names now counts,
    what others or nobody named stays. An opened draft is not touched."""
    if kept is not None and kept.number:
        return kept
    if kept is None or after.draft is None:
        alone = kept is None or kept.brief == before.text
        return after.draft if alone else kept
    brief = reworded(kept.brief, before.text, after.text)
    if brief == after.text:
        return after.draft
    return replace(merged(kept, after.draft) or kept, brief=brief or kept.brief)
