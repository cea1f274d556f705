"""The robot's speaker in a session: what it asks for becomes the session's outputs."""

from collections.abc import Callable
from typing import Any, Protocol

from app.domain.calls import machine
from app.domain.calls.ids import CALLER, CallId
from app.domain.robot import speaker_vocabulary as speech
from app.domain.robot.speaker import Speaker
from app.link import messages as link
from app.media.g711 import FRAME_MS
from app.service.calls import session_vocabulary as v
from app.service.command import Command, R
from app.service.robot.commands import RobotTurn, TalkToRobot

SILENCE = "silence"


class Call(Protocol):
    """What the robot's part needs of the session that it is part of."""

    call: CallId
    next_frame: int

    @property
    def sound(self) -> v.SpeechActivity: ...
    def emit(self, output: v.Output) -> None: ...
    def expect(self, reply: str) -> None: ...
    def advance(self, event: machine.Event) -> None: ...
    def run(
        self, command: Command[R], then: Callable[[R], None], failed: Callable[[Exception], None]
    ) -> None: ...


class RobotPart:
    """One robot's part of one call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._speaker = Speaker()
        self._clock = 0

    def begin(self) -> None:
        self.take(speech.Begun())

    def silence_elapsed(self) -> None:
        self.take(speech.SilenceElapsed(self._clock))

    def cannot_speak(self) -> None:
        self.take(speech.SpeechFailed())

    def listen(self) -> None:
        """The caller began or stopped speaking, or goes on."""
        sound = self._call.sound
        self.take(
            speech.CallerSpeaking(speaking_ms=sound.speaking_ms, quiet_ms=sound.quiet_ms)
        )  # fmt: skip

    def take(self, event: speech.Input) -> None:
        """One input, and all that follows from it."""
        for output in self._speaker.take(event):
            _OUTPUTS[type(output)](self, output)

    @staticmethod
    def input_of(fact: link.Fact) -> speech.Input | None:
        """What a fact of the line is for the speaker; None for nothing."""
        if isinstance(fact, link.PromptPlayed):
            return speech.PiecePlayed(fact.token)
        if isinstance(fact, link.DigitPressed) and fact.leg == CALLER:
            return speech.KeyPressed(fact.digit)
        return None

    def _turn(self, output: speech.TakeTurn) -> None:
        at_ms = self._call.next_frame * FRAME_MS
        command = TalkToRobot(call_id=self._call.call, event=output.event, at_ms=at_ms)
        self._call.run(command, self._turned, lambda _: self.take(speech.TurnFailed()))

    def _turned(self, turn: RobotTurn) -> None:
        """Who speaks already when the robot begins interrupts it at once."""
        self.take(speech.TurnTaken(effects=turn.effects, place=turn.place, slow=turn.slow))
        if self._call.sound.speaking_ms:
            self.listen()

    def _say(self, output: speech.Say) -> None:
        self._call.emit(v.Speak(text=output.text, token=output.token, slow=output.slow))

    def _stop(self, _: speech.StopSaying) -> None:
        self._call.emit(v.SendOrder(link.StopPlaying(call=self._call.call)))

    def _expect(self, output: speech.Expect) -> None:
        self._call.expect(output.reply)

    def _arm(self, output: speech.ArmSilence) -> None:
        self._clock = output.clock
        self._call.emit(v.Arm(SILENCE, output.seconds))

    def _disarm(self, _: speech.DisarmSilence) -> None:
        self._call.emit(v.Disarm(SILENCE))

    def _end(self, output: speech.End) -> None:
        self._call.advance(output.event)


_OUTPUTS: dict[type, Callable[[RobotPart, Any], None]] = {
    speech.TakeTurn: RobotPart._turn, speech.Say: RobotPart._say,
    speech.StopSaying: RobotPart._stop, speech.Expect: RobotPart._expect,
    speech.ArmSilence: RobotPart._arm, speech.DisarmSilence: RobotPart._disarm,
    speech.End: RobotPart._end,
}  # fmt: skip
