"""All live calls of one brain, and what bridges report about them."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER, CallId
from app.domain.calls.leg import LegState
from app.domain.calls.machine import CallState, Phase
from app.domain.ids import CallbackId, UtteranceId, VersionId
from app.domain.people.actor import SYSTEM, Actor
from app.domain.refusal import NotFound, Refused
from app.domain.retention.case import CasePhase
from app.language.understanding.engine import Situation, Understanding, UnderstandingEngine
from app.language.understanding.modality import expected_after
from app.link import messages as link
from app.link.codec import Audio
from app.link.messages import Fact, Hello, Order
from app.link.summary import CallBack, CallSummary, EndReason, LegSummary, LinePhase
from app.service.bus import CommandBus
from app.service.callbacks.commands import StepCallback
from app.service.calls.commands import (
    AdvanceCall,
    AssignWaiting,
    CloseCall,
    FinishWrapUp,
    NoteRecording,
    OpenCall,
)
from app.service.calls.live_call import BOTH, Ended, ForRobot, LiveCall
from app.service.calls.records import Call
from app.service.command import Command, R
from app.service.households.commands import TakeCustomers
from app.service.knowledge.commands import NoteShadow
from app.service.knowledge.learning import differs
from app.service.ports import (
    Content,
    ContentSource,
    CustomerSource,
    Feed,
    Line,
    ReadSessionFactory,
    Recogniser,
)
from app.service.queue.commands import AdmitCall
from app.service.retention import handlers as cases

log = logging.getLogger(__name__)

RING_UP_S = 45


class Prompts(Protocol):
    """Audio of the line's own prompts by name. Blocking."""

    def pcm16(self, name: str) -> bytes: ...
    def speech(self, text: str, *, slow: bool) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds a caller waits in the queue, and an agent's phone rings; with ``overload`` callers
    waiting the robot answers (0: never)."""

    queue_s: int
    ring_s: int
    overload: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the switchboard is made of."""

    desk: CommandBus
    reads: ReadSessionFactory
    feed: Feed
    line: Line
    recogniser: Recogniser
    content: ContentSource
    prompts: Prompts
    times: Times
    threads: int
    customers: CustomerSource | None = None
    robot: bool = False
    trunk: str = ""


