"""The session of one live call: facts and audio in; commands, orders and notices out.

Two tasks a call: one takes events through the machine in their order, one hears the audio. Both
end with the call; a bug in one event ends that event only.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any, Protocol

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER, CallId, LegId
from app.domain.ids import UtteranceId
from app.domain.people.actor import SYSTEM, Actor
from app.domain.refusal import Refused
from app.domain.robot import speaker_vocabulary as speech
from app.language.understanding.engine import Situation, Understanding
from app.language.understanding.incremental import Early
from app.link import messages as link
from app.link.codec import Audio
from app.link.messages import Fact, Order
from app.link.summary import Hears
from app.media.g711 import FRAME_MS
from app.service.callbacks.commands import FileVoicemail
from app.service.calls.call_hearing import CallHearing, Ears, Heard
from app.service.calls.commands import (
    AdvanceCall,
    AssignWaiting,
    CloseCall,
    LineEffect,
    NoteDeaf,
    NoteHeard,
    NoteRecording,
    RecordUtterance,
    RingLine,
)
from app.service.calls.hearing import Deaf, Final, Partial
from app.service.command import Command, R
from app.service.ports import Content, Feed, Notice
from app.service.robot.said import caller_said
from app.service.robot.talk import RobotOnCall

log = logging.getLogger(__name__)

MESSAGE_SILENCE_MS = 4000


class Board(Ears, Protocol):
    """What a live call needs of the switchboard around it."""

    feed: Feed

    async def execute(self, command: Command[R]) -> R: ...
    def now(self) -> datetime: ...
    def compare(
        self, utterance_id: UtteranceId, heard: Understanding, situation: Situation
    ) -> None: ...
    async def prompt_key(self, bridge: str, name: str) -> str: ...
    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str: ...
    def content(self) -> Content: ...
    def order(self, bridge: str, order: Order) -> None: ...
    def seconds(self, timer: str) -> int: ...
    def ring_seconds(self) -> int: ...
    def agent_freed(self) -> None: ...
    def closed(self, call_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Ended:
    """The bridge has nothing more of this call; ``frames`` is the length of its tape."""

    frames: int
    voicemail_from: int | None


@dataclass(frozen=True, slots=True)
class ForRobot:
    """Something for the robot, in the order of the call's events."""

    do: Callable[[], Coroutine[Any, Any, None]]


Item = machine.Event | AssignWaiting | Fact | Ended | ForRobot


class CallStage:
    """Implements the robot's Stage: the call that it talks in."""

    def __init__(self, call: "LiveCall", board: Board) -> None:
        self.id: str = call.id
        self._call, self._board = call, board

    async def speak(self, text: str, token: str, *, slow: bool) -> None:
        key = await self._board.speech_key(self._call.bridge, text, slow=slow)
        self._call.order(link.Play(call=self._call.id, key=key, token=token))

    def stop_speaking(self) -> None:
        self._call.order(link.StopPlaying(call=self._call.id))

    def expect(self, reply: str) -> None:
        self._call.expect(reply)

    async def execute(self, command: Command[R]) -> R:
        return await self._board.execute(command)

    def post(self, event: machine.Event) -> None:
        self._call.post(event)

    def arm(self, seconds: float, clock: int) -> asyncio.TimerHandle:
        return self._call.arm_robot(seconds, clock)

    def at_ms(self) -> int:
        return self._call.next_frame * FRAME_MS


