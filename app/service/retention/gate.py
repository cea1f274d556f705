"""The disclosure gate: what must be said is asked for, ticked when heard, missed at the end."""

from collections.abc import Iterable
from datetime import timedelta

from app.domain.calls.log_kind import CallLogKind
from app.domain.ids import DisclosureId
from app.domain.retention import disclosure as machine
from app.domain.retention.disclosure import Disclosure, DisclosureEvent, DisclosureState
from app.domain.retention.offer import Offer
from app.language.understanding import consent
from app.language.understanding.statements import SpokenRules
from app.language.understanding.understood import Understanding
from app.service.callbacks import tasks
from app.service.callbacks.records import Task
from app.service.calls.records import Call, CallEvent, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.households.records import Customer, Plan
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import wrong_words
from app.service.retention.calculators import penalty_fen
from app.service.retention.commands import TickDisclosure
from app.service.retention.records import Disclosure as DisclosureRecord

REPAIR_WITHIN = timedelta(hours=24)
#: Stops that end a contract: the penalty has to be said while one runs.
_ENDING = frozenset({"cancel", "switch"})


def _rules(context: Context) -> SpokenRules:
    return context.content.current().spoken


def rows_of(uow: UnitOfWork, call_id: str) -> list[DisclosureRecord]:
    return list(uow.find(DisclosureRecord, call_id=call_id))


def _require(
    uow: UnitOfWork, context: Context, call_id: str, codes: Iterable[str], why: str,
    *, binding: bool,
) -> None:  # fmt: skip
    """Ask for statements; one that was said already in this call is not asked for again."""
    known = {row.code: row for row in rows_of(uow, call_id) if row.state != DisclosureState.DROPPED}
    for code in codes:
        row = known.get(code)
        again = code == machine.CONFIRM and row is not None and row.why != why
        if row is None or (again and row.state in machine.DONE):
            uow.add(
                DisclosureRecord(
                    call_id=call_id,
                    code=code,
                    why=why,
                    state=DisclosureState.OPEN,
                    required_at=context.clock.now(),
                    binding=binding,
                )
            )
        elif binding:
            row.binding = True


def offer_shown(uow: UnitOfWork, context: Context, call_id: str, offer: Offer) -> None:
    """What belongs to an offer is listed as soon as it is on the table."""
    _require(uow, context, call_id, offer.disclosures, f"offer:{offer.code}", binding=False)


def offer_answered(
    uow: UnitOfWork, context: Context, call_id: str, code: str, *, accepted: bool
) -> None:
    """Accepted: its statements bind. Declined: those that were not said are dropped."""
    for row in rows_of(uow, call_id):
        if row.why != f"offer:{code}":
            continue
        if accepted:
            row.binding = True
        elif row.state in machine.UNSAID and not row.binding:
            _move(row, DisclosureEvent.DROPPED, context)


def stop_begun(
    uow: UnitOfWork, context: Context, call: Call, kind: str
) -> None:  # fmt: skip
    """The formalities of a stop: which statements depends on the contract."""
    situation = "suspend"
    if kind in _ENDING:
        situation = "cancel_in_contract" if _penalty(uow, context, call) else "cancel"
    codes = _rules(context).situations.get(situation, ())
    _require(uow, context, call.id, codes, situation, binding=True)


def _penalty(uow: UnitOfWork, context: Context, call: Call) -> int | None:
    """The penalty for ending the contract today, in fen; None if the customer is not known."""
    if call.customer_id is None:
        return None
    customer = require(uow, Customer, call.customer_id)
    plan = require(uow, Plan, customer.plan_code)
    return penalty_fen(customer, plan, context.clock.local().date())


def hear(
    uow: UnitOfWork, context: Context, call: Call, utterance: Utterance,
    heard: Understanding | None,
) -> None:  # fmt: skip
    """An utterance of either side, in the call. The card follows where anything changed."""
    if _hear(uow, context, call, utterance, heard):
        uow.notify(Notice(NoticeKind.CARD, call.id, call.agent_id or 0))


def _hear(
    uow: UnitOfWork, context: Context, call: Call, utterance: Utterance,
    heard: Understanding | None,
) -> bool:  # fmt: skip
    """Whether anything changed by an utterance, heard first or again."""
    rows = rows_of(uow, call.id)
    if utterance.side != "agent":
        return heard is not None and _answered(rows, utterance, heard, context)
    changed = _said(rows, utterance, context)
    if not _rules(context).closes(utterance.first_text):
        changed |= _closing(uow, context, call, rows, utterance)
    return wrong_words.check(uow, context, call, utterance) or changed


def revise(
    uow: UnitOfWork, context: Context, call: Call, utterance: Utterance,
    heard: Understanding | None,
) -> None:  # fmt: skip
    """An utterance says something else now: what only its first words had ticked is open again."""
    codes = _rules(context).said(utterance.text) if utterance.side == "agent" else frozenset()
    agrees = heard is not None and _answer(utterance, heard) is DisclosureEvent.AGREED
    for row in rows_of(uow, call.id):
        if row.utterance_id == utterance.id and row.code not in codes and not agrees:
            _move(row, DisclosureEvent.MISHEARD, context)
    wrong_words.forget(uow, call, utterance)
    _hear(uow, context, call, utterance, heard)
    uow.notify(Notice(NoticeKind.CARD, call.id, call.agent_id or 0))


