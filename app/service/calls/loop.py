"""The only asyncio of a live call: carries out what its session asks for, hears its audio."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from app.domain.calls import machine
from app.domain.people.actor import Actor
from app.link import messages as link
from app.link.codec import Audio
from app.service.calls import session_vocabulary as v
from app.service.calls.brain import Brain
from app.service.calls.call_hearing import CallHearing
from app.service.calls.ear import Ear
from app.service.calls.second_hearing import SecondHearing
from app.service.calls.session import Session

log = logging.getLogger(__name__)


class CallLoop:
    """Runs on the event loop. ``take`` and ``audio`` never block."""

    def __init__(self, brain: Brain, session: Session) -> None:
        self.session = session
        self._brain = brain
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._to_line: deque[v.Output] = deque()
        self._tickets = count(1)
        self._asked: dict[int, asyncio.Future[None]] = {}
        self._second = SecondHearing(brain, session.call, lambda said: self.take(v.Meant(said)))
        self._ear = Ear(brain, session, CallHearing(brain), self._second, self.take)

    def take(self, event: v.Input) -> None:
        """One input of the session, and what follows from it; a bug ends one output only."""
        for output in self.session.take(event):
            try:
                _CARRY_OUT[type(output)](self, output)
            except Exception:
                log.exception("an output of a call failed")

    def audio(self, audio: Audio) -> None:
        self._ear.audio(audio)

    async def ask(self, event: machine.Event, actor: Actor) -> None:
        """A person's button. Raises Refused or StorageAway."""
        ticket = next(self._tickets)
        answer = self._asked[ticket] = asyncio.get_running_loop().create_future()
        self.take(v.Asked(ticket, event, actor))
        await answer

    def close(self) -> None:
        """Stop everything (end of the call, or of the process)."""
        self._ear.close()
        self._second.close()
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        for answer in self._asked.values():
            answer.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- commands ----------------------------------------------------------------------------

    def _run(self, output: v.Run) -> None:
        self._spawn(self._execute(output))

    async def _execute(self, output: v.Run) -> None:
        try:
            result = await self._brain.execute(output.command)
        except Exception as error:
            self.take(v.Failed(output.tag, error))
        else:
            self.take(v.Done(output.tag, result))

    def _answer(self, output: v.Answered) -> None:
        answer = self._asked.pop(output.ticket, None)
        if answer is None or answer.done():
            return
        if output.error is None:
            answer.set_result(None)
        else:
            answer.set_exception(output.error)

    # -- to the line, in order -----------------------------------------------------------------

    def _send(self, output: v.Output) -> None:
        """At once, where nothing is being made ready before it."""
        if isinstance(output, v.SendOrder) and isinstance(output.order, link.StopPlaying):
            self._drop_speech()
        if not self._to_line and isinstance(output, v.SendOrder):
            self._brain.order(self.session.bridge, output.order)
            return
        self._to_line.append(output)
        if len(self._to_line) == 1:
            self._spawn(self._send_all())

    def _drop_speech(self) -> None:
        """Sentences that are still being made need not be said; the first is being sent."""
        kept = [o for o in list(self._to_line)[1:] if not isinstance(o, v.Speak)]
        while len(self._to_line) > 1:
            self._to_line.pop()
        self._to_line.extend(kept)

    async def _send_all(self) -> None:
        while self._to_line:
            output = self._to_line[0]
            try:
                self._brain.order(self.session.bridge, await self._order_of(output))
            except Exception:
                log.exception("a prompt or a sentence could not be made")
                if isinstance(output, v.Speak):
                    self._to_line = deque([output])
                    self.take(v.Unspeakable())
            self._to_line.popleft()

    async def _order_of(self, output: v.Output) -> link.Order:
        call, bridge = self.session.call, self.session.bridge
        match output:
            case v.SendOrder(order):
                return order
            case v.PlayPrompt(name, loop):
                key = await self._brain.prompt_key(bridge, name)
                return link.Play(call=call, key=key, token=name, loop=loop)
            case v.HoldCaller(name):
                return link.Hold(call=call, key=await self._brain.prompt_key(bridge, name))
            case v.Speak(text=text, token=token, slow=slow):
                key = await self._brain.speech_key(bridge, text, slow=slow)
                return link.Play(call=call, key=key, token=token)
        raise TypeError(f"{type(output).__name__} is nothing for the line")

    # -- timers --------------------------------------------------------------------------------

    def _arm(self, output: v.Arm) -> None:
        self._disarm(v.Disarm(output.timer))
        loop, fired = asyncio.get_running_loop(), v.TimerFired(output.timer)
        self._timers[output.timer] = loop.call_later(output.seconds, self.take, fired)

    def _disarm(self, output: v.Disarm) -> None:
        timer = self._timers.pop(output.timer, None)
        if timer is not None:
            timer.cancel()

    # -- the rest --------------------------------------------------------------------------------

    def _tell(self, output: v.Tell) -> None:
        self._brain.tell(output.notice)

    def _hear(self, output: v.Hear) -> None:
        self._ear.hear(output.side, output.frame)

    def _expect(self, output: v.Expect) -> None:
        self._ear.expect(output.reply)

    def _finish(self, output: v.FinishHearing) -> None:
        self._ear.finish(output.frames)

    def _compare(self, output: v.Compare) -> None:
        self._spawn(self._brain.compare(
            output.utterance_id, output.understanding, output.situation
        ))  # fmt: skip

    def _stored(self, output: v.Stored) -> None:
        self._second.stored(output.number, output.utterance_id)

    def _look_up(self, output: v.LookUp) -> None:
        self._spawn(self._find_customers(output.caller))

    async def _find_customers(self, caller: str) -> None:
        rows = await self._brain.customers(caller)
        if rows:
            self.take(v.CustomersFound(rows))

    def _agent_freed(self, _: v.AgentFreed) -> None:
        self._brain.agent_freed()

    def _closed(self, _: v.Closed) -> None:
        self._brain.closed(self.session.call)
        self.close()


_CARRY_OUT: dict[type, Callable[[CallLoop, Any], None]] = {
    v.Run: CallLoop._run, v.Answered: CallLoop._answer, v.Arm: CallLoop._arm,
    v.Disarm: CallLoop._disarm, v.Tell: CallLoop._tell, v.Hear: CallLoop._hear,
    v.Expect: CallLoop._expect, v.FinishHearing: CallLoop._finish, v.Compare: CallLoop._compare,
    v.Stored: CallLoop._stored, v.LookUp: CallLoop._look_up, v.AgentFreed: CallLoop._agent_freed,
    v.Closed: CallLoop._closed,
    **dict.fromkeys((v.SendOrder, v.PlayPrompt, v.HoldCaller, v.Speak), CallLoop._send),
}  # fmt: skip
