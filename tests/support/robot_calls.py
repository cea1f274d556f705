"""Plays scripted callers of the robot: each answers the robot's own questions in a call by SIP and RTP."""

import copy
import multiprocessing
import threading
from collections.abc import Callable

import httpx
import numpy as np

from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.simulator.cast import Performance, Scenario, SimulatedPhones, Turn, Voice
from app.simulator.conditions import surroundings
from app.simulator.ringing import free_port
from tests.support.hotline import Hotline
from tests.support.robot_callers import KEYS, Caller

#: What a telephone sends in place of its number (RFC 3323).
WITHHELD = "anonymous"


def espeak_of(caller: Caller) -> Voice:
    """The caller's own voice of espeak-ng."""
    return EspeakSynthesiser(*caller.voice)


class Mind:
    """Answers a caller's questions: looks up what the robot asked, speaks in the caller's voice, stands in the caller's room."""

    def __init__(self, hotline: Hotline, caller: Caller, voice: Voice) -> None:
        self._hotline, self._caller, self._voice = hotline, caller, voice

    def __call__(self, number: int) -> Turn | None:
        said = self._caller.answer(*self._asked())
        if not said:
            return None
        if set(said) <= KEYS:
            return Turn("press", said)
        if said.startswith("wait "):
            return Turn("wait", said.removeprefix("wait "))
        return Turn("caller", said, self._voice.speak(said) + bytes(1600))

    def room(self) -> bytes:
        """White noise or a rumble, all through the call, so far below the caller's voice; empty for a quiet one."""
        if self._caller.snr_db is None:
            return b""
        speech = np.frombuffer(self._voice.speak(self._caller.answers["open"][0]), "<i2").astype(np.float64)
        return surroundings(speech, -self._caller.snr_db, rumble=self._caller.rumble, seed=int(self._caller.number))

    def _asked(self) -> tuple[str, str]:
        """Where the robot is; a brain that is being restarted is waited for, as a caller waits for the next words."""
        while True:
            try:
                return self._place_and_slot()
            except httpx.TransportError:
                self._hotline.wait_ready()

    def _place_and_slot(self) -> tuple[str, str]:
        # a withheld number cannot be looked for: the newest call is this one
        number = "" if self._caller.number == WITHHELD else self._caller.number
        calls = self._hotline.calls(number)
        robot = self._hotline.get(f"calls/{calls[0]['id']}")["robot"] if calls else None
        return (robot["place"], robot["slot"]) if robot else ("open", "")


def play(hotline: Hotline, chosen: list[Caller], at_once: int, voice_of: Callable[[Caller], Voice] = espeak_of) -> dict[str, Performance]:
    """Callers side by side until all have rung; what came of each, by name."""
    phones = SimulatedPhones(free_port(), f"sip:hotline@{hotline.sip}", {})
    queue, lock, done = list(chosen), threading.Lock(), {}

    def work() -> None:
        while True:
            with lock:
                if not queue:
                    return
                caller = queue.pop(0)
            mind = Mind(hotline, caller, voice_of(caller))
            scenario = Scenario(caller.name, caller.number, (), with_agent=False, linger_s=caller.linger_s, respond=mind,
                                interrupts=caller.interrupts, room=mind.room())
            done[caller.name] = phones.play(scenario, [])

    phones.run([threading.Thread(target=work, daemon=True) for _ in range(at_once)])
    return done


def play_apart(hotline: Hotline, chosen: list[Caller], at_once: int = 4) -> None:
    """The same in a process of its own, which the SIP library's sockets end with."""
    away = copy.copy(hotline)
    away.brain = away.bridge = None
    process = multiprocessing.get_context("spawn").Process(target=play, args=(away, chosen, at_once))
    process.start()
    process.join(300)
    assert process.exitcode == 0, process.exitcode


def judge(hotline: Hotline, caller: Caller) -> tuple[bool, str]:
    """Whether the call came to what was wanted, and the robot's own outcome."""
    calls = hotline.calls(caller.number)
    if not calls:
        return False, "no call"
    call = hotline.get(f"calls/{calls[0]['id']}")
    robot = call["robot"] or {"outcome": "none", "place": ""}
    kinds = [t["kind"] for t in call["tickets"]]
    right = robot["outcome"] == caller.expect and (not caller.ticket or caller.ticket in kinds)
    if right and caller.words:
        tickets = [hotline.get(f"tickets/{t['id']}") for t in call["tickets"]]
        right = any(caller.words in f"{t['address']} {t['phone']} {t['brief']}" for t in tickets)
    return right, robot["outcome"] or f"left at {robot['place']}"
