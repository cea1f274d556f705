"""Whole calls in the session, in virtual time: what is ordered, stored and told, and when."""

import gc
import sys
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.machine import Phase
from app.domain.refusal import NotFound, Refused
from app.domain.retention.case import CasePhase
from app.domain.robot import vocabulary as robot
from app.domain.robot.speaker_vocabulary import CallerSaid
from app.link import messages as link
from app.link.summary import CallBack, CallSummary
from app.service.away import StorageAway
from app.service.callbacks.commands import FileVoicemail
from app.service.calls import commands
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import RingLine
from app.service.calls.hearing import Final
from app.service.calls.session import GRACE_S, LAST_WORDS_S, Session
from app.service.ports import Word
from app.service.queue.commands import AdmitCall
from app.service.robot.commands import RobotTurn, TalkToRobot
from tests.support.kept import present
from tests.support.live_calls import CALL, RULES, LiveCallTest, Storage


def _talking(**options: object) -> LiveCallTest:
    call = LiveCallTest(**options).offer().run(10)  # type: ignore[arg-type]
    assert call.phase == Phase.TALKING and call.line.connected
    return call


def test_an_answered_call() -> None:
    call = _talking()
    assert [type(o).__name__ for o in call.line.orders] == ["Ring", "Answer", "Dial", "Connect"]
    call.says("我要报停").run(1).says("为什么呢", AGENT).run(1)
    assert [c.side for c in call.ran(commands.RecordUtterance)] == [CALLER, AGENT]
    call.hang_up().run(2)
    assert call.phase == Phase.WRAP_UP and call.closings() == 1 and call.line.forgotten
    (close,) = call.ran(commands.CloseCall)
    assert close.frames == call.session.next_frame > 0


def test_the_announcement_comes_before_the_agent() -> None:
    """However fast an agent is, the caller hears first that the call is recorded."""
    call = LiveCallTest(phones={1: 0.1}).offer().run(2)
    assert call.line.agent is not None and not call.sent(link.Connect)
    assert call.run(2).line.connects == 1


def test_an_abandoned_call() -> None:
    call = LiveCallTest(phones={1: 408}).offer().run(6).hang_up().run(2)
    assert call.phase == Phase.ENDED and present(call.storage.state).outcome == "abandoned"
    assert call.line.agent is None and call.storage.freed == [1] and call.closings() == 1


def test_redirect_on_no_answer() -> None:
    call = LiveCallTest(phones={1: 408, 2: 1.0}).offer().run(30)
    assert [o.uri for o in call.sent(link.Dial)] == ["sip:1@127.0.0.1", "sip:2@127.0.0.1"]
    assert call.phase == Phase.TALKING and call.session.agent_id == 2 and call.storage.freed == [1]


def test_nobody_answers_and_a_message_is_taken() -> None:
    call = LiveCallTest(phones={1: 486, 2: 486}).offer().run(7)
    assert call.phase == Phase.VOICEMAIL and call.session.wants_activity
    start = call.ran(FileVoicemail)[0].start_frame
    call.take(v.SpeechActivity(speaking_ms=0, quiet_ms=60_000))
    assert call.session.wants_activity, "quiet before the beep ends nothing"
    call.run(5).take(v.SpeechActivity(speaking_ms=0, quiet_ms=4000))
    call.run(5)
    assert call.phase == Phase.ENDED and call.line.ended and call.closings() == 1
    filed = call.ran(FileVoicemail)[1]
    assert filed.start_frame == start < present(filed.end_frame)


def test_a_message_ends_after_the_longest_time() -> None:
    call = LiveCallTest(Storage(agents=[])).offer().run(8 + machine.VOICEMAIL_LIMIT_S)
    assert call.phase == Phase.ENDED and present(call.storage.state).outcome == "voicemail"


def test_the_queue_time_is_over() -> None:
    """An agent who is busy is waited for; then the caller leaves a message."""
    storage = Storage(agents=[1])
    storage._find = lambda tried: []  # type: ignore[method-assign]  # somebody is there, and talks
    call = LiveCallTest(storage).offer().run(59)
    assert call.phase == Phase.QUEUED
    assert call.run(4).phase == Phase.VOICEMAIL_GREETING


def test_somebody_becomes_free() -> None:
    storage = Storage(agents=[1])
    find, storage._find = storage._find, lambda tried: []  # type: ignore[method-assign]
    call = LiveCallTest(storage).offer().run(10)
    storage._find = find  # type: ignore[method-assign]
    call.take(v.AgentMayBeFree())
    assert call.run(5).phase == Phase.TALKING


