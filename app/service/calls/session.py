"""The session of one live call, without a clock, a thread or a socket: ``take(input) -> outputs``.

Inputs are worked off one at a time and in their order: while a command runs, what comes waits.
``loop`` carries the outputs out; ``session_vocabulary`` says how each is answered. ``next_frame``
is kept by the loop: how much of the call's tape has come.

A storage that is away loses nothing: the command is kept and tried again, and what comes after it
waits. A caller who waits for us meanwhile is given to the bridge, which takes a message by itself
as where there is no brain; people who talk go on talking.
"""

import logging
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.domain import call as machine
from app.domain.call import CallState, Phase
from app.domain.calls.ids import AGENT, CALLER, CallId
from app.domain.refusal import NotFound, Refused
from app.domain.robot.speaker_vocabulary import CallerSaid
from app.link import messages as link
from app.link.summary import CallSummary
from app.service import commands
from app.service.calls import effects, reconcile
from app.service.calls import session_vocabulary as v
from app.service.calls.errands import RETRY, Errand, Errands, note, nothing
from app.service.calls.heard_part import HeardPart
from app.service.calls.message_part import MessagePart
from app.service.calls.robot_part import SILENCE, RobotPart
from app.service.handlers.phone_calls import LineEffect, RingLine
from app.service.ports import StorageAway

log = logging.getLogger(__name__)

#: How long a caller waits for a storage that is away: as long as for a brain that is.
GRACE_S = 8.0
#: The end of a tape that does not come is waited for no longer.
LAST_WORDS_S = 30.0
_GRACE, _LAST_WORDS = "grace", "last_words"
#: Void where the bridge has taken the call: it decides about the line then.
_OF_THE_LINE = (
    commands.AdmitCall, commands.AdvanceCall, commands.AssignWaiting, commands.TalkToRobot,
    commands.FileVoicemail,
)  # fmt: skip


