"""The media of a call with legs in memory, its clock, and a message taken without a brain."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.bridge.call_media import CallMedia
from app.bridge.emergency import EmergencyVoicemail, load_sound
from app.bridge.tape import Tape
from app.domain.calls.ids import AGENT, CALLER, PROMPTS, LegId
from app.domain.calls.modes import Hears, everybody
from app.link import messages as link
from app.link.summary import CallBack
from app.media import g711, rtp
from app.media.g711 import FRAME_BYTES, SILENT_PCM
from app.telephony.leg_port import Listener, Prompt
from app.telephony.media_engine import SLOTS, MediaEngine, PortPool
from tests.support.exchange import Exchange, HandEngine, Phone

ROOT = Path(__file__).resolve().parents[3]
SECOND = LegId("agent-2")


def _frame(value: int) -> bytes:
    return np.full(FRAME_BYTES // 2, value, "<i2").tobytes()


class MemoryLeg:
    """A leg that carries its sound in lists: implements MediaLeg."""

    payload_type, event_type, muted = g711.PCMU, None, False

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.heard: list[bytes] = []
        self.relayed = 0
        self.received = 0
        self._listeners: tuple[Listener, ...] = ()
        self._fed = False
        self._prompts: list[Prompt] = []

    def say(self, value: int) -> None:
        self.received += 1
        self.said.append(_frame(value))
        payload = g711.encode(0, self.said[-1])
        for listener in self._listeners:
            listener.relay(rtp.RtpPacket(0, False, self.received, 0, id(self), payload), 0, payload)

    def pop_pcm(self) -> bytes:
        return self.said.pop(0) if self.said else SILENT_PCM

    def send_tick(self, live: bytes | None = None) -> bytes:
        prompt = self._prompts[0].next_frame() if self._prompts else None
        if prompt is not None or live is not None or not self._fed:
            self.heard.append(prompt or live or SILENT_PCM)
        return prompt or SILENT_PCM

    def relay(self, packet: rtp.RtpPacket, payload_type: int, payload: bytes) -> None:
        self.relayed += 1
        self.heard.append(g711.decode(payload_type, payload))

    def relay_to(self, listeners: tuple[Listener, ...]) -> None:
        self._listeners = listeners

    def feed(self, relayed: bool) -> None:
        self._fed = relayed

    def play(self, prompt: Prompt) -> None:
        self._prompts.append(prompt)

    def stop(self) -> None:
        self._prompts.clear()


class Bench:
    def __init__(self, folder: Path) -> None:
        self.engine = HandEngine()
        self.media = CallMedia(self.engine, PortPool(47300, 47399), "127.0.0.1", lambda *_: None, lambda *_: None)  # type: ignore[arg-type]
        self.legs: dict[LegId, MemoryLeg] = {}
        self.left: list[LegId] = []
        self.tape = Tape(folder / "call.wav")

    def join(self, *names: LegId) -> None:
        for name in names:
            self.legs[name] = MemoryLeg()
            self.media.join(name, self.legs[name], lambda name=name: self.left.append(name))  # type: ignore[misc]

    def arrange(self, hears: Hears, *held: LegId) -> None:
        self.media.arrange(hears, frozenset(held))

    def tick(self, frames: int = 1, **said: int) -> None:
        for _ in range(frames):
            for name, value in said.items():
                self.legs[LegId(name)].say(value)
            self.engine.step()

    def heard(self, name: LegId, last: int = 1) -> list[int]:
        return [int(np.frombuffer(frame, "<i2")[-1]) for frame in self.legs[name].heard[-last:]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.join(CALLER, AGENT, SECOND)
    return made


def test_two_are_relayed_and_nothing_is_mixed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.media.mixer.mix", lambda *_: pytest.fail("two parties need no mixer"))
    bench.arrange(everybody([CALLER, AGENT]))
    bench.tick(10, caller=1000, agent=2000)
    assert bench.legs[CALLER].relayed == bench.legs[AGENT].relayed == 10
    assert len(bench.legs[CALLER].heard) == 10, "nothing is sent beside the relay"
    assert not bench.legs[SECOND].heard, "who was never in the talk is sent nothing"


def test_three_are_mixed_and_who_listens_to_one_is_relayed_to(bench: Bench) -> None:
    bench.arrange({CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER, SECOND}), SECOND: frozenset({CALLER, AGENT})})
    bench.tick(5, caller=1000, agent=2000, **{"agent-2": 4000})
    assert bench.heard(AGENT) == [5000] and bench.heard(SECOND) == [3000]
    assert bench.legs[CALLER].relayed == 5 and abs(bench.heard(CALLER)[0] - 2000) < 60
    assert bench.legs[AGENT].relayed == bench.legs[SECOND].relayed == 0


def test_one_speaker_is_relayed_to_several_who_only_listen_to_it(bench: Bench) -> None:
    bench.arrange({AGENT: frozenset({CALLER}), SECOND: frozenset({CALLER})})
    bench.tick(5, caller=1000)
    assert bench.legs[AGENT].relayed == bench.legs[SECOND].relayed == 5


def test_voices_come_and_go_in_the_mix_without_a_step(bench: Bench) -> None:
    bench.arrange(everybody([CALLER, AGENT, SECOND]))
    bench.tick(5, caller=0, agent=9000, **{"agent-2": 9000})
    bench.arrange({})
    bench.tick(3, agent=9000, **{"agent-2": 9000})
    sound = np.frombuffer(b"".join(bench.legs[CALLER].heard), "<i2").astype(int)
    assert sound.max() == 18000 and sound[-1] == 0
    assert np.abs(np.diff(sound)).max() <= 18000 // 160 + 1


def test_a_prompt_is_heard_alone_and_goes_to_whom_it_is_meant_for(bench: Bench) -> None:
    bench.arrange(everybody([CALLER, AGENT, SECOND]))
    bench.media.play(Prompt("t", _frame(77) * 3), AGENT)
    bench.tick(3, caller=1000, agent=2000, **{"agent-2": 4000})
    assert bench.heard(AGENT, 3) == [77, 77, 77] and bench.heard(CALLER) == [6000]


def test_the_tape_has_whom_the_caller_hears(bench: Bench) -> None:
    bench.media.start_tape(bench.tape)
    bench.media.play(Prompt("t", _frame(77) * 2))
    bench.tick(2, caller=1)
    bench.arrange({CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER, SECOND}), SECOND: frozenset({CALLER, AGENT})})
    bench.tick(2, caller=1, agent=2, **{"agent-2": 3})
    bench.arrange(everybody([AGENT, SECOND]), CALLER)
    bench.media.play(Prompt("music", _frame(55) * 9))
    bench.tick(2, caller=1, agent=2, **{"agent-2": 3})
    chunk = bench.tape.read(0, 9)
    assert chunk is not None
    assert {name: np.frombuffer(track, "<i2")[::160].tolist() for name, track in chunk.tracks.items()} == {
        CALLER: [1] * 6, PROMPTS: [77, 77, 0, 0, 0, 0], AGENT: [0, 0, 2, 2, 0, 0], SECOND: [0] * 6}


def test_a_leg_that_leaves_is_let_go_once_and_the_rest_talk_on(bench: Bench) -> None:
    bench.arrange(everybody([CALLER, AGENT, SECOND]))
    bench.tick(2, caller=1000, agent=2000, **{"agent-2": 4000})
    bench.media.close_leg(SECOND)
    bench.media.close_leg(SECOND)
    bench.tick(2, caller=1000, agent=2000)
    assert bench.left == [SECOND] and bench.legs[CALLER].relayed == 2
    done: list[int] = []
    bench.media.close(lambda: done.append(1))
    bench.tick(3, caller=1000)
    assert bench.left == [SECOND, CALLER, AGENT] and done == [1] and not bench.engine.sessions


def test_orders_about_legs_that_have_gone_are_passed_over(bench: Bench) -> None:
    bench.media.close_leg(AGENT)
    bench.arrange(everybody([CALLER, AGENT]))
    bench.media.play(Prompt("t", _frame(1)), AGENT)
    bench.media.stop(AGENT)
    bench.tick(2, caller=1000)
    assert bench.heard(CALLER) == [0]


def test_a_leg_of_another_kind_talks_with_an_rtp_leg(bench: Bench) -> None:
    """The port is enough: nothing in a call's media knows what carries a leg."""
    guest = LegId("guest")
    phone = Phone(440)
    bench.media.open_leg(guest)
    from app.media import sdp
    bench.media.set_remote(guest, sdp.parse(phone.sdp).audio)
    bench.arrange(everybody([CALLER, guest]))
    bench.tick(5, caller=3000)
    phone.listen()
    assert len(phone.packets) == 5 and abs(int(np.frombuffer(g711.decode(0, phone.packets[-1].payload), "<i2")[0]) - 3000) < 130
    bench.media.close(lambda: None)
    Phone.made.pop().sock.close()


