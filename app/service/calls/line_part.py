"""The line in a session: facts of the bridge in, effects of the call's machine out."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER, CallId
from app.domain.calls.machine import CallState, Phase
from app.domain.robot.speaker_vocabulary import CallerSaid
from app.link import messages as link
from app.link.summary import CallSummary
from app.service.calls import effects, reconcile
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import (
    AssignWaiting,
    LineEffect,
    NoteHeard,
    NoteRecording,
    OpenCall,
    RingLine,
)
from app.service.calls.message_part import MessagePart
from app.service.calls.robot_part import SILENCE, RobotPart
from app.service.command import Command, R
from app.service.queue.commands import AdmitCall


class Call(Protocol):
    """What this part needs of the session that it is part of."""

    call: CallId
    bridge: str
    next_frame: int
    agent_id: int
    sound: v.SpeechActivity

    @property
    def is_away(self) -> bool:
        """Whether nothing can be stored now."""
        ...

    def emit(self, output: v.Output) -> None: ...
    def advance(self, event: machine.Event) -> None: ...
    def expect(self, reply: str) -> None: ...
    def first_of_all(self, event: v.Input) -> None: ...
    def line_down(self, summary: CallSummary) -> None: ...
    def run(
        self, command: Command[R], then: Callable[[R], None] = ...,
        failed: Callable[[Exception], None] = ...,
    ) -> None: ...  # fmt: skip


class LinePart:
    """``is_given``: the bridge has taken the call, and takes a message by itself; ``has_talked``:
    somebody was connected; ``is_admitted``: the call is past its first decision."""

    def __init__(self, call: Call, rules: v.Rules) -> None:
        self._call, self._rules = call, rules
        self._caller = ""
        self._message = MessagePart(call)
        self._robot: RobotPart | None = None
        self.is_given = self.has_talked = self.is_admitted = False

    @property
    def robot_talks(self) -> bool:
        return self._robot is not None

    @property
    def wants_activity(self) -> bool:
        """Whether somebody listens to the caller's speech and silence as such."""
        return self._robot is not None or self._message.is_open

    # -- where the call comes from -------------------------------------------------------------

    def found(self, event: v.Found) -> None:
        """Hearing is set up at once: the audio follows."""
        summary, standing = event.summary, event.standing
        self._caller = summary.caller
        self.is_given |= summary.emergency
        if standing is not None:
            self.has_talked |= standing.state.phase in machine.WITH_AGENT
            self.is_admitted |= standing.state.phase is not Phase.OFFERED
        for hear in reconcile.hearing(summary, standing):
            self._call.emit(hear)
        if reconcile.has_ended(summary):
            self._call.line_down(summary)
        elif standing is None:
            self._call.emit(v.SendOrder(link.Ring(call=self._call.call)))

    def open(self, event: v.Found) -> None:
        self._call.run(
            _open_command(self._call.bridge, event.summary),
            lambda state: self._opened(event.summary, state),
        )

    def _opened(self, summary: CallSummary, state: CallState) -> None:
        """The machine is brought to where the line is."""
        if summary.recording:
            self._call.run(NoteRecording(call_id=self._call.call, path=summary.recording))
        if state.phase is Phase.OFFERED:
            self._call.emit(v.LookUp(self._caller))
        if reconcile.has_ended(summary):
            self._ended(summary)
        elif not self.is_given:
            events, outputs = reconcile.going_on(summary, state, self._rules)
            for event in reversed(events):
                self._call.first_of_all(event)
            for output in outputs:
                self._call.emit(output)

    def _ended(self, summary: CallSummary) -> None:
        for event in reconcile.at_the_end(summary):
            self._call.advance(event)

    def admit(self, _: v.Admit) -> None:
        command = AdmitCall(robot=self._rules.robot, overload=self._rules.overload)
        self._call.run(command, self._call.advance)

    def assign(self, _: v.AgentMayBeFree) -> None:
        self._call.run(AssignWaiting(call_id=self._call.call), self.carry_out)

    def give_away(self) -> None:
        """The bridge takes a message by itself."""
        self.is_given = True
        self._end_robot()
        self.stop_message()
        self._call.emit(v.SendOrder(link.TakeMessage(call=self._call.call)))
        self._call.emit(v.Hear(CALLER, self._call.next_frame))

    def stop_message(self) -> None:
        """Nobody listens for the end of a message any more."""
        self._message.is_open = False

    # -- effects of the machine ------------------------------------------------------------------

    def carry_out(self, found: list[LineEffect]) -> None:
        """The effects of a step, in order."""
        self.is_admitted = True
        for effect in found:
            to_line = effects.to_line(self._call.call, self._caller, self._rules, effect)
            if to_line is not None:
                self._call.emit(to_line)
            self._inward(effect)

    def _inward(self, effect: LineEffect) -> None:
        """What an effect means here, beside what it means for the line."""
        if isinstance(effect, RingLine):
            self._call.agent_id = effect.agent_id
        elif isinstance(effect, machine.Connect):
            self.has_talked = True
        elif isinstance(effect, machine.StartTimer):
            self._call.emit(v.Arm(effect.name, float(effect.seconds or self._rules.queue_s)))
        elif isinstance(effect, machine.FreeAgent):
            self._call.emit(v.AgentFreed())
        elif isinstance(effect, machine.BeginDialog):
            self.begin_robot()
        elif isinstance(effect, machine.EndDialog):
            self._end_robot()
        else:
            self._message.carry_out(effect)

    # -- the robot -------------------------------------------------------------------------------

    def begin_robot(self, _: v.BeginRobot | None = None) -> None:
        """The robot talks, and hears the caller from here on."""
        self._call.emit(v.Hear(CALLER, self._call.next_frame))
        self._robot = RobotPart(self._call)
        self._robot.begin()

    def _end_robot(self) -> None:
        if self._robot is not None:
            self._robot = None
            self._call.emit(v.Disarm(SILENCE))
            self._call.expect("")

    def to_robot(self, said: CallerSaid) -> None:
        if self._robot is not None:
            self._robot.take(said)

    def silence(self) -> None:
        if self._robot is not None:
            self._robot.silence_elapsed()

    def unspeakable(self, _: v.Unspeakable) -> None:
        if self._robot is not None:
            self._robot.cannot_speak()

    def activity(self, sound: v.SpeechActivity) -> None:
        self._message.listen(sound)
        if self._robot is not None:
            self._robot.listen()

    # -- facts of the bridge --------------------------------------------------------------------

    def reported(self, event: v.Reported) -> bool:
        """Hearing begins at once, because the audio of these frames follows on the connection;
        the robot is told at once. Answers whether the fact also waits its turn."""
        fact = event.fact
        if isinstance(fact, link.Connected):
            self._call.emit(v.Hear(CALLER, fact.frames))
            self._call.emit(v.Hear(AGENT, fact.frames))
        elif isinstance(fact, link.Ended):
            self._call.line_down(fact.summary)
        elif isinstance(fact, link.PromptPlayed) and fact.token == machine.BEEP:
            self._message.begins(fact.frames)
        elif isinstance(fact, link.LegHungUp) and fact.leg != CALLER and self._call.is_away:
            self._call.emit(v.SendOrder(link.HangUp(call=self._call.call)))
        for_robot = RobotPart.input_of(fact) if self._robot is not None else None
        if self._robot is not None and for_robot is not None:
            self._robot.take(for_robot)
        return for_robot is None

    def fact(self, event: v.Reported) -> None:
        """In its turn."""
        fact, call = event.fact, self._call.call
        if isinstance(fact, link.RecordingStarted):
            self._call.run(NoteRecording(call_id=call, path=fact.path))
        elif isinstance(fact, link.RecordingFailed):
            self._call.run(NoteRecording(call_id=call, error=fact.error))
        elif isinstance(fact, link.Connected):
            self._call.run(NoteHeard(call_id=call, frame=fact.frames))
        elif isinstance(fact, link.Ended):
            self._ended(fact.summary)
        elif not self.is_given and (happened := effects.to_event(fact)) is not None:
            self._call.advance(happened)


def _open_command(bridge: str, summary: CallSummary) -> OpenCall:
    started = datetime.fromtimestamp(summary.started_at, UTC)
    wanted = summary.purpose.agent_id if summary.purpose is not None else None
    return OpenCall(
        call_id=summary.call,
        bridge=bridge,
        sip_call_id=summary.sip_call_id,
        caller=summary.caller,
        called=summary.called,
        started_at=started,
        wanted=wanted,
    )