def test_hold_and_resume_by_button_and_by_phone() -> None:
    call = _talking().presses(machine.HoldRequested(), 7).run(1)
    assert call.phase == Phase.HELD and call.answers == {7: None}
    assert v.HoldCaller("hold_music") in call.outputs
    call.fact(link.LegResumed(call=CALL, leg=AGENT))
    assert call.run(1).phase == Phase.TALKING and call.sent(link.Resume)
    call.fact(link.LegHeld(call=CALL, leg=CALLER))
    assert call.run(1).phase == Phase.TALKING, "a caller's own hold is the caller's business"


def test_a_button_that_the_phase_does_not_allow_is_refused() -> None:
    call = LiveCallTest().offer().run(1).presses(machine.HoldRequested(), 3).run(1)
    assert isinstance(call.answers[3], Refused)
    ended = _talking().hang_up().run(2).presses(machine.HangUpRequested(), 4)
    assert isinstance(ended.answers[4], NotFound)


def test_the_agent_hangs_up() -> None:
    call = _talking().agent_hangs_up().run(2)
    assert call.sent(link.HangUp) and call.phase == Phase.WRAP_UP and call.closings() == 1


def test_a_call_back_rings_its_agent() -> None:
    call = LiveCallTest()
    call.summary = CallSummary(call=CALL, caller="13800000001", purpose=CallBack(callback_id=1, agent_id=2))
    call.offer().run(8)
    assert not call.ran(AdmitCall) and present(call.storage.state).wanted == 2 and call.phase == Phase.TALKING


# -- the robot ---------------------------------------------------------------------------------


def _turn(*words: str, ends: robot.DialogEffect | None = None, place: robot.Place = robot.Place.OPEN) -> RobotTurn:
    effects = tuple(robot.Say(text) for text in words) + ((ends,) if ends else ())
    return RobotTurn(effects, place, slow=False)


def _said(text: str) -> v.Meant:
    said = CallerSaid(said=robot.Said(text, "fault.no_signal", "act", {}, "", "", 1.0), backchannel=False)
    return v.Meant(said)


def test_the_robot_talks_and_hands_over() -> None:
    storage = Storage(robot=[_turn("您好，请讲。"), _turn("为您转人工。", ends=robot.HandOver("asked"), place=robot.Place.GONE)])
    call = LiveCallTest(storage).offer().run(3)
    assert call.phase == Phase.ROBOT and call.session.robot_talks
    assert [o.text for o in call.outputs if isinstance(o, v.Speak)] == ["您好，请讲。"]
    call.take(v.Uttered(side=CALLER, final=Final(0, 500, (Word("转人工", 0, 1, 0.9),))))
    call.take(_said("转人工"))
    call.run(8)
    assert call.phase == Phase.TALKING and not call.session.robot_talks
    assert [type(c) for c in call.storage.done].index(commands.RecordUtterance) < len(call.storage.done)
    assert len(call.ran(TalkToRobot)) == 2


def test_the_robot_says_good_bye() -> None:
    storage = Storage(robot=[_turn("再见。", ends=robot.Leave(), place=robot.Place.GONE)])
    call = LiveCallTest(storage).offer().run(5)
    assert call.phase == Phase.ENDED and call.line.ended and call.closings() == 1


def test_silence_is_told_to_the_robot_and_no_sentence_costs_a_command() -> None:
    call = LiveCallTest(Storage(robot=[_turn("您好。"), _turn("还在吗？")])).offer().run(10)
    assert [c.event for c in call.ran(TalkToRobot)][1] == robot.Silent()
    played = [c for c in call.ran(commands.AdvanceCall) if isinstance(c.event, machine.PromptPlayed)]
    assert not played


def test_a_barge_in_stops_the_robot_at_once_even_while_something_is_stored() -> None:
    call = LiveCallTest(Storage(robot=[_turn("这是一个很长很长很长很长很长很长的句子。")])).offer().run(1)
    call.take(v.CustomersFound(()))  # a command runs
    call.take(v.SpeechActivity(speaking_ms=200, quiet_ms=0))
    assert isinstance(call.outputs[-1], v.SendOrder) and isinstance(call.outputs[-1].order, link.StopPlaying)


def test_who_speaks_when_the_robot_begins_interrupts_it() -> None:
    call = LiveCallTest(Storage(robot=[_turn("很长很长很长很长的话。")])).offer()
    call.run(0.035)
    call.take(v.SpeechActivity(speaking_ms=400, quiet_ms=0))
    call.run(0.5)
    assert call.sent(link.StopPlaying)


