"""A simulated telephone: one SIP dialog, one RTP leg, things to say and an ear for quiet."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.media import sdp, tones
from app.media.g711 import FRAME_SAMPLES, RATE_HZ
from app.media.segments import SpeechEnded, SpeechSegmenter, SpeechStarted
from app.simulator.lossy_socket import LossySocket
from app.simulator.sip_phone import SipPhone
from app.telephony.leg_port import Prompt
from app.telephony.media_engine import MediaEngine, PortPool
from app.telephony.rtp_leg import LegStatistics, RtpLeg
from app.telephony.sip_dialog import Invitation, SipDialog
from app.telephony.sip_stack import SipStack

_LOUD = 200.0 * 160
_PURE = 0.8
_GREETING_S = 1.2
_AUDIBLE = 150.0
#: Shorter quiet is within a sentence.
_PAUSE_S = 0.3
#: A sentence of a robot has pauses, shorter than this.
_REPLY_QUIET_S = 0.8
#: Longer than the pause of the ringing tone: whoever is silent so long has answered.
_RINGING_PAUSE_S = 6.0


def _probe(frequency_hz: float) -> NDArray[np.complex128]:
    return np.asarray(np.exp(-2j * np.pi * frequency_hz * np.arange(FRAME_SAMPLES) / RATE_HZ))


_RINGBACK, _BEEP = _probe(tones.RINGBACK_HZ), _probe(tones.BEEP_HZ)


def _is_tone(pcm16: bytes, probe: NDArray[np.complex128]) -> bool:
    """Whether a frame is little else than this one frequency (Goertzel)."""
    samples = np.frombuffer(pcm16, "<i2").astype(np.float64)
    energy = float(samples.dot(samples))
    if energy < _LOUD * 200:
        return False
    power = abs(complex(samples.dot(probe))) ** 2
    return power * 2 / (FRAME_SAMPLES * energy) > _PURE


@dataclass(slots=True)
class Spoken:
    """One sentence that was said, between two moments of the wall clock (seconds)."""

    text: str
    started_at: float
    ended_at: float


class Phone(SipPhone):
    """Verbs may be called from any thread but the SIP thread; waiting verbs block."""

    def __init__(
        self, stack: SipStack, engine: MediaEngine, ports: PortPool, lost: float = 0.0
    ) -> None:
        """``lost``: the share of its packets that never arrive."""
        super().__init__(stack)
        self._engine = engine
        self.user = self.other_number = ""
        self.spoken: list[Spoken] = []
        self.heard = bytearray()
        self.quiet_since = time.monotonic()
        self.heard_sound = False
        self.sounds: list[tuple[float, float]] = []
        self.loud_at: list[float] = []
        self.beeped = False
        self.ringing_at = 0.0
        self._segmenter = SpeechSegmenter()
        self._done: dict[str, threading.Event] = {}
        self._said = 0
        bound = ports.bind(stack.endpoint.public)
        sock = LossySocket(bound, lost) if lost else bound
        self._leg = RtpLeg(sock, on_digit=lambda _: None, on_played=self._played)
        engine.call(lambda: engine.add_leg(self._leg))
        engine.call(lambda: engine.add_session(self))

    @property
    def statistics(self) -> LegStatistics:
        return self._leg.statistics

    # -- SIP ---------------------------------------------------------------------------------

    def stand_in(self, pcm16: bytes) -> None:
        """The room's own sound (PCM16, looped) is heard under everything from now on."""
        room = Prompt("room", pcm16, loop=True)
        self._engine.call(lambda: setattr(self._leg, "background", room))

    def dial(self, uri: str, number: str) -> None:
        """Call somebody as ``number``; ``answered`` or ``ended`` is set by what comes."""
        self._invite(uri, number, sdp.offer(self._stack.endpoint.public, self._leg.port))

    def on_invited(self, dialog: SipDialog, invitation: Invitation) -> None:
        try:
            session = sdp.parse(invitation.sdp or "")
        except sdp.SdpError:
            return dialog.reject(488, "Not Acceptable Here")
        self._hear_from(session)
        dialog.ring()
        answer = sdp.answer(session, self._stack.endpoint.public, self._leg.port)
        self._stack.later(0.3, lambda: self._answer(dialog, answer))
        return None

    def _answer(self, dialog: SipDialog, answer: str) -> None:
        if not self.ended.is_set():
            dialog.answer(answer)
            self.answered.set()

    def _hear_from(self, session: sdp.Session) -> None:
        audio = session.audio
        chosen = audio.choose()
        if chosen is not None:
            self._engine.call(lambda: self._leg.set_remote(audio, chosen))

    def on_answered(self, dialog: SipDialog, sdp: str | None) -> None:
        self._hear_from(_parse(sdp or ""))
        self.answered.set()

    def on_updated(self, dialog: SipDialog, sdp: str | None) -> None:
        session = _parse(sdp or "")
        self._hear_from(session)
        dialog.answer(_answer_to(session, self._stack.endpoint.public, self._leg.port))

    def _close(self) -> None:
        if self.ended.is_set():
            return
        self.ended.set()

        def drop() -> None:
            self._engine.remove_session(self)
            self._engine.remove_leg(self._leg)
            for event in self._done.values():
                event.set()

        self._engine.call(drop)

    # -- media -------------------------------------------------------------------------------

    def tick(self) -> None:
        """20 ms of listening and speaking (media thread)."""
        heard = self._leg.pop_pcm()
        self.heard += heard
        self._listen_for_tones(heard)
        if np.abs(np.frombuffer(heard, "<i2")).mean() > _AUDIBLE:
            self.loud_at.append(time.time())
        event = self._segmenter.feed(heard)
        if isinstance(event, SpeechStarted) or self._segmenter.speaking:
            self.heard_sound = True
            self.quiet_since = time.monotonic()
            self._note_sound(isinstance(event, SpeechStarted))
        elif isinstance(event, SpeechEnded):
            self.quiet_since = time.monotonic()
        self._leg.send_tick()

    def _note_sound(self, begins: bool) -> None:
        """Stretches of sound that were heard, from and until (seconds of the wall clock)."""
        now = time.time()
        if begins or not self.sounds:
            self.sounds.append((now, now))
        else:
            self.sounds[-1] = (self.sounds[-1][0], now)

    def replied(self, after: float, quiet_s: float = _REPLY_QUIET_S) -> bool:
        """Whether something was said after a moment (wall clock) and is over."""
        last = self.sounds[-1] if self.sounds else (0.0, 0.0)
        return last[1] > after and time.time() - last[1] > quiet_s

    def wait_reply(self, after: float, timeout_s: float) -> bool:
        """Wait until whoever is at the other end has answered and is silent again."""
        return self._wait(lambda: self.replied(after), timeout_s)

    def wait_speech(self, after: float, seconds: float, timeout_s: float) -> bool:
        """Wait until the other end has been speaking for so long, after a moment."""

        def speaking() -> bool:
            last = self.sounds[-1] if self.sounds else (0.0, 0.0)
            now = time.time()
            return last[0] > after and now - last[1] < 0.2 and now - last[0] >= seconds

        return self._wait(speaking, timeout_s)

    def _listen_for_tones(self, heard: bytes) -> None:
        if _is_tone(heard, _RINGBACK):
            self.ringing_at = time.monotonic()
        elif _is_tone(heard, _BEEP):
            self.beeped = True

    def my_turn(self) -> bool:
        """Whether a caller would speak now: after the beep, or when whoever answered is silent."""
        now = time.monotonic()
        quiet_s = now - self.quiet_since
        if self.beeped:
            return quiet_s > 0.3
        rings = now - self.ringing_at < _RINGING_PAUSE_S
        return self.heard_sound and not rings and quiet_s > _GREETING_S

    def silent_after(self, moment: float) -> float | None:
        """Seconds from a moment (wall clock) until the other end, who was speaking, is silent."""
        last = None
        for at in self.loud_at:
            if moment - _PAUSE_S < at and (last is None or at - last < _PAUSE_S):
                last = at
        return max(0.0, last - moment) if last is not None else None

    def say(self, text: str, pcm16: bytes, timeout_s: float = 120) -> Spoken:
        """Say something and wait until the last packet has left (or the call has ended)."""
        self._said += 1
        token = f"say-{self._said}"
        done = self._done[token] = threading.Event()
        spoken = Spoken(text, time.time(), 0.0)
        self._engine.call(lambda: self._leg.play(Prompt(token, pcm16)))
        done.wait(timeout_s)
        spoken.ended_at = time.time()
        self.spoken.append(spoken)
        return spoken

    def press(self, digit: str) -> None:
        """A key, as a telephone event (RFC 4733)."""
        self._engine.call(lambda: self._leg.send_digit(digit))

    def wait_turn(self, timeout_s: float) -> bool:
        """Wait until it is the caller's turn to speak."""
        return self._wait(self.my_turn, timeout_s)

    def wait_media(self, packets: int, timeout_s: float) -> bool:
        """Wait until this many packets have come: an agent is connected then."""
        return self._wait(lambda: self.statistics.received >= packets, timeout_s)

    def _wait(self, ready: Callable[[], bool], timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and not self.ended.is_set():
            if ready():
                return True
            time.sleep(0.02)
        return False

    def _played(self, token: str) -> None:
        done = self._done.get(token)
        if done is not None:
            done.set()


def _parse(text: str) -> sdp.Session:
    return sdp.parse(text)


def _answer_to(session: sdp.Session, address: str, port: int) -> str:
    return sdp.answer(session, address, port, 2)
