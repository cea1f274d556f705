"""The summary of a call, drafted from what was heard and done; the agent corrects it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.domain.retention.case import CasePhase
from app.domain.retention.disclosure import DisclosureState
from app.language.understanding.moments import find_moment
from app.service.calls.queries import CallView
from app.service.ports import Content

Label = Callable[[str, str], str]
#: A promise without a time is due so much later.
PROMISE_WITHIN = timedelta(hours=24)
_EVENING = time(18, 0)
_PARTS = {
    "morning": time(12, 0),
    "noon": time(13, 0),
    "afternoon": time(18, 0),
    "evening": time(20, 0),
    "night": time(22, 0),
}
_LONGEST_PROMISE = 60
_GOODBYE = re.compile("(?:再见|拜拜|感谢.*来电|祝您.*愉快)+$")


@dataclass(frozen=True, slots=True)
class PromiseHeard:
    """Words of the agent that promise something; ``due_at`` in the operator's time."""

    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    text: str
    promises: tuple[PromiseHeard, ...]


def draft(view: CallView, content: Content, now: datetime, label: Label) -> Summary:
    """``now``: the operator's wall clock; ``label``: names of codes, in Chinese."""
    lines = [line for line in (_wish(view, content, label), *_case(view, content, label),
                               *_guides(view, content), _gate(view, content),
                               _tickets(view)) if line]  # fmt: skip
    return Summary("\n".join(lines), tuple(_promises(view, content, now)))


def _wish(view: CallView, content: Content, label: Label) -> str:
    kind = next((k for k in content.knowledge.kinds if k.id == view.call.intent), None)
    said = next((u.text for u in view.utterances if u.side == "caller"
                 and u.intent == view.call.intent and u.action == "act"), "")  # fmt: skip
    name = kind.name.get("zh", "") if kind is not None else label("outcome", view.call.outcome)
    return f"来电：{name}" + (f"（“{said[:40]}”）" if said else "") if name else ""


def _case(view: CallView, content: Content, label: Label) -> Iterator[str]:
    if view.case is None:
        return
    state = view.case.state
    if state.reason:
        yield f"原因：{label('reason', state.reason)}"
    for trial in state.trials:
        offer = content.offer(trial.offer)
        yield f"优惠：{offer.name if offer else trial.offer}，{label('trial', trial.outcome)}"
    if state.phase is not CasePhase.ASKED:
        yield f"结果：{label('case', state.phase)}"


def _guides(view: CallView, content: Content) -> Iterator[str]:
    ends = {"solved": "已解决", "remote": "远程判断", "ticket": "派单", "": "未完"}
    for row in view.guides:
        tree = next((t for t in content.faults if t.code == row.tree), None)
        steps = len(row.state.trail)
        name = tree.name.get("zh", row.tree) if tree is not None else row.tree
        yield f"故障引导：{name}，{steps}步，{ends[row.outcome]}"


def _gate(view: CallView, content: Content) -> str:
    missed = [d.code for d in view.disclosures if d.binding and d.state in (
        DisclosureState.OPEN, DisclosureState.ASKED, DisclosureState.MISSED)]  # fmt: skip
    names = [
        content.spoken.statements[c].name["zh"] for c in missed if c in content.spoken.statements
    ]
    return f"未说要点：{'、'.join(names)}" if names else ""


def _tickets(view: CallView) -> str:
    return "工单：" + "、".join(t.number for t in view.tickets) if view.tickets else ""


def _promises(view: CallView, content: Content, now: datetime) -> Iterator[PromiseHeard]:
    seen = set()
    for said in view.utterances:
        if said.side != "agent" or not content.spoken.promised(said.text):
            continue
        text = _GOODBYE.sub("", said.text)[:_LONGEST_PROMISE]
        if text not in seen:
            seen.add(text)
            yield PromiseHeard(text, due(said.text, now))
    for ticket in view.tickets:
        if ticket.promise:
            yield PromiseHeard(f"{ticket.number}：{ticket.promise}", due(ticket.promise, now))


def due(text: str, now: datetime) -> datetime:
    """When a promise is due: the moment that its words name, else a day later (wall clock)."""
    moment = find_moment(text, now)
    if moment is None or not (moment.day or moment.time):
        return now + PROMISE_WITHIN
    day = now.date() if not moment.day else datetime.fromisoformat(moment.day).date()
    clock = _PARTS.get(moment.part, _EVENING)
    if re.fullmatch(r"\d{2}:\d{2}", moment.time or ""):
        clock = time.fromisoformat(moment.time)
    at = datetime.combine(day, clock, now.tzinfo)
    return at if at > now else at + timedelta(days=1)


def edited(draft_text: str, note: str) -> bool:
    """Whether the agent changed the drafted summary."""
    return _plain(draft_text) != _plain(note)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)
