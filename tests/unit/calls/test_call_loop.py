"""The loop of a live call: what is for the line goes out in order, buttons are answered, a missing voice is told."""

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER
from app.domain.people.actor import SYSTEM
from app.domain.refusal import Refused
from app.domain.robot import vocabulary as robot
from app.link import messages as link
from app.link.codec import Audio
from app.link.summary import CallSummary
from app.media.g711 import FRAME_BYTES
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import AdvanceCall
from app.service.calls.loop import CallLoop
from app.service.calls.session import Session
from app.service.robot.commands import RobotTurn
from tests.support.kept import present
from tests.support.live_calls import CALL, RULES, Storage

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


class _Brain:
    """Executes on the real call machine; prompts take a moment; there may be no voice."""

    def __init__(self, storage: Storage, *, voice: bool = True) -> None:
        self.storage, self._voice = storage, voice
        self.orders: list[link.Order] = []
        self.making = asyncio.Event()
        self.closed_calls: list[str] = []
        self.recogniser, self.pool = None, ThreadPoolExecutor(1)

    async def execute(self, command: Any) -> Any:
        await asyncio.sleep(0)
        return self.storage.execute(command)

    def order(self, bridge: str, order: link.Order) -> None:
        self.orders.append(order)

    async def prompt_key(self, bridge: str, name: str) -> str:
        await asyncio.sleep(0.01)
        return f"key of {name}"

    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str:
        self.making.set()
        await asyncio.sleep(0.02)
        if not self._voice:
            raise OSError("no voice")
        return f"key of {text}"

    async def customers(self, caller: str) -> list[object]:
        return []

    def tell(self, notice: object) -> None: ...

    def agent_freed(self) -> None: ...

    def closed(self, call_id: str) -> None:
        self.closed_calls.append(call_id)


def _names(brain: _Brain) -> list[str]:
    return [type(o).__name__ if not isinstance(o, link.Play) else o.token for o in brain.orders]


async def _offered(storage: Storage, *, voice: bool = True) -> tuple[CallLoop, _Brain]:
    brain = _Brain(storage, voice=voice)
    loop = CallLoop(brain, Session(CALL, "b", RULES))  # type: ignore[arg-type]
    loop.take(v.Found(summary=CallSummary(call=CALL, caller="13800000001")))
    return loop, brain


def _turn(*words: str) -> RobotTurn:
    return RobotTurn(tuple(robot.Say(text) for text in words), robot.Place.OPEN, slow=False)


async def test_orders_wait_for_a_prompt_that_is_being_made() -> None:
    loop, brain = await _offered(Storage())
    await asyncio.sleep(0.05)
    assert _names(brain) == ["Ring", "Answer", "welcome", "Dial"]
    loop.close()


async def test_without_a_voice_the_caller_leaves_a_message() -> None:
    """With a prompt that was made at the start."""
    loop, brain = await _offered(Storage(robot=[_turn("您好。", "请讲。")]), voice=False)
    await asyncio.sleep(0.1)
    assert present(brain.storage.state).phase is machine.Phase.VOICEMAIL_GREETING
    assert _names(brain)[-1] == machine.BUSY_GREETING and "say-1-0" not in _names(brain)
    loop.close()


async def test_what_is_still_being_made_is_not_said_after_a_stop() -> None:
    loop, brain = await _offered(Storage(robot=[_turn("一句话。两句话。三句话。")]))
    await asyncio.wait_for(brain.making.wait(), 5)
    loop.take(v.SpeechActivity(speaking_ms=400, quiet_ms=0))
    await asyncio.sleep(0.1)
    assert _names(brain) == ["Ring", "Answer", "say-1-0", "StopPlaying"]
    loop.close()


async def test_a_button_is_answered() -> None:
    loop, _ = await _offered(Storage(agents=[]))
    await asyncio.sleep(0.05)
    with pytest.raises(Refused):
        await loop.ask(machine.HoldRequested(), SYSTEM)
    loop.close()


async def test_a_timer_fires_and_is_disarmed() -> None:
    loop, brain = await _offered(Storage(agents=[]))
    loop._arm(v.Arm("voicemail", 0.01))
    loop._arm(v.Arm("queue", 0.01))
    loop._disarm(v.Disarm("queue"))
    await asyncio.sleep(0.1)
    fired = [c.event for c in brain.storage.done if isinstance(c, AdvanceCall) and isinstance(c.event, machine.TimerFired)]
    assert fired == [machine.TimerFired("voicemail")]
    loop.close()


async def test_a_call_is_closed_when_nothing_more_comes() -> None:
    loop, brain = await _offered(Storage())
    await asyncio.sleep(0.05)
    loop.take(v.Reported(link.Ended(call=CALL, summary=CallSummary(call=CALL, frames=0))))
    await asyncio.sleep(0.05)
    assert brain.closed_calls == [CALL] and _names(brain)[-1] == "Forget"


class _Stream:
    """An engine's stream that hears nothing; of a real one there is a megabyte outside Python."""

    def feed(self, pcm16: bytes) -> str:
        return ""

    def finish(self) -> list[object]:
        return []


class _Recogniser:
    name = "scripted"

    def __init__(self) -> None:
        self.streams: list[weakref.ref[_Stream]] = []

    def stream(self) -> _Stream:
        made = _Stream()
        self.streams.append(weakref.ref(made))
        return made


async def test_a_call_that_is_closed_leaves_nothing_in_memory() -> None:
    """Without the garbage collector, which looks at what has become old once in many minutes."""
    recogniser, loud = _Recogniser(), np.full(FRAME_BYTES // 2, 8000, "<i2").tobytes()
    gc.disable()
    try:
        loop, brain = await _offered(Storage())
        brain.recogniser = recogniser  # type: ignore[assignment]
        loop._hear(v.Hear(CALLER, 0))
        loop._hear(v.Hear(AGENT, 0))
        for frame in range(0, 50, 10):
            loop.audio(Audio(CALL, frame, {CALLER: loud * 10, AGENT: bytes(10 * FRAME_BYTES)}))
            await asyncio.sleep(0.01)
        loop._arm(v.Arm("queue", 60))
        held: list[weakref.ref[Any]] = [weakref.ref(each) for each in (loop, loop._ear, loop._ear._hearing)]
        assert len(recogniser.streams) == 2 and all(stream() is not None for stream in recogniser.streams)
        loop.take(v.Reported(link.Ended(call=CALL, summary=CallSummary(call=CALL, frames=50))))
        await asyncio.sleep(0.1)
        assert brain.closed_calls == [CALL]
        del loop
        await asyncio.sleep(0)
        assert [ref() for ref in (*held, *recogniser.streams) if ref() is not None] == []
    finally:
        gc.enable()