class Session:
    """See the top of the file."""

    def __init__(self, call: CallId, bridge: str, rules: v.Rules) -> None:
        self.call, self.bridge = call, bridge
        self.next_frame = self.agent_id = 0
        self.over = False
        self._rules, self._caller = rules, ""
        self._out: list[v.Output] = []
        self._inputs: deque[v.Input] = deque()
        self._errands = Errands(self.emit, self._on_storage)
        self._heard = HeardPart(self)
        self._message = MessagePart(self)
        self._robot: RobotPart | None = None
        self.sound = v.SpeechActivity(speaking_ms=0, quiet_ms=0)
        self._is_given = self._has_talked = False
        self._end: CallSummary | None = None
        self._waited_at = -1

    @property
    def wants_activity(self) -> bool:
        """Whether somebody listens to the caller's speech and silence as such."""
        return self._robot is not None or self._message.is_open

    @property
    def robot_talks(self) -> bool:
        return self._robot is not None

    # -- in and out --------------------------------------------------------------------------

    def take(self, event: v.Input) -> list[v.Output]:
        """One input; what follows from it, and from those that waited for it, in order."""
        self._guarded(self._arrive, event)
        while not self.over and not self._errands.start() and self._inputs:
            self._guarded(self._work_off, self._inputs.popleft())
        out, self._out = self._out, []
        return out

    def _guarded(self, do: Callable[[v.Input], None], event: v.Input) -> None:
        """A bug in one event ends that event only."""
        try:
            do(event)
        except Refused as refusal:
            log.debug("call event refused: %s", refusal.code)
        except Exception:
            log.exception("an event of a call failed")

    def _arrive(self, event: v.Input) -> None:
        """What is due at once happens now; the rest waits its turn."""
        at_once = _AT_ONCE.get(type(event))
        if self.over:
            if isinstance(event, v.Asked):
                self.emit(v.Answered(event.ticket, NotFound("not_live", "this call has ended")))
        elif at_once is None or at_once(self, event):
            self._inputs.append(event)

    def _work_off(self, event: v.Input) -> None:
        _IN_TURN[type(event)](self, event)

    # -- what the parts of the session do with the call ----------------------------------------

    def emit(self, output: v.Output) -> None:
        self._out.append(output)

    def run(
        self, command: object, then: Callable[[Any], None] = nothing,
        failed: Callable[[Exception], None] = note,
    ) -> None:  # fmt: skip
        """Carry a command out, after those before it."""
        self._errands.add(Errand(command, then, failed))

    def advance(self, event: machine.Event) -> None:
        """One event through the call's machine, then its effects."""
        self.run(commands.AdvanceCall(self.call, event), self._carry_out)

    def expect(self, reply: str) -> None:
        self._heard.expect(reply)

    def to_robot(self, said: CallerSaid) -> None:
        if self._robot is not None:
            self._robot.take(said)

    # -- a storage that is away ----------------------------------------------------------------

    def _done(self, event: v.Done) -> bool:
        self._errands.done(event)
        return False

    def _failed(self, event: v.Failed) -> bool:
        self._errands.failed(event)
        return False

    def _on_storage(self, is_away: bool) -> None:  # noqa: FBT001  told by Errands
        """A call that nobody has answered yet is given away at once, others after a while."""
        if not is_away:
            self.emit(v.Disarm(_GRACE))
            return
        for each in [e for e in self._inputs if isinstance(e, v.Asked)]:
            self._inputs.remove(each)
            self.emit(v.Answered(each.ticket, StorageAway()))
        self.emit(v.Arm(_GRACE, GRACE_S if self._is_admitted else 0.0))

    def _give_away(self) -> None:
        """The bridge takes a message by itself; what was meant for the line is void."""
        if not self._errands.is_away or self._is_given or self._has_talked or self._end:
            return
        log.warning("the storage is away: the bridge takes a message")
        self._is_given = True
        self._end_robot()
        self._message.is_open = False
        self.emit(v.SendOrder(link.TakeMessage(call=self.call)))
        self.emit(v.Hear(CALLER, self.next_frame))
        self._inputs = deque(e for e in self._inputs if isinstance(e, v.Uttered | v.Deafened))
        self._errands.drop(_OF_THE_LINE)
        if self.agent_id:
            self.advance(machine.BridgeTookMessage())

    # -- timers ----------------------------------------------------------------------------------

    def _timer(self, event: v.TimerFired) -> bool:
        """The session's own timers are no business of the machine."""
        own = _OWN_TIMERS.get(event.timer)
        if own is not None:
            own(self)
        return own is None and not self._is_given

    def _retry(self) -> None:
        self._errands.retry()

    def _silence(self) -> None:
        if self._robot is not None:
            self._robot.silence_elapsed()

    def _wait_for_last_words(self) -> None:
        """A tape that grows is waited for; one that does not is given up."""
        if self.next_frame > self._waited_at:
            self._waited_at = self.next_frame
            self.emit(v.Arm(_LAST_WORDS, LAST_WORDS_S))
        else:
            self.emit(v.FinishHearing(0))

    def _fired(self, event: v.TimerFired) -> None:
        self.advance(machine.TimerFired(event.timer))

    # -- where the call comes from -------------------------------------------------------------

    _is_admitted = False

    def _found(self, event: v.Found) -> bool:
        """Hearing is set up at once: the audio follows."""
        summary, standing = event.summary, event.standing
        self._caller = summary.caller
        if standing is not None:
            self.agent_id = standing.agent_id or self.agent_id
            self._heard.case = standing.case
            self._has_talked |= standing.state.phase in machine.WITH_AGENT
            self._is_admitted |= standing.state.phase is not Phase.OFFERED
            self.next_frame = max(self.next_frame, standing.next_frame)
        self._is_given |= summary.emergency
        self._out += reconcile.hearing(summary, standing)
        if reconcile.has_ended(summary):
            self._line_down(summary)
        elif standing is None:
            self.emit(v.SendOrder(link.Ring(call=self.call)))
        return True

    def _open(self, event: v.Found) -> None:
        self.run(
            _open_command(self.bridge, event.summary),
            lambda state: self._opened(event.summary, state),
        )

    def _opened(self, summary: CallSummary, state: CallState) -> None:
        """The machine is brought to where the line is."""
        if summary.recording:
            self.run(commands.NoteRecording(self.call, summary.recording))
        if state.phase is Phase.OFFERED:
            self.emit(v.LookUp(self._caller))
        if reconcile.has_ended(summary):
            for event in reconcile.at_the_end(summary):
                self.advance(event)
        elif not self._is_given:
            self._follow(reconcile.going_on(summary, state, self._rules))

    def _follow(self, steps: "list[v.Input | v.Output]") -> None:
        """Before all that waits."""
        for step in reversed(steps):
            if type(step) in _IN_TURN:
                self._inputs.appendleft(step)  # type: ignore[arg-type]
        self._out += [step for step in steps if type(step) not in _IN_TURN]  # type: ignore[misc]

    def _admit(self, _: v.Admit) -> None:
        self.run(commands.AdmitCall(self._rules.robot, self._rules.overload), self.advance)

    def _lost(self, event: v.Lost) -> bool:
        """The bridge does not know the call any more: what has come of its tape is all."""
        self._end = CallSummary(call=self.call, frames=event.frames)
        self.emit(v.FinishHearing(0))
        return True

    def _bury(self, _: v.Lost) -> None:
        self.advance(machine.BridgeLost())

    # -- events of the machine ------------------------------------------------------------------

    def _asked(self, event: v.Asked) -> bool:
        """While the storage is away, a person hears so at once."""
        if self._errands.is_away:
            self.emit(v.Answered(event.ticket, StorageAway()))
        return not self._errands.is_away

    def _press(self, event: v.Asked) -> None:
        def pressed(found: list[LineEffect]) -> None:
            self._carry_out(found)
            self.emit(v.Answered(event.ticket))

        def refused(error: Exception) -> None:
            self.emit(v.Answered(event.ticket, error))

        command = commands.AdvanceCall(self.call, event.event)
        self._errands.add(Errand(command, pressed, refused, is_asked=True))

    def _happened(self, event: v.Happened) -> None:
        self.advance(event.event)

    def _assign(self, _: v.AgentMayBeFree) -> None:
        self.run(commands.AssignWaiting(self.call), self._carry_out)

    def _carry_out(self, found: list[LineEffect]) -> None:
        """The effects of a step, in order."""
        self._is_admitted = True
        for effect in found:
            to_line = effects.to_line(self.call, self._caller, self._rules, effect)
            if to_line is not None:
                self.emit(to_line)
            self._inward(effect)

    def _inward(self, effect: LineEffect) -> None:
        """What an effect means here, beside what it means for the line."""
        if isinstance(effect, RingLine):
            self.agent_id = effect.agent_id
        elif isinstance(effect, machine.Connect):
            self._has_talked = True
        elif isinstance(effect, machine.StartTimer):
            self.emit(v.Arm(effect.name, float(effect.seconds or self._rules.queue_s)))
        elif isinstance(effect, machine.FreeAgent):
            self.emit(v.AgentFreed())
        elif isinstance(effect, machine.BeginDialog):
            self._begin_robot()
        elif isinstance(effect, machine.EndDialog):
            self._end_robot()
        else:
            self._message.carry_out(effect)

    def _begin_robot(self, _: v.BeginRobot | None = None) -> None:
        """The robot talks, and hears the caller from here on."""
        self.emit(v.Hear(CALLER, self.next_frame))
        self._robot = RobotPart(self)
        self._robot.begin()

    def _end_robot(self) -> None:
        if self._robot is not None:
            self._robot = None
            self.emit(v.Disarm(SILENCE))
            self.expect("")

    def _unspeakable(self, _: v.Unspeakable) -> bool:
        if self._robot is not None:
            self._robot.cannot_speak()
        return False

    # -- facts of the bridge --------------------------------------------------------------------

    def _reported(self, event: v.Reported) -> bool:
        """Hearing begins at once, because the audio of these frames follows on the connection;
        the robot is interrupted at once."""
        fact = event.fact
        if isinstance(fact, link.Connected):
            self._out += [v.Hear(CALLER, fact.frames), v.Hear(AGENT, fact.frames)]
        elif isinstance(fact, link.Ended):
            self._line_down(fact.summary)
        elif isinstance(fact, link.PromptPlayed) and fact.token == machine.BEEP:
            self._message.begins(fact.frames)
        elif isinstance(fact, link.LegHungUp) and fact.leg != CALLER and self._errands.is_away:
            self.emit(v.SendOrder(link.HangUp(call=self.call)))
        for_robot = RobotPart.input_of(fact) if self._robot is not None else None
        if self._robot is not None and for_robot is not None:
            self._robot.take(for_robot)
        return for_robot is None

    def _fact(self, event: v.Reported) -> None:
        fact = event.fact
        if isinstance(fact, link.RecordingStarted):
            self.run(commands.NoteRecording(self.call, fact.path))
        elif isinstance(fact, link.RecordingFailed):
            self.run(commands.NoteRecording(self.call, error=fact.error))
        elif isinstance(fact, link.Connected):
            self.run(commands.NoteHeard(self.call, fact.frames))
        elif isinstance(fact, link.Ended):
            for each in reconcile.at_the_end(fact.summary):
                self.advance(each)
        elif not self._is_given and (happened := effects.to_event(fact)) is not None:
            self.advance(happened)

    def _customers(self, event: v.CustomersFound) -> None:
        self.run(commands.TakeCustomers(self.call, tuple(event.rows)))

    # -- what is heard ---------------------------------------------------------------------------

    def _activity(self, event: v.SpeechActivity) -> bool:
        self.sound = event
        self._message.listen(event)
        if self._robot is not None:
            self._robot.listen()
        return False

    def _saying(self, event: v.Saying) -> bool:
        self._heard.saying(event)
        return False

    def _case_moved(self, event: v.CaseMoved) -> bool:
        self._heard.case_moved(event.phase)
        return False

    def _uttered(self, event: v.Uttered) -> None:
        self._heard.uttered(event)

    def _deafened(self, event: v.Deafened) -> None:
        self._heard.deafened(event)

    # -- the end ---------------------------------------------------------------------------------

    def _line_down(self, summary: CallSummary) -> None:
        """The tape is heard to its end; the events come in their turn."""
        if self._end is None:
            self._end = summary
            self._message.is_open = False
            self.emit(v.FinishHearing(summary.frames))
            self.emit(v.Arm(_LAST_WORDS, LAST_WORDS_S))

    def _all_heard(self, _: v.AllHeard) -> None:
        end = self._end or CallSummary(call=self.call, frames=self.next_frame)
        self.run(
            commands.CloseCall(self.call, end.frames, end.voicemail_from),
            lambda _: self._close(is_kept=True), self._cannot_close,
        )  # fmt: skip

    def _cannot_close(self, error: Exception) -> None:
        """The bridge keeps the call and offers it again with its next hello."""
        note(error)
        self._close(is_kept=False)

    def _close(self, *, is_kept: bool) -> None:
        if is_kept:
            self.emit(v.SendOrder(link.Forget(call=self.call)))
        self.emit(v.Closed())
        self.over = True


