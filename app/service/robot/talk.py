"""The robot's speaker in a live call: carries out what the machine asks for, in the call's task."""

import asyncio
import logging
from collections import deque
from typing import Protocol

from app.domain.calls import machine
from app.domain.refusal import Refused
from app.domain.robot import speaker_vocabulary as v
from app.domain.robot.speaker import Speaker
from app.domain.robot.vocabulary import DialogEvent
from app.service.command import Command, R
from app.service.robot.commands import TalkToRobot

log = logging.getLogger(__name__)


class Stage(Protocol):
    """What the robot needs of the call that it talks in."""

    id: str

    async def speak(self, text: str, token: str, *, slow: bool) -> None: ...
    def stop_speaking(self) -> None: ...
    def expect(self, reply: str) -> None: ...
    async def execute(self, command: Command[R]) -> R: ...
    def post(self, event: machine.Event) -> None: ...
    def arm(self, seconds: float, clock: int) -> asyncio.TimerHandle: ...
    def at_ms(self) -> int: ...


class RobotOnCall:
    """One robot's part of one call. ``take`` is called by one task at a time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._speaker = Speaker()
        self._silence: asyncio.TimerHandle | None = None

    async def take(self, event: v.Input) -> None:
        """One input, and all that follows from it."""
        inputs = deque([event])
        while inputs:
            for output in self._speaker.take(inputs.popleft()):
                answer = await self._carry_out(output)
                if answer is not None:
                    inputs.append(answer)
                if isinstance(answer, v.SpeechFailed):
                    break

    async def _carry_out(self, output: v.Output) -> v.Input | None:
        match output:
            case v.TakeTurn(event):
                return await self._turn(event)
            case v.Say():
                return await self._say(output)
            case v.StopSaying():
                self._stage.stop_speaking()
            case v.Expect(reply):
                self._stage.expect(reply)
            case v.ArmSilence() | v.DisarmSilence():
                self._watch(output)
            case v.End(event):
                self._stage.post(event)
        return None

    async def _turn(self, event: DialogEvent) -> v.Input:
        command = TalkToRobot(self._stage.id, event, self._stage.at_ms())
        try:
            turn = await self._stage.execute(command)
        except Refused as refusal:
            log.debug("a turn of the robot refused: %s", refusal.code)
        except Exception:
            log.exception("a turn of the robot failed")
        else:
            return v.TurnTaken(effects=turn.effects, place=turn.place, slow=turn.slow)
        return v.TurnFailed()

    async def _say(self, piece: v.Say) -> v.Input | None:
        try:
            await self._stage.speak(piece.text, piece.token, slow=piece.slow)
        except Exception:
            log.exception("the robot cannot speak: the caller leaves a message")
            return v.SpeechFailed()
        return None

    def _watch(self, clock: v.ArmSilence | v.DisarmSilence) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if isinstance(clock, v.ArmSilence):
            self._silence = self._stage.arm(clock.seconds, clock.clock)
