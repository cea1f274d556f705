"""A bridge's call without processes, sippy or threads: real machines, real RTP sockets, a wire of ours and virtual time."""

import heapq
import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from app.bridge.call_media import CallMedia, Digit, Played
from app.bridge.lines import Line
from app.bridge.orders import obey
from app.bridge.reception import receive
from app.bridge.tape import Tape
from app.bridge.voice_call import VoiceCall
from app.domain.calls.ids import LegId
from app.link import messages as link
from app.media import g711, rtp, sdp
from app.telephony.media_engine import MediaSession, PortPool
from app.telephony.sip_dialog import DialogEvents, Invitation, Invited, Unowned
from app.telephony.sip_stack import SipEndpoint


class HandEngine:
    """The media thread's work, done when a test says so."""

    def __init__(self) -> None:
        self.sessions: list[MediaSession] = []
        self.legs: list[Any] = []
        self._later: list[Callable[[], None]] = []
        self._stepping = False

    def call(self, function: Callable[[], None]) -> None:
        """At once; what a step asks for comes after it, as on the media thread."""
        if self._stepping:
            self._later.append(function)
        else:
            function()

    def add_session(self, session: MediaSession) -> None:
        self.sessions.append(session)

    def remove_session(self, session: MediaSession) -> None:
        if session in self.sessions:
            self.sessions.remove(session)

    def add_leg(self, leg: Any) -> None:
        self.legs.append(leg)

    def remove_leg(self, leg: Any) -> None:
        self.legs.remove(leg)
        leg.sock.close()

    def step(self) -> None:
        self._stepping = True
        for leg in tuple(self.legs):
            leg.readable(2)
        for session in tuple(self.sessions):
            session.tick()
        self._stepping = False
        while self._later:
            self._later.pop(0)()


class Dialog:
    """A SIP dialog that only writes down what it is asked to send."""

    def __init__(self, owner: DialogEvents | None = None) -> None:
        self.owner: DialogEvents = owner or Unowned()
        self.sent: list[str] = []
        self.sdp = ""

    def accept(self, request: Any, transaction: Any, invited: Invited) -> Any:
        raise AssertionError("invitations come from Exchange.invite")

    def dial(self, uri: str, caller: str, name: str, sdp: str, proxy: Any = None) -> None:
        self.sent.append(f"INVITE {uri} from {caller}")
        self.sdp = sdp

    def ring(self) -> None:
        self.sent.append("180")

    def progress(self, sdp: str) -> None:
        self.sent.append("183")
        self.sdp = sdp

    def answer(self, sdp: str) -> None:
        self.sent.append("200")
        self.sdp = sdp

    def reject(self, code: int, reason: str) -> None:
        self.sent.append(str(code))

    def hang_up(self) -> None:
        self.sent.append("BYE")

    @property
    def rtp_port(self) -> int:
        return sdp.parse(self.sdp).audio.port


class Phone:
    """The peer of a leg: sends a tone as RTP, keeps what it hears."""

    made: "list[Phone]" = []

    def __init__(self, hz: int = 0, law: int = g711.PCMU) -> None:
        self.hz, self.law = hz, law
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        Phone.made.append(self)
        self.dialog = Dialog()
        self.packets: list[rtp.RtpPacket] = []
        self._sent = 0

    @property
    def sdp(self) -> str:
        return self.offer()

    def offer(self, extra: str = "") -> str:
        port = self.sock.getsockname()[1]
        return (f"v=0\r\no=t 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {self.law} 101\r\n"
                f"a=rtpmap:101 telephone-event/8000\r\n{extra}")

    def speak(self) -> None:
        """One packet of 20 ms."""
        time = np.arange(self._sent * 160, (self._sent + 1) * 160) / 8000
        tone = (8000 * np.sin(2 * np.pi * self.hz * time)).astype("<i2").tobytes()
        packet = rtp.RtpPacket(self.law, self._sent == 0, self._sent & 0xFFFF, self._sent * 160, self.sock.getsockname()[1],
                               g711.encode(self.law, tone))
        self.send(packet)
        self._sent += 1

    def send(self, packet: rtp.RtpPacket) -> None:
        self.sock.sendto(rtp.serialise(packet), ("127.0.0.1", self.dialog.rtp_port))

    def listen(self) -> None:
        while True:
            try:
                packet = rtp.parse(self.sock.recv(2048))
            except BlockingIOError:
                return
            assert packet is not None
            self.packets.append(packet)

    def level_db(self, hz: int, last: int = 40) -> float:
        """How loud a tone is in the last packets, against the tone that phones send."""
        heard = [p for p in self.packets if p.payload_type == self.law][-last:]
        sound = np.frombuffer(b"".join(g711.decode(self.law, p.payload) for p in heard), "<i2").astype(float)
        if not len(sound):
            return -200.0
        wave = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / 8000)
        return float(20 * np.log10(max(abs(sound @ wave) * 2 / len(sound) / 8000, 1e-10)))


