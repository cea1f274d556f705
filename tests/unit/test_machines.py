"""The machines: random walks never break an invariant, whole stories end where they should."""

import typing
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.callbacks import task, voicemail
from app.domain.callbacks.task import TaskEvent, TaskState
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.domain.calls import machine as call
from app.domain.calls.ids import CALLER
from app.domain.calls.machine import CallState, Phase
from app.domain.calls.parties import Role, Standing
from app.domain.field import ticket
from app.domain.field.ticket import Ticket, TicketEvent, TicketState
from app.domain.households import short_message
from app.domain.households.short_message import MessageEvent, MessageState, ShortMessage
from app.domain.knowledge import job
from app.domain.knowledge import version as draft
from app.domain.knowledge.job import JobEvent, JobState
from app.domain.queue import presence
from app.domain.queue.presence import Presence
from app.domain.refusal import Invalid, Refused
from app.domain.retention import case
from app.domain.retention.case import CasePhase, CaseState
from app.service.calls.stored_state import load_call
from app.service.state_codec import dump

CALL_EVENTS = st.one_of(
    st.builds(call.Admitted, st.booleans(), st.booleans()),
    st.builds(call.AgentChosen, st.integers(1, 4)), st.just(call.NobodyLeft()),
    st.just(call.AgentAnswered()), st.builds(call.AgentFailed, st.sampled_from([408, 486, 503])),
    st.builds(call.PromptPlayed, st.sampled_from(["welcome", "beep", "thanks", "busy_greeting",
                                                  "closed_greeting", "ringback"])),
    st.builds(call.TimerFired, st.sampled_from(["queue", "voicemail"])),
    st.builds(call.DigitPressed, st.sampled_from("1#")), st.just(call.SilenceHeard()),
    st.just(call.HoldRequested()), st.just(call.ResumeRequested()),
    st.just(call.HangUpRequested()), st.just(call.CallerHungUp()), st.just(call.AgentHungUp()),
    st.just(call.BridgeLost()), st.just(call.BridgeTookMessage()), st.just(call.RobotTook()),
    st.builds(call.RobotHandedOver, st.booleans(), st.booleans(), st.booleans()), st.just(call.RobotFinished()), st.builds(call.WrapUpDone, st.just("kept")),
)


def test_every_event_is_walked() -> None:
    """Each kind of event that the machine knows comes up in the walks below."""
    walked: set[type] = set()

    @settings(max_examples=2000, database=None, derandomize=True)
    @given(CALL_EVENTS)
    def note(event: call.Event) -> None:
        walked.add(type(event))

    note()
    assert walked == set(typing.get_args(call.Event)) == {kind for phase in Phase for kind in call.allowed(phase)}


@given(st.lists(CALL_EVENTS, max_size=40))
def test_call_walk(events: list[call.Event]) -> None:
    state = CallState()
    rung: list[int] = []
    freed: list[int] = []
    for event in events:
        try:
            state, effects = call.step(state, event)
        except Refused:
            assert type(event) not in call.allowed(state.phase)
            continue
        rung += [e.agent_id for e in effects if isinstance(e, call.RingAgent)]
        freed += [e.agent_id for e in effects if isinstance(e, call.FreeAgent)]
        if state.phase in call.WITH_AGENT | {Phase.RINGING_AGENT, Phase.WRAP_UP}:
            assert state.agent_id is not None
        if state.phase is Phase.TALKING:
            assert state.notice_played, "connected before the recording notice was heard"
        _check_parties(state)
        if state.phase is Phase.ENDED:
            assert sorted(rung) == sorted(freed), "an agent stays bound to a call that ended"
            assert not call.allowed(Phase.ENDED)


def _check_parties(state: CallState) -> None:
    """One leg is one party's at a time; an agent stands as the phase says."""
    present = [party.id for party in state.parties if not party.is_past]
    assert len(present) == len(set(present)) and present[0] == CALLER
    agent = state.agent
    standings = {
        Phase.RINGING_AGENT: {Standing.RINGING, Standing.ANSWERED}, Phase.TALKING: {Standing.TALKING},
        Phase.HELD: {Standing.TALKING}, Phase.WRAP_UP: {Standing.WRAPPING_UP}, Phase.ENDED: {Standing.DONE},
    }.get(state.phase, set())
    assert agent is None or agent.standing in standings, (state.phase, agent)
    gone = state.parties[0].standing is Standing.GONE
    assert gone == (state.phase in (Phase.WRAP_UP, Phase.ENDED)) and state.parties[0].role is Role.CALLER
    assert load_call(dump(state)) == state


@given(st.lists(CALL_EVENTS, max_size=40))
def test_a_caller_can_always_hang_up(events: list[call.Event]) -> None:
    state = CallState()
    for event in events:
        try:
            state, _ = call.step(state, event)
        except Refused:
            continue
    if state.phase in call.LIVE:
        after, _ = call.step(state, call.CallerHungUp())
        assert after.phase in (Phase.WRAP_UP, Phase.ENDED)