def test_without_a_voice_the_caller_leaves_a_message() -> None:
    call = LiveCallTest(Storage(robot=[_turn("您好。")])).offer().run(0.04)
    call.take(v.Unspeakable())
    call.run(1)
    assert call.phase == Phase.VOICEMAIL_GREETING and v.PlayPrompt(machine.BUSY_GREETING) in call.outputs


# -- what is heard -----------------------------------------------------------------------------


def test_partials_are_told_at_once_and_go_when_the_sentence_is_stored() -> None:
    call = _talking()
    before = len(call.outputs)
    call.take(v.Saying(side=CALLER, text="我要", hint="disconnect.suspend"))
    call.says("我要报停").run(1)
    told = [(str(o.notice.kind), o.notice.side or o.notice.intent, o.notice.text, o.notice.user_id) for o in call.outputs[before:] if isinstance(o, v.Tell)]
    assert told[:2] == [("partial", "caller", "我要", 1), ("hint", "disconnect.suspend", "", 1)]
    assert ("partial", "caller", "", 1) in told and ("hint", "", "", 1) in told


def test_a_short_answer_answers_to_the_offer_that_is_shown() -> None:
    call = _talking()
    call.take(v.CaseMoved(CasePhase.OFFER_SHOWN))
    assert call.outputs[-1] == v.Expect("offer")
    call.take(v.CaseMoved(CasePhase.REASON_KNOWN))
    assert call.outputs[-1] == v.Expect("")


def test_a_bug_in_one_event_ends_that_event_only(caplog: pytest.LogCaptureFixture) -> None:
    call = _talking()
    call.take(v.Reported(None))  # type: ignore[arg-type]
    call.take(v.Found(summary=None))  # type: ignore[arg-type]
    assert "an event of a call failed" in caplog.text
    call.hang_up().run(2)
    assert call.phase == Phase.WRAP_UP and call.closings() == 1


def test_a_command_that_fails_by_a_bug_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    call = _talking()
    execute = call.storage._execute

    def broken(command: object) -> object:
        if isinstance(command, commands.RecordUtterance | commands.CloseCall):
            raise ZeroDivisionError
        return execute(command)

    call.storage._execute = broken  # type: ignore[method-assign]
    call._run = lambda run: _caught(call, run)  # type: ignore[method-assign]
    call.says("我要报停").run(1).hang_up().run(2)
    assert "a command of a call failed" in caplog.text
    assert call.closings() == 1 and not call.line.forgotten, "the bridge keeps what could not be closed"


def _caught(call: LiveCallTest, run: v.Run) -> None:
    try:
        result = call.storage.execute(run.command)
    except Exception as error:
        call.take(v.Failed(run.tag, error))
    else:
        call.take(v.Done(run.tag, result))


# -- restarts and lost bridges -----------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0, 4.0, 8.0])
def test_the_brain_is_restarted_at_any_moment(seconds: float) -> None:
    call = LiveCallTest().offer().run(seconds).restart().run(30)
    assert call.phase == Phase.TALKING and call.line.connected
    call.hang_up().run(2)
    assert call.closings() == 1 and call.line.forgotten


def test_the_brain_is_away_when_the_caller_hangs_up() -> None:
    call = _talking()
    call.session = Session(CALL, "b", RULES)
    call.hang_up()
    call.restart().run(2)
    assert call.phase == Phase.WRAP_UP and call.closings() == 1


def test_the_bridge_is_lost() -> None:
    call = _talking()
    call.lose().run(2)
    assert call.phase == Phase.WRAP_UP and present(call.storage.state).outcome == "bridge_lost"
    assert call.ran(commands.CloseCall)[0].frames == 10 and call.closings() == 1


def test_a_tape_that_never_comes_is_not_waited_for_for_ever() -> None:
    call = _talking()

    def carry_out(output: v.Output) -> None:
        if not (isinstance(output, v.FinishHearing) and output.frames):
            LiveCallTest._carry_out(call, output)

    call._carry_out = carry_out  # type: ignore[method-assign]
    call.hang_up().run(LAST_WORDS_S - 1)
    assert call.closings() == 0
    assert call.run(LAST_WORDS_S * 3).closings() == 1


# -- a storage that is away --------------------------------------------------------------------


