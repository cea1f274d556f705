"""A live call in virtual time: the real session and machine between a line and a storage that are doubles.

The line double answers orders as the bridge does (a phone that rings, prompts that end); the storage double runs the real call
machine and knows its agents. Nothing sleeps: ``run`` jumps from one moment to the next.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER, CallId, LegId
from app.domain.calls.leg import LegState
from app.domain.calls.machine import CallState
from app.domain.refusal import Refused
from app.domain.retention.case import CasePhase
from app.domain.robot import vocabulary as robot
from app.link import messages as link
from app.link.summary import CallSummary, EndReason, LegSummary, LinePhase
from app.service.away import StorageAway
from app.service.calls import commands
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import RingLine
from app.service.calls.hearing import Final
from app.service.calls.session import Session
from app.service.ports import Word
from app.service.queue.commands import AdmitCall
from app.service.robot.commands import RobotTurn, TalkToRobot

T = TypeVar("T")
CALL = CallId("c" * 32)
RULES = v.Rules(queue_s=60, ring_s=20)
PROMPT_S = {"welcome": 3.0, "busy_greeting": 4.0, "closed_greeting": 4.0, "beep": 0.5, "thanks": 2.0}


@dataclass
class Storage:
    """Executes commands on the real machine. ``agents``: who is ready, by id; ``away``: nothing can be stored."""

    agents: list[int] = field(default_factory=lambda: [1, 2])
    open: bool = True
    robot: list[RobotTurn] = field(default_factory=list)
    state: CallState | None = None
    away: bool = False
    done: list[object] = field(default_factory=list)
    freed: list[int] = field(default_factory=list)
    closed: int = 0

    def execute(self, command: object) -> object:
        if self.away:
            raise StorageAway
        result = self._execute(command)
        self.done.append(command)
        return result

    def _execute(self, command: object) -> object:
        match command:
            case commands.OpenCall():
                self.state = self.state or CallState(wanted=command.wanted)
                return self.state
            case AdmitCall():
                return machine.RobotTook() if self.robot else machine.Admitted(self.open, bool(self.agents))
            case commands.AdvanceCall(event=event):
                return self._advance(event)
            case commands.AssignWaiting():
                return self._find(()) if self.state and self.state.phase is machine.Phase.QUEUED else []
            case commands.RecordUtterance():
                return len(self.done)
            case commands.CloseCall():
                self.closed += 1
            case TalkToRobot():
                return self.robot.pop(0) if self.robot else RobotTurn((robot.Leave(),), robot.Place.GONE, slow=False)
        return None

    def _advance(self, event: machine.Event) -> list[object]:
        assert self.state is not None
        self.state, effects = machine.step(self.state, event)
        out: list[object] = []
        for effect in effects:
            out += self._apply(effect)
        return out

    def _apply(self, effect: object) -> list[object]:
        match effect:
            case machine.FindAgent(exclude=tried):
                return self._find(tried)
            case machine.RingAgent(agent_id=agent):
                self.agents.remove(agent)
                return [RingLine(agent, f"sip:{agent}@127.0.0.1")]
            case machine.FreeAgent(agent_id=agent):
                self.freed.append(agent)
                return [effect]
            case machine.AgentTalks() | machine.AgentWrapsUp():
                return []
        return [effect]

    def _find(self, tried: tuple[int, ...]) -> list[object]:
        left = [a for a in self.agents if a not in tried]
        return self._advance(machine.AgentChosen(left[0]) if left else machine.NobodyLeft())


@dataclass
class LineDouble:
    """The bridge's side of one call. ``phones``: what a phone does, by agent: seconds until it is answered, or a SIP code."""

    phones: dict[int, float | int] = field(default_factory=dict)
    answered: bool = False
    ended: bool = False
    ringing: str = ""
    agent: LegState | None = None
    connects: int = 0
    connected: bool = False
    took_over: bool = False
    forgotten: bool = False
    lost: bool = False
    dialled: int = 0
    dropped: int = 0
    orders: list[link.Order] = field(default_factory=list)