class LiveCall:
    """``post`` and ``audio`` never block; everything else happens in the call's tasks."""

    def __init__(
        self, board: Board, call_id: CallId, bridge: str, *, agent_id: int = 0, caller: str = ""
    ) -> None:
        self.id = call_id
        self.bridge = bridge
        self.agent_id = agent_id
        self.next_frame = 0
        self._board = board
        self._caller = caller
        self._inbox: asyncio.Queue[Item] = asyncio.Queue()
        self._sound: asyncio.Queue[Audio | None] = asyncio.Queue()
        self._hearing = CallHearing(board, call_id)
        self._hinted = ""
        self._message_frame: int | None = None
        self._message_open = False
        self._timers: list[asyncio.TimerHandle] = []
        self._end: Ended | None = None
        self._robot: RobotOnCall | None = None
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._listen())]

    # -- in ----------------------------------------------------------------------------------

    def post(self, event: Item) -> None:
        """Take an event, or a fact that becomes one."""
        if isinstance(event, link.Connected | link.PromptPlayed):
            self._hear_from(event)
        self._inbox.put_nowait(event)

    def audio(self, audio: Audio) -> None:
        self.next_frame = max(self.next_frame, audio.first_frame + audio.frames)
        self._sound.put_nowait(audio)

    def hear(self, side: str, frame: int) -> None:
        """Hear this side from a frame on."""
        self._hearing.hear(side, frame)

    def _hear_from(self, fact: link.Connected | link.PromptPlayed) -> None:
        """At once, because the audio of these frames follows on the same connection."""
        if isinstance(fact, link.Connected):
            self.hear(CALLER, fact.frames)
            self.hear(AGENT, fact.frames)
        elif fact.token == machine.BEEP:
            self._message_frame = fact.frames
            self._message_open = True
            self.hear(CALLER, fact.frames)

    async def close(self) -> None:
        """Stop the tasks (end of the call, or of the process)."""
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    # -- events ------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            item = await self._inbox.get()
            try:
                await self._take(item)
            except Refused as refusal:
                log.debug("call event refused: %s", refusal.code)
            except Exception:
                log.exception("an event of a call failed")
            finally:
                self._inbox.task_done()

    async def _take(self, item: Item) -> None:
        if isinstance(item, Ended):
            self._end = item
            self._sound.put_nowait(None)
        elif isinstance(item, ForRobot):
            await item.do()
        elif isinstance(item, AssignWaiting):
            await self.carry_out(await self._board.execute(item))
        elif isinstance(item, machine.Event):
            await self.advance(item)
        else:
            await self._fact(item)

    async def advance(self, event: machine.Event, actor: Actor = SYSTEM) -> None:
        """One event through the machine, then its effects. Raises Refused."""
        command = AdvanceCall(self.id, event, actor=actor)
        await self.carry_out(await self._board.execute(command))

    async def _fact(self, fact: Fact) -> None:
        if isinstance(fact, link.RecordingStarted):
            await self._board.execute(NoteRecording(self.id, fact.path))
        elif isinstance(fact, link.RecordingFailed):
            await self._board.execute(NoteRecording(self.id, error=fact.error))
        elif isinstance(fact, link.Connected):
            await self._board.execute(NoteHeard(self.id, fact.frames))
        else:
            if self._robot is not None:
                await self._tell_robot(self._robot, fact)
            event = to_event(fact)
            if event is not None:
                await self.advance(event)

    async def _tell_robot(self, robot: RobotOnCall, fact: Fact) -> None:
        if isinstance(fact, link.PromptPlayed):
            await robot.take(speech.PiecePlayed(fact.token))
        elif isinstance(fact, link.DigitPressed) and fact.leg == CALLER:
            await robot.take(speech.KeyPressed(fact.digit))

    # -- effects -----------------------------------------------------------------------------

    async def carry_out(self, effects: list[LineEffect]) -> None:
        """Send the orders of a step, in order."""
        for effect in effects:
            await self._effect(effect)

    async def _effect(self, effect: LineEffect) -> None:
        simple = _SIMPLE_ORDERS.get(type(effect))
        if simple is not None:
            self.order(simple(self.id))
        elif isinstance(effect, machine.Play):
            key = await self._board.prompt_key(self.bridge, effect.name)
            self.order(link.Play(call=self.id, key=key, token=effect.name, loop=effect.loop))
        elif isinstance(effect, RingLine):
            self.agent_id = effect.agent_id
            self.order(link.Dial(
                call=self.id, leg=AGENT, uri=effect.uri, name=self._caller,
                timeout_s=self._board.ring_seconds(),
            ))  # fmt: skip
        elif isinstance(effect, machine.Hold):
            key = await self._board.prompt_key(self.bridge, machine.HOLD_MUSIC)
            self.order(link.Hold(call=self.id, key=key))
        elif isinstance(effect, machine.StartTimer):
            self._start_timer(effect.name, effect.seconds or self._board.seconds(effect.name))
        else:
            await self._inward(effect)

    async def _inward(self, effect: LineEffect) -> None:
        """What is no order to the bridge."""
        if isinstance(effect, machine.FreeAgent):
            self._board.agent_freed()
        elif isinstance(effect, machine.BeginDialog):
            await self.begin_dialog(self.next_frame)
        elif isinstance(effect, machine.EndDialog):
            self._robot = None
            self.expect("")
        else:
            await self._message(effect)

    def expect(self, reply: str) -> None:
        """What the caller's next words answer to: a section of short replies."""
        self._hearing.expecting = reply

    async def begin_dialog(self, frame: int) -> None:
        """The robot talks, and hears the caller from a frame on."""
        self.hear(CALLER, frame)
        self._robot = RobotOnCall(CallStage(self, self._board))
        await self._robot.take(speech.Begun())

    async def _message(self, effect: LineEffect) -> None:
        """A voice message begins or is complete."""
        if isinstance(effect, machine.TakeMessage):
            start = self._message_frame if self._message_frame is not None else self.next_frame
            await self._board.execute(FileVoicemail(self.id, start))
            await self._board.execute(NoteHeard(self.id, start))
        elif isinstance(effect, machine.FileMessage):
            await self._file_message()

    async def _file_message(self) -> None:
        self._message_open = False
        if self._message_frame is not None:
            file = FileVoicemail(self.id, self._message_frame, self.next_frame)
            await self._board.execute(file)

    def order(self, order: Order) -> None:
        self._board.order(self.bridge, order)

    def _start_timer(self, name: str, seconds: int) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self.post, machine.TimerFired(name))
        self._timers.append(timer)

    def arm_robot(self, seconds: float, clock: int) -> asyncio.TimerHandle:
        """A silence of the robot's caller: it comes back through the inbox."""
        robot = self._robot

        def fire() -> None:
            if robot is not None and robot is self._robot:
                self.post(ForRobot(lambda: robot.take(speech.SilenceElapsed(clock))))

        return asyncio.get_running_loop().call_later(seconds, fire)

    def start_timer(self, name: str) -> None:
        """Arm a timer again after a restart."""
        self._start_timer(name, self._board.seconds(name))

    # -- hearing -----------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            audio = await self._sound.get()
            try:
                if audio is not None:
                    await self._hear(audio)
                if self._end is not None and self.next_frame >= self._end.frames:
                    await self._finish(self._end)
                    return
            except Exception:
                log.exception("hearing failed")
                if self._end is not None:
                    await self._finish(self._end)
                    return

    async def _hear(self, audio: Audio) -> None:
        for item in await self._hearing.feed(audio):
            await self._tell(item)
        self._watch_silence()
        if (robot := self._robot) is not None:
            sound = speech.CallerSpeaking(
                speaking_ms=self._hearing.caller_speaking_ms,
                quiet_ms=self._hearing.caller_quiet_ms,
            )
            self.post(ForRobot(lambda: robot.take(sound)))

    async def _tell(self, heard: Heard) -> None:
        if isinstance(heard.what, Deaf):
            await self._note_deaf(heard.side, heard.what)
            return
        text = heard.text if isinstance(heard.what, Partial) else ""
        data = {"side": heard.side, "text": text}
        if isinstance(heard.what, Final) and heard.what.words:
            await self._record(heard.side, heard.what, heard)
            self._answer(heard, heard.what)
        self._board.feed.publish(Notice("partial", self.id, self.agent_id, data))
        if heard.side == CALLER:
            self._hint(heard.early)

    def _answer(self, heard: Heard, final: Final) -> None:
        """What the caller said is for the robot, while it talks."""
        robot, understanding = self._robot, heard.understanding
        if robot is None or understanding is None or heard.side != CALLER:
            return
        clear = fmean(word.confidence for word in final.words)
        said = caller_said(understanding, clear, self._board.content())
        self.post(ForRobot(lambda: robot.take(said)))

    async def _note_deaf(self, side: str, deaf: Deaf) -> None:
        """The transcript of this side has a gap: the call goes on, and everybody can see it."""
        log.warning("recognition failed, again in a while: %s", deaf.why)
        frame = self.next_frame
        await self._board.execute(NoteDeaf(self.id, side, frame, deaf.until_frame))

    def _hint(self, early: Early | None) -> None:
        """What the caller seems to want, before the sentence is over: shown, never stored."""
        intent = early.understanding.intent if early is not None and early.stable else ""
        if intent != self._hinted:
            self._hinted = intent
            data = {"intent": intent}
            self._board.feed.publish(Notice("hint", self.id, self.agent_id, data))

    async def _record(self, side: str, final: Final, heard: Heard) -> None:
        utterance_id = await self._board.execute(RecordUtterance(
            self.id, side, final.start_ms, final.end_ms, final.words, heard.understanding,
            self._heard_frames(), self._board.now(),
        ))  # fmt: skip
        if heard.understanding is not None and heard.situation is not None:
            self._board.compare(utterance_id, heard.understanding, heard.situation)

    def _heard_frames(self) -> tuple[int, int]:
        here = self.next_frame
        return self._hearing.safe_frame(CALLER, here), self._hearing.safe_frame(AGENT, here)

    def _watch_silence(self) -> None:
        if self._message_open and self._hearing.caller_quiet_ms >= MESSAGE_SILENCE_MS:
            self._message_open = False
            self.post(machine.SilenceHeard())

    async def _finish(self, end: Ended) -> None:
        """Nothing more will come: the last words, then the books are closed."""
        for heard in await self._hearing.flush(self.next_frame):
            await self._tell(heard)
        close = CloseCall(self.id, end.frames, end.voicemail_from)
        await self._inbox.join()
        await self._board.execute(close)
        self.order(link.Forget(call=self.id))
        self._board.closed(self.id)
        await self.close()


