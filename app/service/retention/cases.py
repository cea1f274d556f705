"""The case of a call: found, opened by what is heard, and moved by its machine alone."""

from app.domain.calls.log_kind import CallLogKind
from app.domain.retention import case as machine
from app.domain.retention.case import OPEN, CasePhase, CaseState
from app.language.understanding.understood import Evidence, Understanding
from app.service.calls.care import stop_reason
from app.service.calls.records import Call, CallEvent
from app.service.context import Context
from app.service.ports import ReadSession, UnitOfWork
from app.service.retention.records import RetentionCase
from app.service.state_codec import dump


def case_of(reads: ReadSession, call_id: str) -> RetentionCase | None:
    """The newest case of a call; one that was only misheard is none."""
    found = reads.find(RetentionCase, call_id=call_id)
    meant = [case for case in found if case.phase != CasePhase.MISHEARD]
    return meant[-1] if meant else None


def hear(uow: UnitOfWork, context: Context, call: Call, heard: Understanding) -> None:
    """A clear wish to stop opens a case; kind and reason that are heard are noted in it.

    Offers are accepted or declined by the agent's click only: a misheard word must not bind
    anybody.
    """
    case = case_of(uow, call.id)
    if case is None:
        wish = heard.family == "disconnect" and heard.action == "act"
        if not wish or heard.kind not in machine.STOP_KINDS:
            return
        case = open_new(uow, context, call, heard.kind)
        case.evidence_json = dump(heard.evidence, tuple[Evidence, ...])
    elif CasePhase(case.phase) not in OPEN:
        return
    upgrade = heard.kind in ("suspend", "cancel", "switch") and case.kind == "enquiry"
    if heard.family == "disconnect" and heard.action == "act" and upgrade:
        attempt(case, machine.KindHeard(heard.kind), context)
    reason = stop_reason(heard)
    if reason and (not case.reason or reason in machine.NO_OFFER_REASONS):
        attempt(case, machine.ReasonGiven(reason), context)


def withdraw(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The wish was misheard: an open case without an offer is closed as if it had not been."""
    case = case_of(uow, call.id)
    if case is None or case.state.trials:
        return
    if machine.Misheard not in machine.allowed(CasePhase(case.phase)):
        return
    keep(case, machine.Misheard(), context)
    uow.add(CallEvent(call_id=call.id, at=context.clock.now(), kind=CallLogKind.CASE_MISHEARD))
    if call.intent.startswith("disconnect."):
        call.intent = ""


def attempt(case: RetentionCase, event: machine.CaseEvent, context: Context) -> CaseState | None:
    """What is heard, or reported from elsewhere, may come too late; then it changes nothing and the
    answer is None."""
    if type(event) not in machine.allowed(CasePhase(case.phase)):
        return None
    return keep(case, event, context)


def open_new(uow: UnitOfWork, context: Context, call: Call, kind: str) -> RetentionCase:
    """A case for a wish of this kind."""
    state = CaseState(kind)
    case = RetentionCase(
        call_id=call.id,
        opened_at=context.clock.now(),
        phase=state.phase,
        kind=state.kind,
        state_json=dump(state),
        customer_id=call.customer_id,
        agent_id=call.agent_id,
    )
    uow.add(case)
    uow.flush()
    return case


def keep(case: RetentionCase, event: machine.CaseEvent, context: Context) -> CaseState:
    """One event through the machine: the state, and beside it what is searched. A case that is
    reopened is not closed any more. Raises Refused; nothing else writes a case."""
    state = machine.step(case.state, event)
    case.phase, case.kind, case.reason = state.phase, state.kind, state.reason
    case.state_json = dump(state)
    is_open = state.phase in OPEN
    case.closed_at = None if is_open else case.closed_at or context.clock.now()
    return state
