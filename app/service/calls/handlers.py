"""Calls: every event through the call machine, effects inside the transaction or to the line."""

import json
from collections.abc import Callable

from app.domain.calls import machine
from app.domain.calls.dispositions import DISPOSITIONS
from app.domain.calls.log_kind import QUIET, CallLogKind, kind_of
from app.domain.calls.machine import CallState, Direction, Phase
from app.domain.calls.phone_number import kept_number, plain_text
from app.domain.ids import UtteranceId
from app.domain.refusal import Invalid, RefusalCode
from app.media.g711 import FRAME_MS
from app.service.callbacks import callback_list, tasks, voicemails
from app.service.calls import attention, customer_link, rehearing
from app.service.calls.commands import (
    AdvanceCall,
    AssignWaiting,
    CloseCall,
    FinishWrapUp,
    LineEffect,
    LinkCustomer,
    NoteHeard,
    NoteRecognitionGap,
    NoteRecording,
    OpenCall,
    RecordUtterance,
    RingLine,
)
from app.service.calls.records import LONGEST_MODEL_NAME, Call, CallEvent, Utterance
from app.service.calls.said import keep_words, says_why
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge import learning
from app.service.lookup import own_call, require, require_user
from app.service.notices import Notice, NoticeKind
from app.service.people.records import User
from app.service.ports import UnitOfWork
from app.service.queue import presence
from app.service.retention import cases, gate
from app.service.retention.records import RetentionCase
from app.service.robot.unfinished import note_unfinished
from app.service.state_codec import dump


@handles(OpenCall)
def open_call(command: OpenCall, uow: UnitOfWork, context: Context) -> CallState:
    """Store a new call and find out who calls; a call that is known is left as it is."""
    known = uow.get(Call, command.call_id)
    if known is not None:
        return known.state
    direction = Direction.INBOUND if command.wanted is None else Direction.OUTBOUND
    state = machine.opened(direction, command.wanted)
    customers = uow.customers_by_phone(context.phone(command.caller), context.area_code)
    call = Call(
        id=command.call_id,
        bridge=command.bridge,
        sip_call_id=plain_text(command.sip_call_id, 200),
        caller=kept_number(command.caller, context.area_code),
        called=plain_text(command.called, 64),
        started_at=command.started_at,
        phase=state.phase,
        state_json=dump(state),
        customer_id=customers[0].id if len(customers) == 1 else None,
        direction=direction,
    )
    uow.add(call)
    uow.flush()
    _log(uow, context, call.id, CallLogKind.OFFERED, "")
    uow.notify(Notice(NoticeKind.CALL, call.id))
    return state


@handles(AdvanceCall)
def advance_call(command: AdvanceCall, uow: UnitOfWork, context: Context) -> list[LineEffect]:
    """One event through the machine; effects on agents happen here, the others are returned.

    Raises Refused for an event that the phase does not allow.
    """
    call = require(uow, Call, command.call_id, lock=True)
    return _advance(call, command.event, uow, context)


@handles(AssignWaiting)
def assign_waiting(command: AssignWaiting, uow: UnitOfWork, context: Context) -> list[LineEffect]:
    """Try to find an agent for a call that is still queued."""
    call = require(uow, Call, command.call_id, lock=True)
    state = call.state
    if state.phase is not Phase.QUEUED:
        return []
    event = _choose(uow, state, state.tried, _on_duty(uow, context, state))
    return _advance(call, event, uow, context) if event is not None else []