class LiveCallTest:
    """Drives one session; ``at`` is the time in seconds."""

    def __init__(self, storage: Storage | None = None, *, phones: dict[int, float | int] | None = None, rules: v.Rules = RULES,
                 prompts: dict[str, float] | None = None, lines: dict[str, int] | None = None) -> None:
        """``lines``: whose phone an address is, where it does not say so itself."""
        self.storage, self.line = storage or Storage(), LineDouble(phones or {1: 2.0, 2: 2.0})
        self.session = Session(CALL, "b", rules)
        self.prompts = PROMPT_S | (prompts or {})
        self.lines = lines or {}
        self.at = 0.0
        self.outputs: list[v.Output] = []
        self.answers: dict[int, Exception | None] = {}
        self.summary = CallSummary(call=CALL, caller="13800000001", called="hotline")
        self._timers: dict[str, int] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._answered_at: float | None = None
        self._playing: list[str] = []

    # -- time --------------------------------------------------------------------------------

    def later(self, seconds: float, do: Callable[[], None]) -> int:
        number = next(self._numbers)
        heapq.heappush(self._due, (self.at + seconds, number, do))
        return number

    def run(self, seconds: float) -> "LiveCallTest":
        until = self.at + seconds
        while self._due and self._due[0][0] <= until:
            self.at, _, do = heapq.heappop(self._due)
            do()
        self.at = until
        return self

    def _frames(self) -> int:
        """The length of the tape."""
        return int((self.at - (self._answered_at or self.at)) * 50)

    # -- the session -------------------------------------------------------------------------

    def take(self, event: v.Input) -> None:
        if self._answered_at is not None and not self.line.ended:
            self.session.next_frame = self._frames()
        for output in self.session.take(event):
            self.outputs.append(output)
            self._carry_out(output)

    def _carry_out(self, output: v.Output) -> None:
        match output:
            case v.Run():
                self.later(0.01, lambda: self._run(output))
            case v.SendOrder(order):
                self._order(order)
            case v.PlayPrompt(name, loop):
                self._play(name, None if loop else self.prompts.get(name, 1.0))
            case v.Speak(text=text, token=token):
                self._play(token, len(text) * 0.2)
            case v.Arm(timer, seconds):
                self._timers[timer] = self.later(seconds, lambda: self._fire(timer, mine))
                mine = self._timers[timer]
            case v.Disarm(timer):
                self._timers.pop(timer, None)
            case v.FinishHearing():
                self.later(0.05, lambda: self.take(v.AllHeard()))
            case v.Answered(ticket, error):
                self.answers[ticket] = error

    def _fire(self, timer: str, number: int) -> None:
        if self._timers.get(timer) == number:
            del self._timers[timer]
            self.take(v.TimerFired(timer))

    def _run(self, run: v.Run) -> None:
        try:
            result = self.storage.execute(run.command)
        except (Refused, StorageAway) as error:
            self.take(v.Failed(run.tag, error))
        else:
            self.take(v.Done(run.tag, result))

    # -- the line ----------------------------------------------------------------------------

    def offer(self, **changes: object) -> "LiveCallTest":
        self.take(v.Found(summary=self.summary))
        return self

    def fact(self, fact: link.Fact) -> None:
        self.take(v.Reported(fact))

    def _play(self, token: str, seconds: float | None) -> None:
        if self.line.ended:
            return
        self._playing.append(token)
        if seconds is not None:
            self.later(seconds, lambda: self._played(token))

    def _played(self, token: str) -> None:
        if token in self._playing and not self.line.ended:
            self._playing.remove(token)
            if not self.line.took_over:
                self.fact(link.PromptPlayed(call=CALL, token=token, frames=self._frames()))

    def _stop(self) -> None:
        for token in tuple(self._playing):
            self._played(token)

    def _order(self, order: link.Order) -> None:  # noqa: C901
        line = self.line
        line.orders.append(order)
        if isinstance(order, link.Forget):
            line.forgotten = True
        if line.ended or line.took_over:
            return
        match order:
            case link.Answer():
                line.answered, self._answered_at = True, self.at
                self.fact(link.RecordingStarted(call=CALL, path="r.wav"))
            case link.Dial():
                assert line.agent is None, "one agent's leg at a time"
                line.agent, line.ringing, line.dialled = LegState.RINGING, order.uri, line.dialled + 1
                self._ring(order)
            case link.DropLeg():
                line.dropped += line.agent is not None
                line.agent, line.connected = None, False
            case link.Connect():
                if line.agent is not None:
                    line.connects, line.connected = line.connects + 1, True
                    self.fact(link.Connected(call=CALL, frames=self._frames(), hears=order.hears))
            case link.StopPlaying():
                self._stop()
            case link.HangUp():
                self._end(EndReason.HUNG_UP)
            case link.TakeMessage():
                self._take_over()

    def _ring(self, order: link.Dial) -> None:
        agent = self.lines.get(order.uri) or int(order.uri.partition(":")[2].partition("@")[0])
        does = self.line.phones.get(agent, 408)
        number = self.line.dialled
        if isinstance(does, float):
            self.later(does, lambda: self._agent(number, order, None))
        else:
            self.later(order.timeout_s if does == 408 else 0.2, lambda: self._agent(number, order, does))

    def _agent(self, number: int, order: link.Dial, code: int | None) -> None:
        if self.line.dialled != number or self.line.agent is not LegState.RINGING or self.line.ended:
            return
        if code is None:
            self.line.agent = LegState.TALKING
            self.fact(link.LegAnswered(call=CALL, leg=AGENT))
        else:
            self.line.agent = None
            self.line.dropped += 1
            self.fact(link.LegFailed(call=CALL, leg=AGENT, code=code))

    def _take_over(self) -> None:
        """As emergency.py: leave the agent's phone, apologise, beep, a message of ten seconds, thank, hang up."""
        self.line.took_over = True
        self.line.dropped += self.line.agent is not None
        self.line.agent, self.line.connected, self._playing = None, False, []
        if self._answered_at is None:
            self.line.answered, self._answered_at = True, self.at
        frames = int((self.at - self._answered_at + 5) * 50)
        self.later(15, lambda: self._end(EndReason.HUNG_UP, voicemail_from=frames))

    def hang_up(self, *, told: bool = True) -> "LiveCallTest":
        """The caller hangs up."""
        if told and not self.line.ended:
            self.fact(link.LegHungUp(call=CALL, leg=CALLER))
        self._end(EndReason.CALLER_HUNG_UP)
        return self

    def agent_hangs_up(self) -> "LiveCallTest":
        self.line.dropped += self.line.agent is not None
        self.line.agent = None
        self.fact(link.LegHungUp(call=CALL, leg=AGENT))
        return self

    def _end(self, reason: EndReason, voicemail_from: int | None = None) -> None:
        if self.line.ended:
            return
        self.line.ended = True
        self.line.dropped += self.line.agent is not None
        self.line.agent = None
        frames = self.session.next_frame = self._frames()
        self.summary = CallSummary(
            call=CALL, caller=self.summary.caller, called="hotline", phase=LinePhase.ENDED, frames=frames,
            voicemail_from=voicemail_from, emergency=self.line.took_over, end_reason=reason,
        )
        self.fact(link.Ended(call=CALL, summary=self.summary))

    def now(self, **changes: object) -> CallSummary:
        """How the line stands, as the bridge's hello says it."""
        legs = [LegSummary(id=CALLER, state=LegState.TALKING)]
        legs += [LegSummary(id=AGENT, state=self.line.agent)] if self.line.agent else []
        hears = {CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})} if self.line.connected else {}
        phase = LinePhase.ENDED if self.line.ended else LinePhase.ANSWERED if self.line.answered else LinePhase.OFFERED
        if self.line.ended:
            return self.summary
        return CallSummary(call=CALL, caller=self.summary.caller, called="hotline", phase=phase, legs=tuple(legs), hears=hears,
                           emergency=self.line.took_over)

    def restart(self, case: CasePhase | None = None) -> "LiveCallTest":
        """The brain dies and comes again: nothing but what is stored and the bridge's hello is known."""
        self.session = Session(CALL, "b", RULES)
        self._timers.clear()
        state = self.storage.state
        if self.line.lost:
            self.take(v.Lost(frames=10))
            return self
        standing = v.Standing(agent_id=(state.agent_id or 0) if state else 0, state=state, case=case) if state else None
        self.take(v.Found(summary=self.now(), standing=standing))
        return self

    def lose(self) -> "LiveCallTest":
        """The bridge dies and comes again without the call."""
        self.line.lost = self.line.ended = True
        self.line.dropped += self.line.agent is not None
        self.line.agent = None
        self.take(v.Lost(frames=10))
        return self

    # -- people ------------------------------------------------------------------------------

    def says(self, text: str, side: LegId = CALLER) -> "LiveCallTest":
        words = tuple(Word(c, 0.1 * n, 0.1 * n + 0.1, 0.9) for n, c in enumerate(text))
        self.take(v.Saying(side=side, text=text[:1]))
        self.take(v.Uttered(side=side, final=Final(int(self.at * 1000), int(self.at * 1000) + 500, words)))
        return self

    def presses(self, event: machine.Event, ticket: int = 1) -> "LiveCallTest":
        self.take(v.Asked(ticket, event))
        return self

    # -- what came of it -----------------------------------------------------------------------

    @property
    def phase(self) -> str:
        return str(self.storage.state.phase) if self.storage.state else ""

    def sent(self, kind: type[T]) -> list[T]:
        return [o for o in self.line.orders if isinstance(o, kind)]

    def ran(self, kind: type[T]) -> list[T]:
        return [c for c in self.storage.done if isinstance(c, kind)]

    def closings(self) -> int:
        return sum(isinstance(o, v.Closed) for o in self.outputs)

    def told(self, kind: str) -> Iterator[v.Tell]:
        return (o for o in self.outputs if isinstance(o, v.Tell) and o.notice.kind == kind)