def test_a_call_that_ends_while_nothing_can_be_stored_is_closed_when_it_can() -> None:
    """N3: in order, and nothing is lost."""
    call = _talking()
    call.storage.away = True
    call.says("我要报停").run(3).says("太贵了").run(3).hang_up().run(60)
    assert call.phase == Phase.TALKING and call.closings() == 0 and not call.line.forgotten
    call.storage.away = False
    call.run(4)
    kinds = [type(c).__name__ for c in call.storage.done[-5:]]
    assert kinds == ["RecordUtterance", "RecordUtterance", "AdvanceCall", "AdvanceCall", "CloseCall"] or \
        kinds[-4:] == ["RecordUtterance", "RecordUtterance", "AdvanceCall", "CloseCall"], kinds
    assert call.phase == Phase.WRAP_UP and call.closings() == 1 and call.line.forgotten


def test_the_agent_hangs_up_while_nothing_can_be_stored() -> None:
    call = _talking()
    call.storage.away = True
    call.says("喂").run(1).agent_hangs_up().run(1)
    assert call.line.ended, "the caller is not left in silence"
    call.storage.away = False
    assert call.run(5).closings() == 1 and call.phase == Phase.WRAP_UP


def test_a_new_call_while_nothing_can_be_stored_leaves_a_message_with_the_bridge() -> None:
    """N4: at once, and it is stored when it can be."""
    call = LiveCallTest(Storage(away=True)).offer().run(1)
    assert call.line.took_over and not call.sent(link.Reject)
    call.says("我家电视没信号").run(40)
    assert call.line.ended and call.closings() == 0
    call.storage.away = False
    call.run(5)
    (close,) = call.ran(commands.CloseCall)
    assert close.voicemail_from_frame is not None and present(call.storage.state).outcome == "voicemail"
    assert call.ran(commands.RecordUtterance) and call.closings() == 1 and not call.ran(AdmitCall)


def test_the_storage_comes_back_while_the_bridge_takes_the_message() -> None:
    call = LiveCallTest(Storage(away=True)).offer().run(3)
    call.storage.away = False
    call.run(40)
    assert call.closings() == 1 and present(call.storage.state).outcome == "voicemail"
    assert not call.sent(link.Dial) and not call.storage.freed


@pytest.mark.parametrize("seconds", [1.0, 4.0])
def test_who_waits_for_an_agent_when_the_storage_goes_is_given_to_the_bridge(seconds: float) -> None:
    call = LiveCallTest(phones={1: 408}).offer().run(seconds)
    call.storage.away = True
    call.run(30)
    assert call.line.took_over and call.line.agent is None and call.at < GRACE_S + 40
    call.storage.away = False
    call.run(30)
    assert call.closings() == 1 and call.storage.freed == [1] and present(call.storage.state).outcome == "voicemail"


def test_people_hear_at_once_that_nothing_can_be_stored() -> None:
    call = _talking()
    call.storage.away = True
    call.presses(machine.HoldRequested(), 1).run(0.1).presses(machine.HoldRequested(), 2).run(0.1)
    assert all(isinstance(call.answers[n], StorageAway) for n in (1, 2))
    call.storage.away = False
    call.says("喂").run(2).presses(machine.HoldRequested(), 3).run(1)
    assert call.answers[3] is None and call.phase == Phase.HELD


# -- any order of anything ---------------------------------------------------------------------

_STEPS = st.lists(st.sampled_from([
    "wait", "wait", "wait_long", "hang_up", "agent_hangs_up", "hold", "resume", "end", "says", "restart", "away", "back", "away_long",
    "free", "digit", "held", "resumed", "silence", "speech", "unspeakable", "lost", "retry", "nonsense",
]), max_size=14)  # fmt: skip


def _go_away(call: LiveCallTest) -> LiveCallTest:
    call.storage.away = True
    return call


def _do(call: LiveCallTest, step: str) -> None:
    actions: dict[str, Callable[[], object]] = {
        "wait": lambda: call.run(1.7), "wait_long": lambda: call.run(25), "hang_up": call.hang_up,
        "agent_hangs_up": lambda: call.line.agent and not call.line.ended and call.agent_hangs_up(),
        "hold": lambda: call.presses(machine.HoldRequested()), "resume": lambda: call.presses(machine.ResumeRequested()),
        "end": lambda: call.presses(machine.HangUpRequested()), "says": lambda: call.says("喂"),
        "restart": lambda: call.closings() or call.storage.away or not call.storage.state or call.restart(),
        "away": partial(setattr, call.storage, "away", True), "back": partial(setattr, call.storage, "away", False),
        "away_long": lambda: _go_away(call).run(20),
        "free": lambda: call.take(v.AgentMayBeFree()), "retry": lambda: call.take(v.TimerFired("retry")),
        "digit": lambda: call.fact(link.DigitPressed(call=CALL, leg=CALLER, digit="#")),
        "held": lambda: call.fact(link.LegHeld(call=CALL, leg=AGENT)), "resumed": lambda: call.fact(link.LegResumed(call=CALL, leg=AGENT)),
        "silence": lambda: call.take(v.SpeechActivity(speaking_ms=0, quiet_ms=9000)),
        "speech": lambda: call.take(v.SpeechActivity(speaking_ms=300, quiet_ms=0)),
        "unspeakable": lambda: call.take(v.Unspeakable()),
        "lost": lambda: call.closings() or call.lose(),
        "nonsense": lambda: call.take(v.Done(99, None)),
    }
    actions[step]()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=_STEPS, phones=st.sampled_from([{1: 2.0}, {1: 486, 2: 1.0}, {1: 408, 2: 408}]), with_robot=st.booleans(), staffed=st.booleans())