def _play(*events: call.Event) -> tuple[CallState, tuple[call.Effect, ...]]:
    state = CallState()
    effects: tuple[call.Effect, ...] = ()
    for event in events:
        state, step = call.step(state, event)
        effects += step
    return state, effects


def test_an_agent_is_connected_only_after_the_notice() -> None:
    state, effects = _play(call.Admitted(True, True), call.AgentChosen(7), call.AgentAnswered())
    assert state.phase is Phase.RINGING_AGENT and call.Connect() not in effects
    state, effects = call.step(state, call.PromptPlayed("welcome"))
    assert state.phase is Phase.TALKING and call.Connect() in effects


def test_no_answer_goes_on_to_the_next_agent_and_then_to_voicemail() -> None:
    state, effects = _play(call.Admitted(True, True), call.AgentChosen(7), call.AgentFailed(408))
    assert state.phase is Phase.QUEUED and call.FindAgent((7,)) in effects
    assert call.FreeAgent(7, "missed") in effects
    state, effects = call.step(state, call.NobodyLeft())
    assert state.phase is Phase.VOICEMAIL_GREETING


def test_out_of_hours_a_message_is_taken() -> None:
    state, effects = _play(call.Admitted(False, True), call.PromptPlayed("closed_greeting"),
                           call.PromptPlayed("beep"), call.DigitPressed("#"),
                           call.PromptPlayed("thanks"))
    assert (state.phase, state.outcome) == (Phase.ENDED, "voicemail")
    assert [type(e) for e in effects if isinstance(e, call.TakeMessage | call.FileMessage)] == [
        call.TakeMessage, call.FileMessage]


def test_hold_is_refused_before_anybody_talks() -> None:
    with pytest.raises(Refused, match="HoldRequested"):
        call.step(CallState(), call.HoldRequested())


@given(st.lists(st.sampled_from(sorted({e for _, e in presence._TABLE})), max_size=30))
def test_presence_walk(events: list[str]) -> None:
    state = Presence.OFFLINE
    for event in events:
        if event in presence.moves(state):
            state = presence.move(state, event)
        else:
            with pytest.raises(Refused):
                presence.move(state, event)


CASE_EVENTS = st.one_of(
    st.builds(case.KindHeard, st.sampled_from(case.STOP_KINDS)),
    st.builds(case.ReasonGiven, st.sampled_from(case.REASONS)),
    st.builds(case.OfferShown, st.sampled_from("ABCD")), st.just(case.OfferAccepted()),
    st.just(case.OfferDeclined()), st.just(case.Proceeded()), st.just(case.StayedAnyway()),
    st.just(case.SecondStageOpened()), st.builds(case.SecondStageEnded, st.booleans()),
    st.just(case.Misheard()),
)


@given(st.lists(CASE_EVENTS, max_size=40))
def test_case_walk_is_fair(events: list[case.CaseEvent]) -> None:
    state = CaseState("cancel")
    for event in events:
        try:
            state = case.step(state, event)
        except Refused:
            continue
        offers = [trial.offer for trial in state.trials]
        assert len(set(offers)) == len(offers), "an offer was made twice"
        assert state.refusals <= case.REFUSALS_UNTIL_PROCEED
        if state.phase is CasePhase.OFFER_SHOWN:
            assert state.reason, "an offer before the reason was asked"
            assert state.refusals < case.REFUSALS_UNTIL_PROCEED, "persuaded after two refusals"
        if state.phase in (CasePhase.ASKED, CasePhase.REASON_KNOWN, CasePhase.OFFER_SHOWN,
                           CasePhase.REFUSED_TWICE):
            assert case.Proceeded in case.allowed(state.phase), "the caller is trapped"
        if state.phase is CasePhase.MISHEARD:
            assert not state.trials, "an offer was made for a wish that never was"


def test_second_refusal_ends_persuasion() -> None:
    state = CaseState("cancel")
    for event in (case.ReasonGiven("price"), case.OfferShown("A"), case.OfferDeclined(),
                  case.OfferShown("B"), case.OfferDeclined()):
        state = case.step(state, event)
    assert state.phase is CasePhase.REFUSED_TWICE
    with pytest.raises(Refused):
        case.step(state, case.OfferShown("C"))
    with pytest.raises(Refused, match="already"):
        case.step(case.step(CaseState("cancel", CasePhase.REASON_KNOWN, "price", (case.Trial("A", "declined"),)), case.ReasonGiven("slow")), case.OfferShown("A"))


@given(st.lists(st.tuples(st.sampled_from(list(TicketEvent)), st.sampled_from(["", "price"])),
                max_size=30))
def test_ticket_walk(events: list[tuple[TicketEvent, str]]) -> None:
    state = Ticket("retention", "海景花园1栋", "13800000001", 1)
    for event, reason in events:
        try:
            state = ticket.step(state, event, technician_id=3, reason=reason)
        except Refused:
            continue
        if state.state is TicketState.LOST:
            assert state.outcome_reason
        if state.state is not TicketState.NEW:
            assert state.technician_id == 3
        if state.state is TicketState.CLOSED:
            assert not ticket.allowed(state.state)


