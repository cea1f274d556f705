"""The robot on the line: pieces of speech out, words and keys in; lets itself be interrupted.

What is said is queued sentence by sentence. When the caller begins to speak, an interruptible
sentence is stopped at once; if it was only a back-channel (嗯, 对), or no word at all, it is said
again from that sentence on, else what was said counts and the rest is dropped.
"""

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any, Protocol

from app.domain.calls import machine
from app.domain.robot.vocabulary import (
    AskMessage,
    DialogEffect,
    DialogEvent,
    HandOver,
    Leave,
    Place,
    Pressed,
    Said,
    Say,
    Silent,
    Started,
)
from app.language.understanding.engine import Understanding
from app.language.understanding.normalise import searchable
from app.language.understanding.numbers import dictated
from app.service.robot.commands import TalkToRobot
from app.service.robot.handlers import RobotTurn

log = logging.getLogger(__name__)

#: Speech of this length stops what the robot says.
BARGE_IN_MS = 160
#: Without a word after this much quiet, it was a noise: the robot goes on.
NOTHING_SAID_MS = 700
MOST_RESUMED = 2
SILENCE_S, DICTATING_SILENCE_S = 7.0, 11.0
_YES_OR_NO = (Place.SURE, Place.GUIDE, Place.OFFER, Place.CONFIRM, Place.PERSON)
#: Which short replies (lexicon) the robot's questions are answered with.
_REPLIES = {
    Place.SURE: "read_back", Place.CONFIRM: "read_back", Place.GUIDE: "question",
    Place.PERSON: "question", Place.OFFER: "offer", Place.MORE: "anything_else",
}  # fmt: skip
#: What is said at once, and may be interrupted or said again by itself.
SENTENCES = re.compile("[^。？！]*[。？！]|[^。？！]+$")


class Stage(Protocol):
    """What the robot needs of the call that it talks in."""

    id: str

    async def speak(self, text: str, token: str, *, slow: bool) -> None: ...
    def hush(self) -> None: ...
    def expect(self, reply: str) -> None: ...
    async def execute(self, command: object) -> Any: ...
    def post(self, event: machine.Event) -> None: ...
    def arm(self, seconds: float) -> asyncio.TimerHandle: ...
    def backchannels(self) -> tuple[str, ...]: ...
    def answer(self, entry: str) -> str: ...
    def at_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    whole: bool


