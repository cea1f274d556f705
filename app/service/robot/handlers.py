"""The robot's conversation: one event a transaction, so that a restart goes on where it was."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from app.domain.callbacks.callback import draft_of
from app.domain.field.guide import GuideState
from app.domain.retention import case as case_machine
from app.domain.retention.case import NO_OFFER_REASONS, REASONS
from app.domain.retention.offer import fitting
from app.domain.robot import conversation as dialog
from app.domain.robot.vocabulary import (
    Act,
    Acted,
    DialogEffect,
    DialogState,
    Facts,
    Place,
    Say,
    Started,
)
from app.language.texts.spoken_texts import spoken
from app.service.callbacks import handlers as callbacks
from app.service.calls.records import Call, Utterance
from app.service.context import Context
from app.service.field import handlers as tickets
from app.service.field.commands import OpenTicket
from app.service.field.records import FieldTicket, Grid, Outage
from app.service.households.records import Customer, Plan
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.people.records import AuditEntry, User
from app.service.ports import UnitOfWork
from app.service.retention import handlers as cases
from app.service.retention import stock
from app.service.retention.calculators import in_figures, offer_subject, yuan
from app.service.retention.records import OfferTrial
from app.service.robot.commands import PublishDialogs, TalkToRobot
from app.service.robot.records import DialogVersion, RobotTalk
from app.service.state_json import load_case

ROBOT = "机器人"
_ANSWER_WITHIN = timedelta(hours=24)
_UNKNOWN_GRID = "网格待定"


@dataclass(frozen=True, slots=True)
class RobotTurn:
    """What to say and do now; ``slow`` where the caller asked for it."""

    effects: tuple[DialogEffect, ...]
    place: str
    slow: bool


def load_dialog(text: str) -> DialogState:
    data = json.loads(text)
    given = data["guide"]
    guide = (
        GuideState(given["tree"], given["step"], tuple(map(tuple, given["trail"])))
        if given
        else None
    )
    data.update(place=Place(data["place"]), said=tuple(data["said"]),
                finished=tuple(data["finished"]), guide=guide)  # fmt: skip
    return DialogState(**data)


def talk(command: TalkToRobot, uow: UnitOfWork, context: Context) -> RobotTurn:
    """One event of the conversation; what is to be done is done in the same transaction."""
    call = require(uow, Call, command.call_id, lock=True)
    row = uow.get(RobotTalk, call.id, lock=True)
    state = load_dialog(row.state_json) if row is not None else DialogState()
    flow = context.content.current().dialogs
    facts = _facts(uow, context, call)
    event = command.event
    if isinstance(event, Started) and row is not None:
        event = replace(event, resumed=True)
    state, effects = dialog.step(flow, facts, state, event)
    said: list[DialogEffect] = []
    pending = list(effects)
    while pending:
        effect = pending.pop(0)
        if isinstance(effect, Act):
            values = _ACTS[effect.what](uow, context, call, effect.values)
            state, more = dialog.step(flow, facts, state, Acted(values))
            pending = [*more, *pending]
        else:
            said.append(effect)
    _keep(uow, context, call, row, state)
    _write_down(uow, context, call, said, command.at_ms)
    return RobotTurn(tuple(said), state.place, state.slow)


def _keep(
    uow: UnitOfWork, context: Context, call: Call, row: RobotTalk | None,
    state: DialogState,
) -> None:  # fmt: skip
    now = context.clock.now()
    if row is None:
        row = RobotTalk(call.id, "", "", "", now)
        uow.add(row)
    row.state_json = json.dumps(asdict(state), ensure_ascii=False)
    row.place, row.task, row.outcome = state.place, state.task or row.task, state.outcome
    row.turns += 1
    row.ended_at = now if state.place is Place.GONE else None


def _write_down(
    uow: UnitOfWork, context: Context, call: Call, said: list[DialogEffect], at_ms: int
) -> None:
    """What the robot says belongs to the transcript."""
    text = "".join(effect.text for effect in said if isinstance(effect, Say))
    if not text:
        return
    words = json.dumps([], ensure_ascii=False)
    utterance = Utterance(call.id, "robot", at_ms, at_ms, text, words, 1.0)
    uow.add(utterance)
    uow.flush()
    agent, spoken = call.agent_id or 0, utterance.id or 0
    uow.notify(Notice(NoticeKind.UTTERANCE, call.id, agent, subject_id=spoken, side="robot"))


# -- what the house knows ------------------------------------------------------------------------


def _facts(uow: UnitOfWork, context: Context, call: Call) -> Facts:
    content = context.content.current()
    customer = uow.get(Customer, call.customer_id) if call.customer_id else None
    facts = Facts(
        phone="".join(filter(str.isdigit, call.caller)), trees=content.faults,
        hour=context.clock.local().hour,
        staffed=context.hours.is_open(context.clock.local()) and bool(uow.staffed_agents()),
        on_duty=bool(context.on_duty and uow.find(User, name=context.on_duty, active=True)),
    )  # fmt: skip
    if customer is None:
        return facts
    plan = require(uow, Plan, customer.plan_code)
    owes = f"欠费{yuan(customer.arrears_fen)}元" if customer.arrears_fen else "没有欠费"
    until = f"{customer.expires_on.year}年{customer.expires_on.month}月{customer.expires_on.day}日"
    bill = f"您的套餐是{plan.name}，每月{yuan(plan.monthly_fen)}元，{until}到期，{owes}"
    return replace(
        facts, address=customer.address, last4=customer.id_last4, bill=bill,
        outage=_outage(uow, context, customer), offers=_offers(uow, context, customer),
    )  # fmt: skip


def _outage(uow: UnitOfWork, context: Context, customer: Customer) -> str:
    now = context.clock.now()
    for row in uow.find(Outage, grid_id=customer.grid_id):
        if row.ended_at is None and row.until > now:
            return f"您那边现在有大面积故障，{row.text}，师傅正在抢修。"
    return ""


def _offers(uow: UnitOfWork, context: Context, customer: Customer) -> dict[str, tuple[str, str]]:
    """The best offer for each reason, in words; never one that was made before."""
    today = context.clock.local().date()
    plan = require(uow, Plan, customer.plan_code)
    subject = replace(offer_subject(customer, plan, today), sold_out=stock.sold_out(uow))
    made, offers = set(uow.offers_made(customer.id or 0)), context.content.current().offers
    found = {}
    for reason in REASONS:
        fit = (
            fitting(offers, subject, reason, made, today) if reason not in NO_OFFER_REASONS else ()
        )
        if fit:
            found[reason] = (fit[0].code, in_figures(fit[0], plan.monthly_fen).words)
    return found


# -- what the robot does -------------------------------------------------------------------------


def _ticket(
    uow: UnitOfWork, context: Context, call: Call, values: Mapping[str, str], kind: str
) -> Mapping[str, str]:
    """A ticket in the robot's name; without a known household the grid is found by the address."""
    when = values.get("when", "")
    brief = "；".join(filter(None, (
        values.get("what", ""), values.get("story", ""), f"方便时间：{when}" if when else "",
    )))  # fmt: skip
    grid_id = None
    if call.customer_id is None:
        grid_id, sure = _grid_of(uow, values.get("address", ""))
        brief = brief if sure else f"{brief}；{_UNKNOWN_GRID}"
    wanted = OpenTicket(
        call.id, 0, kind, values.get("address", "") or "电话联系", values.get("phone", ""),
        when, brief, grid_id,
    )  # fmt: skip
    key = tickets.open_for(wanted, uow, context, call, ROBOT)
    number = require(uow, FieldTicket, key).number
    return {"number": spoken(number.rpartition("-")[2]), "promise": when}