def test_whatever_happens_the_call_is_closed_once_and_nobody_is_left_ringing(
    steps: list[str], phones: dict[int, float | int], with_robot: bool, staffed: bool
) -> None:
    storage = Storage(agents=[1, 2] if staffed else [], robot=[_turn("您好。"), _turn("请讲。")] if with_robot else [])
    call = LiveCallTest(storage, phones=phones).offer()
    restarts = 0
    for step in steps:
        _do(call, step)
        restarts += step == "restart"
    call.storage.away = False
    call.run(5)
    if not call.line.ended:
        call.hang_up()
    call.run(400)
    assert call.closings() == 1, (steps, call.phase)
    assert call.line.agent is None and call.line.dialled == call.line.dropped
    assert call.line.connects <= 1 + restarts + steps.count("resume") + steps.count("resumed")
    assert present(call.storage.state).phase in (Phase.ENDED, Phase.WRAP_UP), call.storage.state
    assert call.session.take(v.AgentMayBeFree()) == [], "a session that is over answers nothing"


# -- how fast ----------------------------------------------------------------------------------

FLOOR_CALLS_S = 2000


def _inputs() -> list[v.Input]:
    """A call of eight sentences with four partial texts each, an agent, and its end."""
    ended = CallSummary(call=CALL, caller="13800000001", frames=900)
    said = v.Uttered(side=CALLER, final=Final(0, 500, (Word("我要报停", 0, 1, 0.9),)))
    saying: list[v.Input] = [v.Saying(side=CALLER, text=text) for text in ("我", "我要", "我要报", "我要报停")]
    return [
        v.Found(summary=CallSummary(call=CALL, caller="13800000001")),
        v.Reported(link.LegAnswered(call=CALL, leg=AGENT)), v.Reported(link.Connected(call=CALL, frames=200)),
        *([*saying, said] * 8),
        v.Reported(link.LegHungUp(call=CALL, leg=CALLER)), v.Reported(link.Ended(call=CALL, summary=ended)), v.AllHeard(),
    ]  # fmt: skip


def _whole_call(inputs: list[v.Input]) -> int:
    """By canned answers: only the session is measured. Answers how many inputs it took."""
    session, taken = Session(CALL, "b", RULES), len(inputs)
    for event in inputs:
        outputs = session.take(event)
        while outputs:
            runs = [o for o in outputs if type(o) is v.Run]
            if not runs:
                break
            outputs, taken = session.take(v.Done(runs[0].tag, _canned(runs[0].command))), taken + 1
    assert session.over
    return taken


def _canned(command: object) -> object:
    if isinstance(command, commands.OpenCall):
        return machine.CallState()
    if isinstance(command, AdmitCall):
        return machine.Admitted(True, True)
    if isinstance(command, commands.AdvanceCall):
        return {
            machine.Admitted: [machine.Answer(), machine.Play("welcome"), machine.StartTimer("queue"), RingLine(1, "sip:1@h")],
            machine.AgentAnswered: [machine.Connect()],
        }.get(type(command.event), [])
    return 1


def test_thousands_of_whole_calls_a_second(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    """By the time of the processor, so that a busy machine does not matter; the best of many short rounds."""
    inputs = _inputs()
    taken = _whole_call(inputs)
    best = 0.0
    gc.collect()
    gc.freeze()  # what other tests left behind is not looked through again and again
    for _ in range(60):
        began = time.process_time()
        for _ in range(25):
            _whole_call(inputs)
        best = max(best, 25 / (time.process_time() - began))
    gc.unfreeze()
    with capsys.disabled():
        sys.stderr.write(f"session core: {best:.0f} whole calls a CPU-second, {taken} inputs each\n")
    record_property("whole calls a CPU-second", f"{best:.0f} of {taken} inputs each")
    assert best >= FLOOR_CALLS_S, f"{best:.0f} whole calls a CPU-second"