class RobotTalk:
    """One robot's part of one call. Everything happens in the call's own task."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pieces: list[_Piece] = []
        self._number = 0
        self._stopped = False
        self._resumed = 0
        self._after: list[DialogEffect] = []
        self._kept: Said | None = None
        self._slow = False
        self._place = ""
        self._silence: asyncio.TimerHandle | None = None
        self.over = False

    async def begin(self) -> None:
        await self._turn(Started())

    # -- out ---------------------------------------------------------------------------------

    async def _turn(self, event: DialogEvent) -> None:
        """One event through the dialog; then what it says and does, in order."""
        if self.over:
            return
        self._wait(None)
        command = TalkToRobot(self._stage.id, event, self._stage.at_ms())
        try:
            turn: RobotTurn = await self._stage.execute(command)
        except Exception:
            # whatever went wrong, the caller is asked again: nobody waits in silence
            self._wait(SILENCE_S)
            raise
        self._slow, self._place = turn.slow, turn.place
        self._stage.expect(_REPLIES.get(Place(turn.place), ""))
        if self._pieces:
            self._stage.hush()
        self._pieces, self._stopped, self._resumed = [], False, 0
        says = [effect for effect in turn.effects if isinstance(effect, Say)]
        self._after = [effect for effect in turn.effects if not isinstance(effect, Say)]
        for say in says:
            self._pieces += [_Piece(s.strip(), say.whole) for s in SENTENCES.findall(say.text)]
        self._pieces = [piece for piece in self._pieces if piece.text]
        await self._send()
        if not self._pieces and not self.over:
            self._said_all()

    async def _send(self) -> None:
        """Queue all that is left to say. The token tells which sending a report belongs to."""
        self._number += 1
        try:
            for at, piece in enumerate(self._pieces):
                await self._stage.speak(piece.text, f"say-{self._number}-{at}", slow=self._slow)
        except Exception:
            log.exception("the robot cannot speak: the caller leaves a message")
            self.over = True
            self._stage.post(machine.RobotHandedOver(staffed=False, speechless=True))

    async def played(self, token: str) -> None:
        """A sentence was said to its end, or was stopped."""
        if not token.startswith(f"say-{self._number}-") or self._stopped or not self._pieces:
            return
        self._pieces.pop(0)
        if self._kept is not None and not (self._pieces and self._pieces[0].whole):
            kept, self._kept = self._kept, None
            await self._turn(kept)
        elif not self._pieces:
            self._said_all()

    def _said_all(self) -> None:
        after, self._after = self._after, []
        for effect in after:
            self._leave(effect)
        if not after and self._place not in (Place.GONE, Place.ACTING):
            self._wait(self._silence_s)

    def _leave(self, effect: DialogEffect) -> None:
        self.over = True
        if isinstance(effect, HandOver):
            self._stage.post(machine.RobotHandedOver(staffed=True, urgent=effect.urgent))
        elif isinstance(effect, AskMessage):
            self._stage.post(machine.RobotHandedOver(staffed=False))
        elif isinstance(effect, Leave):
            self._stage.post(machine.RobotFinished())

    @property
    def _silence_s(self) -> float:
        """How long nobody needs to speak: numbers are looked up while they are dictated."""
        return DICTATING_SILENCE_S if self._place == Place.SLOT else SILENCE_S

    def _wait(self, seconds: float | None) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if seconds is not None:
            self._silence = self._stage.arm(seconds)

    # -- in ----------------------------------------------------------------------------------

    async def silent(self) -> None:
        await self._turn(Silent())

    async def pressed(self, digit: str) -> None:
        await self._turn(Pressed(digit))

    async def listening(self, speaking_ms: int, quiet_ms: int) -> None:
        """Called with every stretch of audio."""
        if speaking_ms:
            self._wait_for_words()
        if speaking_ms >= BARGE_IN_MS and self._can_be_stopped():
            self._stopped = True
            self._stage.hush()
        elif self._stopped and not speaking_ms and quiet_ms >= NOTHING_SAID_MS:
            await self._resume()

    def _wait_for_words(self) -> None:
        """Somebody is speaking: the clock of the silence begins anew after it."""
        if self._silence is not None:
            self._wait(self._silence_s)

    def _can_be_stopped(self) -> bool:
        """Who says 对 all the time hears it to the end after a while; words still count."""
        stoppable = bool(self._pieces) and not self._pieces[0].whole
        return stoppable and not self._stopped and self._resumed < MOST_RESUMED

    async def _resume(self) -> None:
        self._stopped, self._resumed = False, self._resumed + 1
        await self._send()

    async def heard(self, text: str, understanding: Understanding, clear: float) -> None:
        """A whole utterance of the caller."""
        if searchable(text) in self._stage.backchannels() and not self._is_an_answer():
            if self._stopped:
                await self._resume()
            return
        said = self._event(text, understanding, clear)
        if self._pieces and self._pieces[0].whole and not self._stopped:
            self._kept = said
            return
        await self._turn(said)

    def _is_an_answer(self) -> bool:
        """Whether 对 answers the question that is being asked, or is over."""
        return not self._pieces or (self._place in _YES_OR_NO and len(self._pieces) == 1)

    def _event(self, text: str, found: Understanding, clear: float) -> Said:
        answer = self._stage.answer(found.faq[0].id) if found.faq else ""
        return Said(
            text, found.intent, found.action, dict(found.slots), dictated(text), answer, clear
        )  # fmt: skip