# -- the clock -------------------------------------------------------------------------------------


class _Counter:
    def __init__(self) -> None:
        self.ticks = 0

    def tick(self) -> None:
        self.ticks += 1


def test_the_clock_ticks_fifty_times_a_second_and_rests_without_work() -> None:
    engine = MediaEngine()
    engine.start()
    time.sleep(0.3)
    counters = [_Counter() for _ in range(SLOTS)]
    before = time.monotonic()
    for counter in counters:
        engine.call(lambda counter=counter: engine.add_session(counter))  # type: ignore[misc]
    time.sleep(1)
    for counter in counters:
        engine.call(lambda counter=counter: engine.remove_session(counter))  # type: ignore[misc]
    time.sleep(0.1)
    took = time.monotonic() - before
    ticks = [counter.ticks for counter in counters]
    assert all(47 <= n <= took * 50 + 1 for n in ticks), (ticks, took)
    cpu = time.thread_time()
    time.sleep(0.3)
    assert [counter.ticks for counter in counters] == ticks and time.thread_time() - cpu < 0.1
    assert engine._idle
    engine.stop()
    _close(engine)


def _close(engine: MediaEngine) -> None:
    for each in (engine._wake_in, engine._wake_out, engine._selector, engine._waker):
        each.close()


def test_a_backlog_is_read_until_it_is_empty() -> None:
    engine = MediaEngine()
    read: list[int] = []

    class Leg:
        def __init__(self) -> None:
            import socket
            self.sock, self.other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.sock.setblocking(False)

        def readable(self, at_most: int) -> None:
            read.append(0)
            for _ in range(at_most):
                try:
                    self.sock.recv(100)
                except BlockingIOError:
                    return
                read[-1] += 1

    leg = Leg()
    engine.add_leg(leg)  # type: ignore[arg-type]
    for _ in range(5):
        leg.other.send(b"x")
    for _ in range(4):
        engine._step(0)
    assert read == [1, 4]
    engine.remove_leg(leg)  # type: ignore[arg-type]
    leg.other.close()
    _close(engine)