def _advance(
    call: Call, event: machine.Event, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    before = call.state
    state, effects = _keep(call, event, context)
    if not isinstance(event, QUIET):
        _log(uow, context, call.id, kind_of(event), _detail(event))
    outward: list[LineEffect] = []
    for effect in effects:
        outward += _apply(effect, call, uow, context)
    if before != state:
        uow.notify(Notice(NoticeKind.CALL, call.id, before.agent_id or state.agent_id or 0))
    return outward


def _keep(call: Call, event: machine.Event, context: Context) -> machine.Step:
    """One event through the machine: the state, and beside it what is searched. Raises Refused;
    nothing else moves a call."""
    before = call.state
    state, effects = machine.step(before, event)
    now = context.clock.now()
    call.phase, call.state_json = state.phase, dump(state)
    call.agent_id = state.agent_id or call.agent_id
    call.outcome = state.outcome or call.outcome
    if before.phase is Phase.OFFERED and state.phase is not Phase.ENDED:
        call.answered_at = now
    if state.phase is Phase.TALKING and call.talked_at is None:
        call.talked_at = now
    if state.phase in (Phase.WRAP_UP, Phase.ENDED) and call.ended_at is None:
        call.ended_at = now
    return state, effects


def _detail(event: machine.Event) -> str:
    fields = {name: getattr(event, name) for name in getattr(event, "__slots__", ())}
    return json.dumps(fields, ensure_ascii=False) if fields else ""


def _log(uow: UnitOfWork, context: Context, call_id: str, kind: CallLogKind, detail: str) -> None:
    uow.add(CallEvent(call_id=call_id, at=context.clock.now(), kind=kind, detail=detail))


def _on_duty(uow: UnitOfWork, context: Context, state: CallState) -> int | None:
    """Who is rung for an urgent call though nobody is at the desk."""
    if not state.urgent or not context.on_duty:
        return None
    users = uow.find(User, name=context.on_duty, active=True)
    return users[0].id if users and users[0].line and users[0].id not in state.tried else None


def _choose(
    uow: UnitOfWork, state: CallState, tried: tuple[int, ...], on_duty: int | None
) -> machine.Event | None:
    """The longest idle agent, or who is on duty; NobodyLeft where none is even busy; None: wait."""
    ready = [row.user_id for row in uow.ready_agents() if row.user_id not in tried]
    if ready:
        return machine.AgentChosen(next((a for a in ready if a == state.wanted), ready[0]))
    if on_duty is not None:
        return machine.AgentChosen(on_duty)
    if any(row.user_id not in tried for row in uow.staffed_agents()):
        return None
    return machine.NobodyLeft()


def _find(
    effect: machine.FindAgent, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    state = call.state
    event = _choose(uow, state, effect.exclude, _on_duty(uow, context, state))
    return _advance(call, event, uow, context) if event is not None else []


def _ring(
    effect: machine.RingAgent, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    presence.move(uow, context, effect.agent_id, "rung", call.id)
    user = require_user(uow, effect.agent_id)
    return [RingLine(effect.agent_id, user.line, effect.leg)]


def _free(
    effect: machine.FreeAgent, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    presence.move(uow, context, effect.agent_id, effect.how)
    return [effect]


def _talks(
    effect: machine.AgentTalks, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    """Whoever rang again needs no call-back; what the robot opened belongs to the agent now."""
    presence.move(uow, context, effect.agent_id, "talks", call.id)
    callback_list.rang_back(uow, context, call)
    for case in uow.find(RetentionCase, call_id=call.id):
        case.agent_id = effect.agent_id
    return []


def _wraps_up(
    effect: machine.AgentWrapsUp, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    presence.move(uow, context, effect.agent_id, "wraps_up", call.id)
    return []


_INWARD: dict[type, Callable[..., list[LineEffect]]] = {
    machine.FindAgent: _find,
    machine.RingAgent: _ring,
    machine.FreeAgent: _free,
    machine.AgentTalks: _talks,
    machine.AgentWrapsUp: _wraps_up,
}


def _apply(
    effect: machine.Effect, call: Call, uow: UnitOfWork, context: Context
) -> list[LineEffect]:
    inward = _INWARD.get(type(effect))
    return [effect] if inward is None else inward(effect, call, uow, context)


@handles(NoteRecording)
def note_recording(command: NoteRecording, uow: UnitOfWork, context: Context) -> None:
    """Remember where the recording is; a failure is a warning for supervisors."""
    call = require(uow, Call, command.call_id)
    call.recording = command.path or call.recording
    if command.error:
        call.recording_error = command.error
        _log(uow, context, call.id, CallLogKind.RECORDING_FAILED, command.error)
        uow.notify(Notice(NoticeKind.WARNING, call.id, text=command.error))
    uow.notify(Notice(NoticeKind.CALL, call.id, call.agent_id or 0))


@handles(NoteHeard)
def note_heard(command: NoteHeard, uow: UnitOfWork, context: Context) -> None:
    """After a restart of the brain, hearing goes on from here at the earliest."""
    call = require(uow, Call, command.call_id, lock=True)
    call.heard_caller = max(call.heard_caller, command.frame)
    call.heard_agent = max(call.heard_agent, command.frame)


@handles(NoteRecognitionGap)
def note_recognition_gap(command: NoteRecognitionGap, uow: UnitOfWork, context: Context) -> None:
    """A gap in the transcript, in the call's log and as a warning for supervisors."""
    call = require(uow, Call, command.call_id)
    from_s, until_s = (
        frame * FRAME_MS // 1000 for frame in (command.from_frame, command.until_frame)
    )
    _log(uow, context, call.id, CallLogKind.HEARING_FAILED, f"{command.side} {from_s}-{until_s} s")
    uow.notify(Notice(NoticeKind.WARNING, call.id, side=command.side))
    uow.notify(Notice(NoticeKind.RECOGNITION_GAP, call.id, call.agent_id or 0))


@handles(CloseCall)
def close_call(command: CloseCall, uow: UnitOfWork, context: Context) -> None:
    """All audio was heard: the length of the recording is final."""
    call = require(uow, Call, command.call_id, lock=True)
    call.frames = max(call.frames, command.frames)
    gate.end(uow, context, call)
    note_unfinished(uow, context, call)
    if command.voicemail_from_frame is not None:
        voicemails.close_message(uow, context, call, command.voicemail_from_frame)
    elif call.outcome == "voicemail":
        voicemails.close_message(uow, context, call, None)
    rehearing.wait(uow, context, call)
    uow.notify(Notice(NoticeKind.CALL, call.id, call.agent_id or 0))


@handles(RecordUtterance)
def record_utterance(command: RecordUtterance, uow: UnitOfWork, context: Context) -> UtteranceId:
    """Store what was said, and let a disconnect wish open or feed the retention case."""
    call = require(uow, Call, command.call_id, lock=True)
    call.heard_caller, call.heard_agent = command.heard_frames
    heard = command.understanding
    utterance = Utterance(
        call_id=call.id, side=command.side, start_ms=command.start_ms, end_ms=command.end_ms,
        intent=heard.intent if heard else "", action=heard.action if heard else "",
        understanding_json=dump(heard) if heard else "",
        first_model=command.by[:LONGEST_MODEL_NAME],
    )  # fmt: skip
    keep_words(utterance, command.words)
    uow.add(utterance)
    uow.flush()
    assert utterance.id is not None  # noqa: S101  flushed
    if heard is not None:
        learning.note_answers(uow, context, utterance, heard)
    if heard is not None and says_why(call, heard):
        call.intent = heard.intent
    agent = call.agent_id or 0
    uow.notify(
        Notice(
            NoticeKind.UTTERANCE,
            call.id,
            agent,
            subject_id=utterance.id or 0,
            side=command.side,
        )
    )
    if call.phase in (Phase.TALKING, Phase.HELD):
        gate.hear(uow, context, call, utterance, heard)
    if heard is not None and call.phase in (Phase.TALKING, Phase.HELD, Phase.ROBOT):
        attention.show(uow, context, utterance, heard)
        cases.hear(uow, context, call, heard)
        final_at = command.final_at.timestamp() if command.final_at else 0.0
        uow.notify(Notice(NoticeKind.CARD, call.id, agent, final_at=final_at))
    return UtteranceId(utterance.id)


@handles(LinkCustomer)
def link_customer(command: LinkCustomer, uow: UnitOfWork, context: Context) -> None:
    """By itself, in a transaction of its own. Raises Refused for another agent's call."""
    customer_link.link_customer(command, uow, context)


@handles(FinishWrapUp)
def finish_wrap_up(command: FinishWrapUp, uow: UnitOfWork, context: Context) -> list[LineEffect]:
    """Disposition and note end the agent's work on a call."""
    if command.disposition not in DISPOSITIONS:
        raise Invalid(RefusalCode.DISPOSITION, "choose what came of the call")
    call = own_call(uow, command.call_id, command.actor)
    effects = _advance(call, machine.WrapUpDone(command.disposition), uow, context)
    call.disposition, call.note = command.disposition, command.note.strip()
    call.summary_draft = command.draft.strip()
    tasks.keep_promises(uow, context, call, command.promises)
    return effects