def test_only_what_is_answered_by_telephone_needs_no_address() -> None:
    assert [kind for kind in ticket.TicketKind if not ticket.needs_address(kind)] == ["complaint"]
    assert Ticket("complaint", "", "13800000001", 1).address == ""


@pytest.mark.parametrize("fields", [("nonsense", "a", "1"), ("fault", " ", "1"), ("fault", "a", "")])
def test_a_ticket_without_what_it_needs_is_never_born(fields: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid):
        Ticket(*fields, grid_id=1)


DRAFT_EVENTS = st.one_of(
    st.just(draft.Edited()), st.builds(draft.Checked, st.integers(0, 2)),
    st.builds(draft.Tested, st.booleans()), st.builds(draft.ShadowSwitched, st.booleans()),
    st.builds(draft.Published, st.sampled_from(["", "a reason"])), st.just(draft.Replaced()),
    st.just(draft.Discarded()),
)


@given(st.lists(DRAFT_EVENTS, max_size=30))
def test_nothing_is_published_unchecked_or_untested(events: list[draft.DraftEvent]) -> None:
    state = draft.DraftState()
    clean = tested = False
    for event in events:
        before = state
        try:
            state = draft.step(state, event)
        except Refused:
            assert before == state
            continue
        if isinstance(event, draft.Edited):
            clean = tested = False
        elif isinstance(event, draft.Checked):
            clean = event.fatal == 0
        elif isinstance(event, draft.Tested):
            tested = True
        elif isinstance(event, draft.Published):
            assert clean and tested and (event.reason or not before.risky)
        if state.shadow:
            assert clean and state.phase in draft.OPEN, "a draft that cannot be built ran in shadow"
        if state.phase in (draft.DraftPhase.RETIRED, draft.DraftPhase.DISCARDED):
            assert not draft.allowed(state.phase)


# -- the small machines ------------------------------------------------------------------------


@given(st.lists(st.sampled_from(list(VoicemailEvent)), max_size=20))
def test_voicemail_walk(events: list[VoicemailEvent]) -> None:
    state, claimed = VoicemailState.RECORDING, False
    for event in events:
        if event not in voicemail.allowed(state):
            with pytest.raises(Refused):
                voicemail.step(state, event)
            continue
        before, state = state, voicemail.step(state, event)
        claimed |= event is VoicemailEvent.CLAIM
        assert before is not VoicemailState.DONE, "what is settled is opened again"
        assert (before is VoicemailState.RECORDING) == (event is VoicemailEvent.COMPLETE), "settled before its words are known"
        assert state is not VoicemailState.CLAIMED or claimed


@given(st.lists(st.sampled_from(list(TaskEvent)), max_size=20))
def test_task_walk(events: list[TaskEvent]) -> None:
    state = TaskState.OPEN
    for event in events:
        if state is not TaskState.OPEN:
            assert not task.allowed(state)
            with pytest.raises(Refused, match="settled"):
                task.step(state, event)
            continue
        state = task.step(state, event)
        assert state == (TaskState.OPEN if event is TaskEvent.LATER else event.value)


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@given(st.lists(st.sampled_from(list(MessageEvent)), max_size=12))
def test_short_message_walk(events: list[MessageEvent]) -> None:
    """Three attempts, each later than the one before; one that was taken is never sent again."""
    message, taken = ShortMessage(NOW), 0
    for event in events:
        if message.state is not MessageState.QUEUED:
            assert not short_message.allowed(message.state)
            with pytest.raises(Refused):
                short_message.step(message, event, NOW)
            continue
        before, message = message, short_message.step(message, event, NOW)
        taken += event is MessageEvent.TAKEN
        assert message.attempts == before.attempts + 1 <= 3
        assert (message.state is MessageState.QUEUED) == (message.next_at > NOW)
    assert taken <= 1 and (taken == 1) == (message.state is MessageState.SENT)
    assert (message.state is MessageState.FAILED) == (message.attempts == 3 and not taken)


def test_waits_between_attempts_grow() -> None:
    one = short_message.step(ShortMessage(NOW), MessageEvent.NOT_TAKEN, NOW)
    two = short_message.step(one, MessageEvent.NOT_TAKEN, NOW)
    assert NOW < one.next_at < two.next_at
    assert short_message.step(two, MessageEvent.NOT_TAKEN, NOW).state is MessageState.FAILED


@given(st.lists(st.sampled_from(list(JobEvent)), max_size=10))
def test_job_walk(events: list[JobEvent]) -> None:
    state = JobState.RUNNING
    for event in events:
        if state is JobState.RUNNING:
            state = job.step(state, event)
            assert state is not JobState.RUNNING and (state is JobState.DONE) == (event is JobEvent.FINISHED)
        else:
            assert not job.allowed(state), "what has ended ends again"
            with pytest.raises(Refused):
                job.step(state, event)