class Switchboard:
    """Runs on the event loop; implements Board for its calls."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.feed = parts.feed
        self.recogniser = parts.recogniser
        self.pool: Executor = ThreadPoolExecutor(parts.threads, thread_name_prefix="hearing")
        self._calls: dict[str, LiveCall] = {}
        self._sent: dict[str, set[str]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._opening: dict[CallId, asyncio.Task[None]] = {}

    @property
    def live(self) -> int:
        """How many calls have a session now."""
        return len(self._calls)

    async def close(self) -> None:
        for call in tuple(self._calls.values()):
            await call.close()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def renew_pool(self, stuck: Executor) -> None:
        """A thread never came back: other calls go on with fresh ones."""
        if stuck is self.pool:
            self.pool = ThreadPoolExecutor(self.parts.threads, thread_name_prefix="hearing")
            stuck.shutdown(wait=False)

    # -- Board -------------------------------------------------------------------------------

    async def execute(self, command: Command[R]) -> R:
        return await asyncio.to_thread(self.parts.desk.execute, command)

    def now(self) -> datetime:
        return self.parts.desk.context.clock.now()

    def engine(self) -> UnderstandingEngine:
        return self.parts.content.current().engine

    def situation(self, call_id: str, agent_words: str, heard: float) -> Situation:
        """What a short answer may answer to: the offer on the table, or the agent's question."""
        clock = self.parts.desk.context.clock
        with self.parts.reads() as reads:
            case = cases.case_of(reads, call_id)
        if case is not None and case.phase == CasePhase.OFFER_SHOWN:
            return Situation(clock.local(), "offer", heard)
        return Situation(clock.local(), expected_after(agent_words), heard)

    def compare(
        self, utterance_id: UtteranceId, heard: Understanding, situation: Situation
    ) -> None:
        """Let the draft in shadow look at the same words, behind everything else."""
        self._spawn(self._compare(utterance_id, heard, situation))

    async def _compare(
        self, utterance_id: UtteranceId, heard: Understanding, situation: Situation
    ) -> None:
        shadow = self.parts.content.shadow()
        if shadow is None:
            return
        loop = asyncio.get_running_loop()
        look = partial(shadow.engine.understand, heard.text, situation)
        other = await loop.run_in_executor(self.pool, look)
        both = (heard, other) if differs(heard, other) else (None, None)
        note = NoteShadow(VersionId(shadow.version_id), utterance_id, heard.text, *both)
        try:
            await self.execute(note)
        except Refused:
            log.debug("a shadow comparison came too late")

    async def prompt_key(self, bridge: str, name: str) -> str:
        """The key of a prompt, after its audio was sent once on this connection."""
        return self._sent_key(bridge, await asyncio.to_thread(self.parts.prompts.pcm16, name))

    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str:
        """The key of a sentence, made and sent where it was not yet."""
        speech = await asyncio.to_thread(self.parts.prompts.speech, text, slow=slow)
        return self._sent_key(bridge, speech)

    def content(self) -> Content:
        return self.parts.content.current()

    def _sent_key(self, bridge: str, pcm16: bytes) -> str:
        key = hashlib.sha256(pcm16).hexdigest()
        sent = self._sent.setdefault(bridge, set())
        if key not in sent:
            sent.add(key)
            self.parts.line.prompt(bridge, key, pcm16)
        return key

    def order(self, bridge: str, order: Order) -> None:
        self.parts.line.order(bridge, order)

    def seconds(self, timer: str) -> int:
        return self.parts.times.queue_s if timer == "queue" else machine.VOICEMAIL_LIMIT_S

    def ring_seconds(self) -> int:
        return self.parts.times.ring_s

    def agent_freed(self) -> None:
        """Somebody may be free: the oldest waiting calls try again."""
        self._spawn(self._try_waiting())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that is kept until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _try_waiting(self) -> None:
        for call_id in await asyncio.to_thread(self._waiting):
            live = self._calls.get(call_id)
            if live is not None:
                live.post(AssignWaiting(call_id))

    def _waiting(self) -> list[str]:
        with self.parts.reads() as reads:
            return [call.id for call in reads.calls_in([Phase.QUEUED])]

    def closed(self, call_id: str) -> None:
        self._calls.pop(call_id, None)

    # -- from the pages ----------------------------------------------------------------------

    async def advance(self, call_id: str, event: machine.Event, actor: Actor) -> None:
        """An agent's button on a live call. Raises Refused where it is not possible."""
        live = self._calls.get(call_id)
        if live is None:
            raise NotFound("not_live", "this call has ended")
        await live.advance(event, actor)

    async def finish_wrap_up(self, command: FinishWrapUp) -> None:
        """Disposition of a call; the agent is free for the next one."""
        await self.execute(command)
        self.agent_freed()

    async def ring_up(self, number: str, callback_id: int, user_id: int) -> None:
        """Ring somebody back: once they answer, the agent's phone rings too. Raises Refused."""
        bridges = self.parts.line.bridges
        phone = self.parts.desk.context.phone(number)
        if phone is None:
            raise Refused("no_number", f"{number!r} is no telephone number that can be dialled")
        if not self.parts.trunk or not bridges:
            raise Refused("no_trunk", "no line to the outside: set HOLDLINE_TRUNK, or dial by hand")
        if not await asyncio.to_thread(self._is_ready, user_id):
            raise Refused("not_ready", "go ready first: your phone rings once the caller answers")
        self.parts.line.order(bridges[0], link.Originate(
            call=CallId(uuid.uuid4().hex), uri=f"sip:{phone}@{self.parts.trunk}", number=str(phone),
            purpose=CallBack(callback_id=callback_id, agent_id=user_id), timeout_s=RING_UP_S,
        ))  # fmt: skip

    def _is_ready(self, user_id: int) -> bool:
        with self.parts.reads() as reads:
            return any(row.user_id == user_id for row in reads.ready_agents())

    async def _nobody_there(self, purpose: CallBack) -> None:
        """An attempt in vain counts by itself."""
        who = SYSTEM.for_user(purpose.agent_id)
        step = StepCallback(CallbackId(purpose.callback_id), "no_answer", actor=who)
        try:
            await self.execute(step)
        except Refused:
            log.debug("the attempt was noted already")

    # -- from the bridges --------------------------------------------------------------------

    async def bridge_up(self, hello: Hello) -> dict[CallId, int]:
        """Reconcile with what a bridge says it has; answers which frame of each call to send."""
        bridge = hello.bridge
        self._sent.pop(bridge, None)
        await self._bury_lost(bridge, frozenset(summary.call for summary in hello.calls))
        resume = {}
        for summary in hello.calls:
            try:
                resume[summary.call] = await self._take_over(bridge, summary)
            except Exception:
                log.exception("a call could not be taken over")
        self.agent_freed()
        return resume

    async def _bury_lost(self, bridge: str, known: frozenset[str]) -> None:
        lost = await asyncio.to_thread(self._lost, bridge, known)
        for call_id, frames in lost:
            live = self._calls.pop(call_id, None)
            if live is not None:
                await live.close()
            await self.execute(AdvanceCall(call_id, machine.BridgeLost()))
            await self.execute(CloseCall(call_id, frames))

    def _lost(self, bridge: str, known: frozenset[str]) -> list[tuple[str, int]]:
        with self.parts.reads() as reads:
            calls = reads.calls_in(sorted(machine.LIVE))
            return [(c.id, max(c.heard_caller, c.heard_agent)) for c in calls
                    if c.bridge == bridge and c.id not in known]  # fmt: skip

    async def _take_over(self, bridge: str, summary: CallSummary) -> int:
        call_id = summary.call
        state: CallState = await self.execute(_open_command(bridge, summary))
        row = await asyncio.to_thread(self._row, call_id)
        if summary.recording:
            await self.execute(NoteRecording(call_id, summary.recording))
        live = self._calls.get(call_id)
        if live is None:
            live = self._begin(bridge, call_id, row, summary.caller)
            _restore_hearing(live, state, row, summary)
        if summary.phase is LinePhase.ENDED:
            await self._end(live, summary)
        elif not summary.emergency:
            await self._reconcile(live, state, summary)
        return int(live.next_frame)

    def _row(self, call_id: str) -> Call:
        with self.parts.reads() as reads:
            row = reads.get(Call, call_id)
        assert row is not None  # noqa: S101  just opened
        return row

    def _begin(self, bridge: str, call_id: CallId, row: Call, caller: str) -> LiveCall:
        live = LiveCall(self, call_id, bridge, agent_id=row.agent_id or 0, caller=caller)
        live.next_frame = min(row.heard_caller, row.heard_agent)
        self._calls[call_id] = live
        return live

    async def _reconcile(self, live: LiveCall, state: CallState, summary: CallSummary) -> None:
        """Bring the machine to where the line is: facts may have been lost in between."""
        if state.phase is Phase.OFFERED:
            wanted = state.wanted is not None
            live.post(machine.Admitted(True, True) if wanted else await self._admission())
        elif state.phase is Phase.ROBOT:
            frame = live.next_frame
            live.post(ForRobot(lambda: live.begin_dialog(frame)))
        elif state.phase in (Phase.QUEUED, Phase.RINGING_AGENT):
            live.start_timer("queue")
            _reconcile_waiting(live, state, summary.leg(AGENT))
        elif state.phase in machine.WITH_AGENT:
            self._reconcile_talking(live, state, summary)
        else:
            await self._reconcile_message(live, state)

    def _reconcile_talking(self, live: LiveCall, state: CallState, summary: CallSummary) -> None:
        if summary.leg(AGENT) is None:
            live.post(machine.AgentHungUp())
        elif state.phase is Phase.TALKING and not summary.connected:
            self.order(live.bridge, link.Connect(call=live.id, hears=BOTH))

    async def _reconcile_message(self, live: LiveCall, state: CallState) -> None:
        """Greeting and thanks are cut short: the beep, or the end, comes next."""
        live.start_timer("voicemail")
        after = {Phase.VOICEMAIL_GREETING: machine.BEEP, Phase.VOICEMAIL_DONE: machine.THANKS}
        token = after.get(state.phase)
        if token is not None:
            key = await self.prompt_key(live.bridge, token)
            self.order(live.bridge, link.Play(call=live.id, key=key, token=token))

    async def _admission(self) -> machine.Admitted | machine.RobotTook:
        """To the queue, or to the robot where nobody can answer soon."""
        command = AdmitCall(self.parts.robot, self.parts.times.overload)
        taken: machine.Admitted | machine.RobotTook = await self.execute(command)
        return taken

    async def _end(self, live: LiveCall, summary: CallSummary) -> None:
        if summary.voicemail_from is not None:
            live.hear(CALLER, summary.voicemail_from)
            live.post(machine.BridgeTookMessage())
        lost = summary.end_reason is EndReason.BRIDGE_LOST
        live.post(machine.BridgeLost() if lost else machine.CallerHungUp())
        live.post(Ended(summary.frames, summary.voicemail_from))

    async def fact(self, bridge: str, fact: Fact) -> None:
        """One fact of a bridge; ``offered`` begins a session, ``ended`` closes it."""
        if isinstance(fact, Hello):
            return
        if isinstance(fact, link.Offered):
            self._opening[fact.call] = self._spawn(self._offered(bridge, fact))
            return
        opening = self._opening.get(fact.call)
        if opening is not None:
            await opening
        live = self._calls.get(fact.call)
        if isinstance(fact, link.Unanswered):
            await self._nobody_there(fact.purpose)
        if live is None:
            return
        if isinstance(fact, link.Ended):
            await self._end(live, fact.summary)
        else:
            live.post(fact)

    async def _offered(self, bridge: str, fact: link.Offered) -> None:
        self.order(bridge, link.Ring(call=fact.call))
        try:
            await self._take_over(bridge, _summary(fact))
        except Exception:
            log.exception("a call could not be taken")
            reject = link.Reject(call=fact.call, code=500, reason="Server Internal Error")
            self.order(bridge, reject)
        finally:
            self._opening.pop(fact.call, None)
        if self.parts.customers is not None:
            self._spawn(self._look_up(fact.call, fact.caller))

    async def _look_up(self, call_id: str, caller: str) -> None:
        """Ask the operator's customer system while the caller hears the greeting."""
        assert self.parts.customers is not None  # noqa: S101  asked before
        phone = self.parts.desk.context.phone(caller)
        if phone is None:
            return
        rows = await asyncio.to_thread(self.parts.customers.find, phone)
        if rows:
            await self.execute(TakeCustomers(call_id, tuple(rows)))

    def audio(self, audio: Audio) -> None:
        live = self._calls.get(audio.call)
        if live is not None:
            live.audio(audio)

    def bridge_down(self, bridge: str) -> None:
        """Sessions wait: a talking call goes on without us, and its audio comes later."""
        self._sent.pop(bridge, None)
        log.warning("bridge %s is not connected", bridge)