# -- without a brain -------------------------------------------------------------------------------


class Night(Exchange):
    """A bridge whose brain is gone."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.emergency = EmergencyVoicemail(ROOT / "static" / "sounds")
        self.brain_up = False

    def on_call_played(self, call, leg, token, frames) -> None:  # type: ignore[no-untyped-def]
        self.emergency.on_played(call, token, frames)

    def on_call_digit(self, call, leg, digit) -> None:  # type: ignore[no-untyped-def]
        self.emergency.on_digit(call, leg, digit)

    def until(self, done, *speakers: Phone, seconds: int = 60) -> None:  # type: ignore[no-untyped-def]
        for _ in range(seconds * 50):
            if done():
                return
            self.tick(1, *speakers)
            if self._now % 1 < 0.02:
                self.emergency.check()
        pytest.fail("it never came to that")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("end", ["silence", "hash"])
def test_a_message_is_taken_without_a_brain(night: Night, end: str) -> None:
    caller = Phone(440)
    night.invite(caller)
    call = night.calls[-1]
    night.emergency.take(call)
    night.emergency.take(call)
    assert caller.dialog.sent == ["200"]
    night.until(lambda: call.voicemail_from is not None)
    started = call.voicemail_from
    night.tick(100, caller)
    if end == "hash":
        caller.dialog.owner.on_digit(caller.dialog, "#")
    night.until(lambda: bool(night.over), seconds=15)
    summary = night.facts_of(link.Ended)[0].summary
    assert summary.emergency and summary.voicemail_from == started and summary.frames > started + 100  # type: ignore[operator]
    assert caller.dialog.sent[-1] == "BYE"
    thanks = len(load_sound(ROOT / "static" / "sounds" / "thanks.wav")) // FRAME_BYTES
    waited = summary.frames - started - 100 - thanks
    assert waited > 250 if end == "silence" else waited < 5


def test_the_agents_ringing_phone_is_left_when_the_bridge_takes_the_call_over(night: Night) -> None:
    caller = Phone(440)
    night.invite(caller)
    call = night.calls[-1]
    night.obey(link.Answer(call=call.id), link.Play(call=call.id, key="music", token="t"),
               link.Dial(call=call.id, leg=AGENT, uri="sip:1001@h"))
    night.tick(5, caller)
    night.emergency.take(call)
    assert night.dialogs[-1].sent[-1] == "BYE" and not night.over
    night.until(lambda: call.voicemail_from is not None)


def test_who_is_being_rung_up_is_not_asked_for_a_message(night: Night) -> None:
    from app.bridge.parties import Parties
    from app.bridge.voice_call import VoiceCall
    call = VoiceCall(night, Parties(caller="1", called="hotline", purpose=CallBack(callback_id=1, agent_id=1)))
    call.originate("sip:1@h", 45)
    night.emergency.take(call)
    assert not night.emergency.handles(call) and night.dialogs[-1].sent == ["INVITE sip:1@h from hotline"]