def _grid_of(uow: UnitOfWork, address: str) -> tuple[int, bool]:
    """The grid whose estates an address names, else the first one."""
    grids = uow.find(Grid)
    found = uow.grid_of_address(address) if address else None
    return (found, True) if found is not None else (grids[0].id or 0, False)


def _fault(
    uow: UnitOfWork, context: Context, call: Call, values: Mapping[str, str]
) -> Mapping[str, str]:
    return _ticket(uow, context, call, values, "fault")


def _service(
    uow: UnitOfWork, context: Context, call: Call, values: Mapping[str, str]
) -> Mapping[str, str]:
    return _ticket(uow, context, call, values, "service")


def _complaint(
    uow: UnitOfWork, context: Context, call: Call, values: Mapping[str, str]
) -> Mapping[str, str]:
    """Recorded, and somebody rings back in a day."""
    call.intent = call.intent or "complaint.complaint"
    due = context.clock.now() + _ANSWER_WITHIN
    callbacks.note(uow, context, call, "robot", values.get("story", ""), due)
    return _ticket(uow, context, call, values, "complaint")


def _stop(
    uow: UnitOfWork, context: Context, call: Call, values: Mapping[str, str]
) -> Mapping[str, str]:
    """The wish is registered as it is: a case with its second stage, and a call-back."""
    kind = call.intent.partition(".")[2] if call.intent.startswith("disconnect.") else "cancel"
    kind = kind if kind in ("suspend", "cancel", "switch") else "cancel"
    _write_case(uow, context, call, kind, values)
    wants = "愿意了解优惠" if values.get("wants_offer") else "不要优惠"
    text = f"要停：{values.get('why', '') or values.get('what', '')}；{wants}"
    call.intent = call.intent or f"disconnect.{kind}"
    callbacks.note(uow, context, call, "robot", text)
    return _ticket(uow, context, call, {**values, "story": text}, "retention")