class Exchange:
    """Implements BridgeServices and Line; ``tick`` moves time and media."""

    def __init__(self, folder: Path, ports: tuple[int, int] = (47000, 47199)) -> None:
        self.stack: Line = self
        self.endpoint = SipEndpoint("127.0.0.1", 5060, "127.0.0.1")
        self.numbers = frozenset({"hotline"})
        self.proxy: tuple[str, int] | None = None
        self.facts: list[link.Fact] = []
        self.prompts: dict[str, bytes] = {"music": bytes(np.full(80000, 500, "<i2"))}
        self.calls: list[VoiceCall] = []
        self.over: list[VoiceCall] = []
        self.dialogs: list[Dialog] = []
        self.brain_up = True
        self.tapes: list[Tape] = []
        self.phones: list[Phone] = []
        self._folder, self._ports = folder, PortPool(*ports)
        self._engine = HandEngine()
        self._now = 0.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    # -- Line ----------------------------------------------------------------------------------

    def call(self, function: Callable[..., None], *args: object) -> None:
        function(*args)

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self._now + seconds, next(self._order), function))

    def run(self, on_stop: Callable[[], None]) -> None:
        raise AssertionError("a test moves time with tick")

    def dialog(self, owner: DialogEvents | None = None) -> Dialog:
        self.dialogs.append(Dialog(owner))
        return self.dialogs[-1]

    # -- BridgeServices ------------------------------------------------------------------------

    def now(self) -> float:
        return self._now

    def open_media(self, on_digit: Digit, on_played: Played) -> CallMedia:
        return CallMedia(self._engine, self._ports, "127.0.0.1", on_digit, on_played)  # type: ignore[arg-type]

    def new_tape(self, call: VoiceCall) -> Tape:
        self.tapes.append(Tape(self._folder / f"{call.id}.wav"))
        return self.tapes[-1]

    def recording_name(self, path: Path) -> str:
        return path.name

    def prompt(self, key: str) -> bytes | None:
        return self.prompts.get(key)

    def report(self, fact: link.Fact) -> None:
        self.facts.append(fact)

    def began(self, call: VoiceCall) -> None:
        self.calls.append(call)

    def changed(self, call: VoiceCall) -> None: ...

    def ended(self, call: VoiceCall) -> None:
        self.over.append(call)
        self.report(link.Ended(call=call.id, summary=call.summary()))

    def unanswered(self, call: VoiceCall) -> None:
        self.over.append(call)

    def on_call_digit(self, call: VoiceCall, leg: LegId, digit: str) -> None:
        self.report(link.DigitPressed(call=call.id, leg=leg, digit=digit))

    def on_call_played(self, call: VoiceCall, leg: LegId, token: str, frames: int) -> None:
        self.report(link.PromptPlayed(call=call.id, leg=leg, token=token, frames=frames))

    def on_leg_gone(self, call: VoiceCall) -> None:
        if not self.brain_up and not call.room.in_use:
            call.hang_up()

    # -- what tests do -------------------------------------------------------------------------

    def tick(self, frames: int = 1, *speakers: Phone) -> None:
        """Time passes; phones that are named speak."""
        for _ in range(frames):
            self._now += 0.02
            while self._timers and self._timers[0][0] <= self._now:
                heapq.heappop(self._timers)[2]()
            for phone in speakers:
                phone.speak()
            self._engine.step()
            for phone in self.phones:
                phone.listen()

    def invite(self, phone: Phone, called: str = "hotline", body: str | None = None) -> None:
        """The phone rings the hotline."""
        self.phones.append(phone)
        phone.dialog = Dialog()
        text = phone.sdp if body is None else body
        receive(self, phone.dialog, Invitation("sip-1", "13800000001", called, "A", text))

    def answered_by(self, phone: Phone) -> None:
        """The phone that was dialled last answers."""
        self.phones.append(phone)
        phone.dialog = self.dialogs[-1]
        phone.dialog.owner.on_answered(phone.dialog, phone.sdp)

    def obey(self, *orders: Any) -> None:
        for order in orders:
            obey(self.calls[-1], order)

    def kinds(self) -> list[str]:
        return [type(fact).__name__ for fact in self.facts]

    def facts_of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def close(self) -> None:
        for leg in tuple(self._engine.legs):
            self._engine.remove_leg(leg)
        while Phone.made:
            Phone.made.pop().sock.close()
        for tape in self.tapes:
            tape.close()
