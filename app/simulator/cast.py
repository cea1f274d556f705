"""Plays scenarios: a caller, and where wanted the agent's phone, turn by turn."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from app.domain.refusal import NotFound, RefusalCode
from app.media.g711 import RATE_HZ
from app.simulator.phone import Phone
from app.telephony.media_engine import MediaEngine, PortPool
from app.telephony.sip_stack import SipEndpoint, SipStack

log = logging.getLogger(__name__)

SCENARIOS = Path(__file__).with_name("scenarios.yaml")
PAUSE_S = 0.9
#: Silence after a sentence.
BREATH = bytes(RATE_HZ // 5)
KEY_S = 0.35
MOST_TURNS = 25
REPLY_TIMEOUT_S, INTERRUPT_AFTER_S = 20.0, 1.2


class Voice(Protocol):
    """Text to PCM16 at 8000 Hz."""

    def speak(self, text: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """``who`` is caller, agent, interrupt (the caller while the other end speaks), press or wait;
    ``what`` a sentence, keys or seconds.

    A caller may also play audio (``pcm16``) instead of speaking a sentence.
    """

    who: str
    what: str
    pcm16: bytes = b""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``respond``, where there is one, makes the turns while the call goes on: it gets the number
    of the turn and answers with what the caller does next, None to listen to the end;
    ``interrupts``: without letting the other end finish; ``room``: PCM16 under everything that
    the caller says and does not say; ``lost``: the share of its packets that never come."""

    name: str
    number: str
    turns: tuple[Turn, ...]
    with_agent: bool = True
    linger_s: float = 1.5
    respond: "Callable[[int], Turn | None] | None" = None
    interrupts: bool = False
    room: bytes = b""
    lost: float = 0.0


@dataclass(slots=True)
class Performance:
    """What came of one simulated call."""

    scenario: str
    answered: bool = False
    connected: bool = False
    end_code: int = 0
    caller: Phone | None = None
    agent: Phone | None = None


def load_scenarios(path: Path = SCENARIOS) -> dict[str, Scenario]:
    """All stories of a file."""
    data: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: _scenario(name, body) for name, body in data.items()}


def scenario_titles(path: Path = SCENARIOS) -> dict[str, Mapping[str, str]]:
    """What each story is about, by language."""
    data: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: body["title"] for name, body in data.items()}


def _scenario(name: str, body: Mapping[str, Any]) -> Scenario:
    turns = tuple(Turn(who, str(what)) for turn in body["turns"] for who, what in turn.items())
    return Scenario(name, str(body["from"]), turns, bool(body.get("agent", True)))


def scenario_named(name: str) -> Scenario:
    """A story by name. Raises NotFound with the names there are."""
    known = load_scenarios()
    if name not in known:
        raise NotFound(RefusalCode.SCENARIO, f"no scenario {name!r}; there are {', '.join(known)}")
    return known[name]