def _reconcile_waiting(live: LiveCall, state: CallState, agent: LegSummary | None) -> None:
    if state.phase is Phase.QUEUED:
        live.post(AssignWaiting(live.id))
    elif agent is None:
        live.post(machine.AgentFailed(480))
    elif agent.state is LegState.TALKING:
        live.post(machine.PromptPlayed(machine.WELCOME))
        live.post(machine.AgentAnswered())


def _summary(fact: link.Offered) -> CallSummary:
    """How a call that was just offered stands."""
    return CallSummary(
        call=fact.call, direction=fact.direction, purpose=fact.purpose, caller=fact.caller,
        sip_call_id=fact.sip_call_id, called=fact.called, name=fact.name,
        started_at=fact.started_at,
    )  # fmt: skip


def _open_command(bridge: str, summary: CallSummary) -> OpenCall:
    started = datetime.fromtimestamp(summary.started_at, UTC)
    wanted = summary.purpose.agent_id if summary.purpose is not None else None
    return OpenCall(
        summary.call, bridge, summary.sip_call_id, summary.caller, summary.called, started, wanted
    )


def _restore_hearing(live: LiveCall, state: CallState, row: Call, summary: CallSummary) -> None:
    """After a restart of the brain: hear from where the stored words end."""
    if state.phase in machine.WITH_AGENT or (state.phase is Phase.WRAP_UP and row.heard_caller):
        live.hear(CALLER, row.heard_caller)
        live.hear(AGENT, row.heard_agent)
    elif state.phase is Phase.VOICEMAIL and not summary.emergency:
        live.hear(CALLER, row.heard_caller)