def _open_command(bridge: str, summary: CallSummary) -> commands.OpenCall:
    started = datetime.fromtimestamp(summary.started_at, UTC)
    wanted = summary.purpose.agent_id if summary.purpose is not None else None
    return commands.OpenCall(
        summary.call, bridge, summary.sip_call_id, summary.caller, summary.called, started, wanted
    )


#: Looked at when it comes; True where it also waits its turn.
_AT_ONCE: dict[type, Callable[[Session, Any], bool]] = {
    v.Done: Session._done, v.Failed: Session._failed, v.TimerFired: Session._timer,
    v.Found: Session._found, v.Lost: Session._lost, v.Asked: Session._asked,
    v.Reported: Session._reported, v.CaseMoved: Session._case_moved, v.Saying: Session._saying,
    v.SpeechActivity: Session._activity, v.Unspeakable: Session._unspeakable,
}  # fmt: skip
_IN_TURN: dict[type, Callable[[Session, Any], None]] = {
    v.Found: Session._open, v.Lost: Session._bury, v.Reported: Session._fact,
    v.Happened: Session._happened, v.Asked: Session._press, v.AgentMayBeFree: Session._assign,
    v.Admit: Session._admit, v.BeginRobot: Session._begin_robot, v.TimerFired: Session._fired,
    v.CustomersFound: Session._customers, v.Uttered: Session._uttered,
    v.Deafened: Session._deafened, v.AllHeard: Session._all_heard,
}  # fmt: skip
_OWN_TIMERS: dict[str, Callable[[Session], None]] = {
    RETRY: Session._retry, _GRACE: Session._give_away, SILENCE: Session._silence,
    _LAST_WORDS: Session._wait_for_last_words,
}  # fmt: skip