#: The caller and one agent hear each other.
BOTH: Hears = {CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}

_SIMPLE_ORDERS: dict[type, Callable[[CallId], Order]] = {
    machine.Answer: lambda call: link.Answer(call=call),
    machine.StopPlaying: lambda call: link.StopPlaying(call=call),
    machine.DropAgent: lambda call: link.DropLeg(call=call, leg=AGENT),
    machine.Connect: lambda call: link.Connect(call=call, hears=BOTH),
    machine.Resume: lambda call: link.Resume(call=call),
    machine.HangUp: lambda call: link.HangUp(call=call),
}


def _of_agent(leg: LegId, event: machine.Event) -> machine.Event | None:
    """A hold on the agent's phone is a hold; a caller's own hold is the caller's business."""
    return event if leg == AGENT else None


def _hung_up(leg: LegId) -> machine.Event:
    return machine.AgentHungUp() if leg == AGENT else machine.CallerHungUp()


def to_event(fact: Fact) -> machine.Event | None:
    """The machine's event for a fact of the bridge; None where the machine does not care."""
    match fact:
        case link.LegAnswered():
            return machine.AgentAnswered()
        case link.LegFailed():
            return machine.AgentFailed(fact.code)
        case link.PromptPlayed():
            return machine.PromptPlayed(fact.token)
        case link.LegHungUp():
            return _hung_up(fact.leg)
        case link.DigitPressed():
            return machine.DigitPressed(fact.digit) if fact.leg == CALLER else None
        case link.LegHeld():
            return _of_agent(fact.leg, machine.HoldRequested())
        case link.LegResumed():
            return _of_agent(fact.leg, machine.ResumeRequested())
        case _:
            return None