class SimulatedPhones:
    """One process of simulated phones. ``lines`` are SIP addresses of agents to answer at."""

    def __init__(self, port: int, hotline: str, voices: Mapping[str, Voice]) -> None:
        endpoint = SipEndpoint("127.0.0.1", port, "127.0.0.1")
        self._hotline = hotline
        self._voices = voices
        self._engine = MediaEngine()
        self._ports = PortPool(20000, 29998)
        self._stack = SipStack(endpoint, self._refuse)
        self._stacks: dict[int, SipStack] = {}
        self._rung: list[Phone] = []
        self._lock = threading.Condition()
        self._audio: dict[tuple[str, str], bytes] = {}

    def run(self, work: "Sequence[threading.Thread]") -> None:
        """Serve SIP on this (the main) thread until all work is done."""
        self._engine.start()
        for thread in work:
            thread.start()
        watcher = threading.Thread(target=self._stop_after, args=(work,), daemon=True)
        watcher.start()
        self._stack.run(lambda: None)
        self._engine.stop()

    def _stop_after(self, work: "Sequence[threading.Thread]") -> None:
        for thread in work:
            thread.join()
        time.sleep(0.5)
        self._stack.call(self._stack.stop)

    def listen(self, ports: Sequence[int]) -> None:
        """Answer at these ports too, as agents' phones."""
        for port in ports:
            endpoint = SipEndpoint("127.0.0.1", port, "127.0.0.1")
            self._stacks[port] = SipStack(endpoint, self._phone_at(port))

    def _phone_at(self, port: int) -> Callable[[Any, Any], Any]:
        """Answers with the stack of this port; it exists by the time a call comes."""
        return lambda request, transaction: self._invited(self._stacks[port], request, transaction)

    def _refuse(self, request: Any, _transaction: Any) -> Any:
        return request.genResponse(404, "Not Found"), None, None

    def _invited(self, stack: SipStack, request: Any, transaction: Any) -> Any:
        user = str(request.getRURI().username)
        phone = Phone(stack, self._engine, self._ports)
        with self._lock:
            phone.user, phone.other_number = user, str(request.getHFBody("from").getUrl().username)
            self._rung.append(phone)
            self._lock.notify_all()
        return phone.take(request, transaction)

    # -- one call ----------------------------------------------------------------------------

    def play(self, scenario: Scenario, agents: Sequence[str]) -> Performance:
        """Ring the hotline and play the story; ``agents`` are users whose phones we are."""
        result = Performance(scenario.name)
        caller = result.caller = Phone(self._stack, self._engine, self._ports, scenario.lost)
        if scenario.room:
            caller.stand_in(scenario.room)
        caller.dial(self._hotline, scenario.number)
        _wait_either(caller, 20)
        result.answered = caller.answered.is_set()
        result.end_code = caller.end_code
        if not result.answered:
            return result
        if scenario.with_agent and agents:
            result.agent = self._wait_agent(scenario.number, agents, caller)
            result.connected = bool(result.agent and result.agent.wait_media(5, 60))
        if result.agent is None and any(turn.who == "caller" for turn in scenario.turns):
            caller.wait_turn(60)
        if scenario.respond is not None:
            self._converse(scenario, scenario.respond, caller)
        else:
            self._turns(scenario, caller, result.agent)
        caller.hang_up()
        caller.ended.wait(5)
        if result.agent is not None and not result.agent.ended.wait(5):
            result.agent.hang_up()
        return result

    def _wait_agent(self, number: str, agents: Sequence[str], caller: Phone) -> Phone | None:
        """The phone that was rung for this caller's number, at one of these users.

        None where the caller hears the beep of a voicemail, or somebody else's voice, first.
        """
        until = time.monotonic() + 60
        with self._lock:
            while time.monotonic() < until and not caller.ended.is_set():
                if caller.my_turn():
                    return None
                for phone in self._rung:
                    if phone.user in agents and phone.other_number == number:
                        self._rung.remove(phone)
                        return phone
                self._lock.wait(0.2)
        return None

    def _turns(self, scenario: Scenario, caller: Phone, agent: Phone | None) -> None:
        for turn in scenario.turns:
            if agent is None and turn.who in ("caller", "press", "interrupt"):
                self._await_robot(turn, caller)
            if caller.ended.is_set():
                return
            if turn.who == "press":
                _press(caller, turn.what)
            elif turn.who == "wait":
                time.sleep(float(turn.what))
            elif turn.who in ("caller", "interrupt") or agent is not None:
                speaker = agent if turn.who == "agent" else caller
                assert speaker is not None  # noqa: S101
                voice = "agent" if turn.who == "agent" else "caller"
                speaker.say(turn.what, turn.pcm16 or self.speech(voice, turn.what))
            if agent is not None or caller.beeped:
                time.sleep(PAUSE_S)
        caller.ended.wait(scenario.linger_s)

    def _converse(
        self, scenario: Scenario, respond: "Callable[[int], Turn | None]", caller: Phone
    ) -> None:
        """A caller who answers what is asked, after the question or into it."""
        since = 0.0
        for number in range(MOST_TURNS):
            if scenario.interrupts and number:
                caller.wait_speech(since, INTERRUPT_AFTER_S, REPLY_TIMEOUT_S)
            else:
                caller.wait_reply(since, REPLY_TIMEOUT_S)
            turn = None if caller.ended.is_set() else respond(number)
            if turn is None:
                break
            if turn.who == "press":
                _press(caller, turn.what)
            elif turn.who == "wait":
                time.sleep(float(turn.what))
            else:
                caller.say(turn.what, turn.pcm16 or self.speech("caller", turn.what))
            since = time.time()
        caller.ended.wait(scenario.linger_s)

    def _await_robot(self, turn: Turn, caller: Phone) -> None:
        """Where a robot talks, its caller lets it finish, or breaks in on purpose."""
        if caller.beeped:
            return
        before = caller.spoken[-1].ended_at if caller.spoken else 0.0
        if turn.who == "interrupt":
            caller.wait_speech(before, INTERRUPT_AFTER_S, REPLY_TIMEOUT_S)
        else:
            caller.wait_reply(before, REPLY_TIMEOUT_S)

    def speech(self, who: str, text: str) -> bytes:
        """A sentence in this side's voice, made once."""
        key = (who, text)
        if key not in self._audio:
            self._audio[key] = self._voices[who].speak(text) + BREATH
        return self._audio[key]


def _press(phone: Phone, keys: str) -> None:
    """One key after the other, as fast as a thumb."""
    for key in keys:
        phone.press(key)
        time.sleep(KEY_S)


def _wait_either(phone: Phone, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if phone.answered.wait(0.05) or phone.ended.is_set():
            return