def revise_later(uow: UnitOfWork, context: Context, call: Call, utterance: Utterance) -> None:
    """The call is over: what was missed and is found said counts, a wrong figure that was not said
    goes; nothing is missed or wrong only now."""
    if utterance.side != "agent":
        return
    wrong_words.forget_unsaid(uow, context, call, utterance)
    statements, codes = _rules(context).statements, _rules(context).said(utterance.text)
    found = [
        row.code for row in rows_of(uow, call.id)
        if row.code in codes and row.code in statements and not statements[row.code].confirmation
        and _move(row, DisclosureEvent.FOUND, context, utterance)
    ]  # fmt: skip
    if found:
        missed = [r.code for r in rows_of(uow, call.id) if r.state == DisclosureState.MISSED]
        tasks.repair_only(uow, context, call.id, _named(context, missed))


def _named(context: Context, codes: Iterable[str]) -> str:
    """Statements as an agent reads them."""
    statements = _rules(context).statements
    return "、".join(statements[c].name["zh"] if c in statements else c for c in codes)


def _keep(
    row: DisclosureRecord, event: DisclosureEvent, context: Context,
    utterance: Utterance | None = None,
) -> bool:  # fmt: skip
    """One event through the machine; answers whether the state changed. Raises Refused where the
    table says no; nothing else moves a statement."""
    before = DisclosureState(row.state)
    statement = _rules(context).statements.get(row.code)
    confirmation = statement is not None and statement.confirmation
    after = machine.step(Disclosure(row.code, confirmation, before), event)
    row.state, row.at = after.state, context.clock.now()
    row.utterance_id = utterance.id if utterance is not None else row.utterance_id
    return after.state is not before


def _move(
    row: DisclosureRecord, event: DisclosureEvent, context: Context,
    utterance: Utterance | None = None,
) -> bool:  # fmt: skip
    """What is heard may come too late; then it changes nothing."""
    if event not in machine.allowed(DisclosureState(row.state)):
        return False
    return _keep(row, event, context, utterance)


def _said(rows: list[DisclosureRecord], utterance: Utterance, context: Context) -> bool:
    codes = _rules(context).said(utterance.text)
    found = [row for row in rows if row.code in codes]
    moved = [_move(row, DisclosureEvent.HEARD, context, utterance) for row in found]
    return any(moved)


def _answered(
    rows: list[DisclosureRecord], utterance: Utterance, heard: Understanding,
    context: Context,
) -> bool:  # fmt: skip
    """Yes or no to the second confirmation."""
    event = _answer(utterance, heard)
    if event is None:
        return False
    asked = [row for row in rows if row.state == DisclosureState.ASKED]
    moved = [_move(row, event, context, utterance) for row in asked]
    return any(moved)


#: An answer is in the words; what is no sentence (嗯) is what the engine made of it.
_BY_WORDS = {consent.YES: DisclosureEvent.AGREED, consent.NO: DisclosureEvent.REFUSED}
_BY_FAMILY = {"affirm": DisclosureEvent.AGREED, "deny": DisclosureEvent.REFUSED}


def _answer(utterance: Utterance, heard: Understanding) -> DisclosureEvent | None:
    """What a customer's words answer to the second confirmation."""
    return _BY_WORDS.get(consent.answered(utterance.text)) or _BY_FAMILY.get(heard.family)


def _closing(
    uow: UnitOfWork, context: Context, call: Call, rows: list[DisclosureRecord],
    utterance: Utterance,
) -> bool:  # fmt: skip
    """Saying good-bye while something that was sold is unsaid raises a calm alarm."""
    missing = [row.code for row in rows if row.binding and row.state in machine.UNSAID]
    if not missing or not _rules(context).closes(utterance.text):
        return False
    now = context.clock.now()
    uow.add(
        CallEvent(call_id=call.id, at=now, kind=CallLogKind.GATE_ALARM, detail=",".join(missing))
    )
    return True


@handles(TickDisclosure)
def tick(command: TickDisclosure, uow: UnitOfWork, context: Context) -> DisclosureId:
    """The agent says that it was said. Raises Refused where the table says no."""
    row = require(uow, DisclosureRecord, command.disclosure_id, lock=True)
    call = own_call(uow, row.call_id, command.actor)
    _keep(row, DisclosureEvent.TICKED, context)
    now = context.clock.now()
    uow.add(CallEvent(call_id=call.id, at=now, kind=CallLogKind.DISCLOSURE_TICKED, detail=row.code))
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
    return command.disclosure_id


def end(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The call is over: what binds and was not said is missed, and becomes a repair task."""
    missed = []
    for row in rows_of(uow, call.id):
        event = DisclosureEvent.ENDED if row.binding else DisclosureEvent.DROPPED
        if _move(row, event, context) and row.binding:
            missed.append(row.code)
    if not missed:
        return
    now = context.clock.now()
    uow.add(
        Task(
            kind="repair",
            text=_named(context, missed),
            phone=call.party_number,
            created_at=now,
            due_at=now + REPAIR_WITHIN,
            agent_id=call.agent_id,
            call_id=call.id,
            customer_id=call.customer_id,
        )
    )
    uow.notify(Notice(NoticeKind.TASK, call.id, call.agent_id or 0))
