"""The live calls of one brain: what bridges report goes to the session that it is about."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from app.domain.calls import machine
from app.domain.calls.ids import CallId
from app.domain.households.customer_row import CustomerRow
from app.domain.ids import UtteranceId, VersionId
from app.domain.people.actor import Actor
from app.domain.refusal import NotFound, RefusalCode, Refused
from app.domain.retention.case import CasePhase
from app.language.understanding.understood import Situation, Understanding
from app.link import messages as link
from app.link.codec import Audio
from app.link.summary import CallSummary
from app.service.away import FeedAway, StorageAway
from app.service.bus import CommandBus
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import FinishWrapUp
from app.service.calls.loop import CallLoop
from app.service.calls.outbound import Outbound
from app.service.calls.session import Session
from app.service.calls.speech_out import Prompts, SpeechOut
from app.service.calls.stored import StoredCalls
from app.service.command import Command, R
from app.service.knowledge.commands import NoteShadow
from app.service.knowledge.learning import differs
from app.service.notices import CASES, Notice
from app.service.ports import (
    Content,
    ContentSource,
    CustomerSource,
    Feed,
    Line,
    ReadSessionFactory,
    Recogniser,
)
from app.service.second_pass import SecondPass
from app.service.thread_priority import step_back

log = logging.getLogger(__name__)

_FOLLOW_AGAIN_S = 2.0
#: Where there is too little time for all, voices and screens go before recognition.
_HEARING_PRIORITY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardPorts:
    """Everything that the switchboard is made of. ``trunk``: the line to the outside."""

    bus: CommandBus
    reads: ReadSessionFactory
    feed: Feed
    line: Line
    recogniser: Recogniser
    content: ContentSource
    prompts: Prompts
    rules: v.Rules
    threads: int
    customers: CustomerSource | None = None
    trunk: str = ""
    second_pass: SecondPass | None = None


class Switchboard:
    """Runs on the event loop; implements Brain for its calls."""

    def __init__(self, ports: SwitchboardPorts) -> None:
        self._ports = ports
        self.recogniser, self.second_pass = ports.recogniser, ports.second_pass
        self.pool: Executor = self._new_pool()
        self.speech = SpeechOut(ports.prompts, ports.line)
        self._stored = StoredCalls(ports.reads)
        self.outbound = Outbound(
            self.execute, ports.bus.context.phone, self._stored, ports.line, ports.trunk
        )
        self._calls: dict[str, CallLoop] = {}
        self._background: set[asyncio.Task[None]] = set()
        self.prompt_key = self.speech.prompt_key
        self.speech_key = self.speech.speech_key

    @property
    def live(self) -> int:
        """How many calls have a session now."""
        return len(self._calls)

    def start(self) -> None:
        """Follow what moves the calls' cases."""
        self._spawn(self._follow())

    async def close(self) -> None:
        for call in tuple(self._calls.values()):
            call.close()
        for task in self._background:
            task.cancel()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _new_pool(self) -> Executor:
        return ThreadPoolExecutor(self._ports.threads, "hearing", step_back, (_HEARING_PRIORITY,))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task that is kept until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- Brain -------------------------------------------------------------------------------

    def renew_pool(self, stuck: Executor) -> None:
        """A thread never came back: other calls go on with fresh ones."""
        if stuck is self.pool:
            self.pool = self._new_pool()
            stuck.shutdown(wait=False)

    def content(self) -> Content:
        return self._ports.content.current()

    def now(self) -> datetime:
        return self._ports.bus.context.clock.now()

    def local(self) -> datetime:
        return self._ports.bus.context.clock.local()

    async def execute(self, command: Command[R]) -> R:
        return await asyncio.to_thread(self._ports.bus.execute, command)

    def tell(self, notice: Notice) -> None:
        self._ports.feed.publish(notice)

    def order(self, bridge: str, order: link.Order) -> None:
        self._ports.line.order(bridge, order)

    async def customers(self, caller: str) -> Sequence[CustomerRow]:
        """Ask the operator's customer system while the caller hears the greeting."""
        source, phone = self._ports.customers, self._ports.bus.context.phone(caller)
        if source is None or phone is None:
            return ()
        return await asyncio.to_thread(source.find, phone)

    async def compare(self, utterance_id: UtteranceId, heard: Understanding, at: Situation) -> None:
        """Let the draft in shadow look at the same words, behind everything else."""
        shadow = self._ports.content.shadow()
        if shadow is None:
            return
        look = partial(shadow.engine.understand, heard.text, at)
        other = await asyncio.get_running_loop().run_in_executor(self.pool, look)
        differ = differs(heard, other)
        note = NoteShadow(
            version_id=VersionId(shadow.version_id), utterance_id=utterance_id, text=heard.text,
            live=heard if differ else None, draft=other if differ else None,
        )  # fmt: skip
        try:
            await self.execute(note)
        except Refused:
            log.debug("a shadow comparison came too late")

    def agent_freed(self) -> None:
        """Somebody may be free: the oldest waiting calls try again."""
        self._spawn(self._try_waiting())

    async def _try_waiting(self) -> None:
        try:
            waiting = await asyncio.to_thread(self._stored.queued)
        except StorageAway:
            return
        for call_id in waiting:
            call = self._calls.get(call_id)
            if call is not None:
                call.take(v.AgentMayBeFree())

    def closed(self, call_id: str) -> None:
        self._calls.pop(call_id, None)

    # -- from the pages ----------------------------------------------------------------------

    async def advance(self, call_id: str, event: machine.Event, actor: Actor) -> None:
        """An agent's button on a live call. Raises Refused where it is not possible."""
        call = self._calls.get(call_id)
        if call is None:
            raise NotFound(RefusalCode.NOT_LIVE, "this call has ended")
        await call.ask(event, actor)

    async def finish_wrap_up(self, command: FinishWrapUp) -> None:
        """Disposition of a call; the agent is free for the next one."""
        await self.execute(command)
        self.agent_freed()

    async def _follow(self) -> None:
        """An agent's click moves a case; what the caller says next answers to that."""
        while True:
            try:
                feed = self._ports.feed
                async for item in feed.subscribe(await feed.last_seq(), {CASES}):
                    if item is not None:
                        self._case_moved(item.notice)
            except FeedAway:
                log.debug("the feed is away: cases are not followed for a while")
            except Exception:
                log.exception("cases are not followed for a while")
            await asyncio.sleep(_FOLLOW_AGAIN_S)

    def _case_moved(self, notice: Notice) -> None:
        call = self._calls.get(notice.call_id)
        if call is not None:
            call.take(v.CaseMoved(CasePhase(notice.case)))

    # -- from the bridges --------------------------------------------------------------------

    async def bridge_up(self, hello: link.Hello) -> dict[CallId, int]:
        """Reconcile with what a bridge says it has; answers which frame of each call to send.

        Raises StorageAway: the bridge stays without a brain until it comes again.
        """
        self.speech.forget(hello.bridge)
        calls = [summary.call for summary in hello.calls]
        lost, standing = await asyncio.to_thread(self._stored.of_bridge, hello.bridge, calls)
        for carried in lost:
            self._call(hello.bridge, carried.call).take(v.Lost(carried.frames))
        resume = {}
        for summary in hello.calls:
            resume[summary.call] = self._find(hello.bridge, summary, standing[summary.call])
        self.agent_freed()
        return resume

    def _find(self, bridge: str, summary: CallSummary, standing: v.Standing | None) -> int:
        """The session of a call that a bridge has; answers from which frame on it hears."""
        call = self._call(bridge, summary.call)
        call.take(v.Found(summary=summary, standing=standing))
        return call.session.next_frame

    def _call(self, bridge: str, call_id: CallId) -> CallLoop:
        call = self._calls.get(call_id)
        if call is None:
            call = CallLoop(self, Session(call_id, bridge, self._ports.rules))
            self._calls[call_id] = call
        return call

    async def fact(self, bridge: str, fact: link.Fact) -> None:
        """One fact of a bridge; ``offered`` begins a session."""
        if isinstance(fact, link.Unanswered):
            self._spawn(self.outbound.nobody_there(fact))
        elif isinstance(fact, link.Offered):
            self._find(bridge, _summary_of(fact), None)
        elif isinstance(fact, link.OfCall) and (call := self._calls.get(fact.call)) is not None:
            call.take(v.Reported(fact))

    def audio(self, audio: Audio) -> None:
        call = self._calls.get(audio.call)
        if call is not None:
            call.audio(audio)

    def bridge_down(self, bridge: str) -> None:
        """Sessions wait: a talking call goes on without us, and its audio comes later."""
        self.speech.forget(bridge)
        log.warning("bridge %s is not connected", bridge)


def _summary_of(fact: link.Offered) -> CallSummary:
    return CallSummary(
        call=fact.call, direction=fact.direction, purpose=fact.purpose, caller=fact.caller,
        called=fact.called, name=fact.name, sip_call_id=fact.sip_call_id,
        started_at=fact.started_at,
    )  # fmt: skip