def _write_case(
    uow: UnitOfWork, context: Context, call: Call, kind: str, values: Mapping[str, str]
) -> None:
    """The case with the reason and the offer that the robot made: nobody makes it again. What is
    heard binds nobody: a yes stays "shown" until a person confirms it."""
    case = cases.case_of(uow, call.id) or cases.open_new(uow, context, call, kind)
    state = load_case(case.state_json)
    reason = values.get("reason", "") if values.get("reason", "") in REASONS else "other"
    if not state.reason:
        state = cases.attempt(state, case_machine.ReasonGiven(reason))
    offer = values.get("offer", "")
    if offer and case_machine.OfferShown in case_machine.allowed(state.phase):
        state = case_machine.step(state, case_machine.OfferShown(offer))
        if not values.get("wants_offer"):
            state = case_machine.step(state, case_machine.OfferDeclined())
        assert case.id is not None  # noqa: S101  flushed
        outcome, now = state.trials[-1].outcome, context.clock.now()
        uow.add(OfferTrial(case.id, offer, now, outcome, call.customer_id))
    cases.store(case, state, context)


def _nothing(*_: object) -> Mapping[str, str]:
    return {}


_ACTS: dict[str, Callable[..., Mapping[str, str]]] = {
    "fault": _fault, "service": _service, "complaint": _complaint, "stop": _stop, "none": _nothing,
}  # fmt: skip


def learned(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The caller hung up on the robot: who wanted something that was not finished is rung back."""
    row = uow.get(RobotTalk, call.id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = context.clock.now()
    state = load_dialog(row.state_json)
    if state.task and state.task not in state.finished and not state.outcome:
        what = state.values.get("what", "")
        draft = draft_of(call.intent or state.task, state.values, what)
        callbacks.note(uow, context, call, "robot", what, draft=draft)


def publish_dialogs(command: PublishDialogs, uow: UnitOfWork, context: Context) -> int:
    """Raises ContentError naming what cannot be played; nothing changes then."""
    context.content.dialogs_of(command.text)
    now = context.clock.now()
    version = DialogVersion(command.text, now, command.who, command.note.strip()[:200])
    uow.add(version)
    uow.flush()
    uow.add(AuditEntry(now, command.who, "dialogs_published", str(version.id)))
    uow.notify(Notice(NoticeKind.DIALOGS))
    assert version.id is not None  # noqa: S101  flushed
    return version.id
