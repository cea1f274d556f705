"""The bridge process: wires SIP, media, recorder and link, and keeps the list of its calls."""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.bridge.call_media import CallMedia, Digit, Played
from app.bridge.emergency import EmergencyVoicemail
from app.bridge.lines import open_line
from app.bridge.link_client import LinkClient
from app.bridge.orders import obey
from app.bridge.parties import Parties
from app.bridge.reception import receive
from app.bridge.spool import Spool
from app.bridge.tape import Recorder, Tape
from app.bridge.voice_call import VoiceCall
from app.domain.calls.ids import PROMPTS, CallId, LegId
from app.link import messages as link
from app.link.codec import PromptAudio
from app.link.messages import Fact, Hello, Order
from app.link.summary import CallSummary, EndReason, LinePhase
from app.telephony.media_engine import MediaEngine, PortPool
from app.telephony.sip_account import SipAccount
from app.telephony.sip_stack import SipEndpoint

log = logging.getLogger(__name__)

PROMPTS_KEPT = 200
BRAIN_GRACE_S = 8.0


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """What one bridge needs to know. ``home`` holds recordings and the spool."""

    name: str
    sip: SipEndpoint
    rtp_address: str
    rtp_ports: tuple[int, int]
    home: Path
    sounds: Path
    link_url: str
    secret: str
    numbers: frozenset[str]
    proxy: tuple[str, int] | None
    account: SipAccount | None = None


class VoiceBridge:
    """Owns everything; BridgeServices is what its calls ask of it."""

    def __init__(self, settings: BridgeSettings) -> None:
        self.settings = settings
        self.numbers = settings.numbers
        self.proxy = settings.proxy
        self._calls: dict[CallId, VoiceCall] = {}
        self._prompts: OrderedDict[str, bytes] = OrderedDict()
        self._prompts_lock = threading.Lock()
        self._spool = Spool(settings.home / "spool")
        self._ended = self._load_spool()
        self._emergency = EmergencyVoicemail(settings.sounds)
        self._engine = MediaEngine()
        self._ports = PortPool(*settings.rtp_ports)
        self._recorder = Recorder()
        self._link = LinkClient(settings.link_url, settings.secret, self)
        self._offer_old_tapes()
        self._link_down_since: float | None = time.monotonic()
        self.stack = open_line(settings.sip, settings.account, self._on_invite)

    def run(self) -> None:
        """Serve until told to stop; recordings are closed before it returns."""
        self._engine.start()
        self._recorder.start()
        self._link.start()
        self.stack.later(1.0, self._every_second)
        log.info("bridge %s listens on %s:%d", self.settings.name, self.settings.sip.host,
                 self.settings.sip.port)  # fmt: skip
        self.stack.run(self._shut_down)
        self._engine.stop()
        self._recorder.stop()
        self._link.stop()

    def _shut_down(self) -> None:
        for call in tuple(self._calls.values()):
            call.hang_up()

    def _load_spool(self) -> dict[CallId, CallSummary]:
        """Calls of an earlier run; one that never ended was cut off by the end of the process."""
        found = self._spool.load()
        for call, summary in found.items():
            if summary.phase is not LinePhase.ENDED:
                found[call] = _cut_off(summary)
                self._spool.put(found[call])
        return found

    def _offer_old_tapes(self) -> None:
        for call, summary in self._ended.items():
            path = self.settings.home / summary.recording
            if path.is_file():
                tape = Tape.from_file(path, summary.right or PROMPTS)
                self._ended[call] = replace(summary, frames=tape.frames)
                self._link.add_tape(call, tape)

    # -- SIP thread --------------------------------------------------------------------------

    def _on_invite(self, request: Any, transaction: Any) -> Any:
        invited = partial(receive, self)
        return self.stack.dialog().accept(request, transaction, invited)

    def _every_second(self) -> None:
        self.stack.later(1.0, self._every_second)
        for call in tuple(self._calls.values()):
            call.check()
        self._emergency.check()
        down = self._link_down_since
        if down is not None and time.monotonic() - down > BRAIN_GRACE_S:
            for call in tuple(self._calls.values()):
                if not call.room.in_use:
                    self._emergency.take(call)

    # -- what calls ask (BridgeServices) ----------------------------------------------------

    def now(self) -> float:
        return time.time()

    def open_media(self, on_digit: Digit, on_played: Played) -> CallMedia:
        address = self.settings.rtp_address
        return CallMedia(self._engine, self._ports, address, on_digit, on_played)

    def new_tape(self, call: VoiceCall) -> Tape:
        day = time.strftime("%Y/%m/%d", time.gmtime(call.started_at))
        tape = Tape(self.settings.home / "recordings" / day / f"{call.id}.wav")
        self._recorder.add(tape)
        self._link.add_tape(call.id, tape)
        return tape

    def recording_name(self, path: Path) -> str:
        return path.relative_to(self.settings.home).as_posix()

    def prompt(self, key: str) -> bytes | None:
        """What is played stays longest: the brain sends a prompt once, and counts on it."""
        pcm16 = self._prompts.get(key)
        if pcm16 is not None:
            self.on_prompt(PromptAudio(key, pcm16))
        return pcm16

    def report(self, fact: Fact) -> None:
        self._link.report(fact)

    def began(self, call: VoiceCall) -> None:
        self._calls[call.id] = call
        if not self._link.up:
            self.stack.later(0.5, lambda: self._emergency.take(call) if not self._link.up else None)

    def changed(self, call: VoiceCall) -> None:
        """The spool's summary survives this process."""
        self._spool.put(call.summary())

    def ended(self, call: VoiceCall) -> None:
        if call.tape is not None:
            self._recorder.finish(call.tape)
        self._emergency.on_ended(call)
        self._calls.pop(call.id, None)
        summary = call.summary()
        self._ended[call.id] = summary
        self._spool.put(summary)
        self.report(link.Ended(call=call.id, summary=summary))

    def unanswered(self, call: VoiceCall) -> None:
        self._calls.pop(call.id, None)

    def on_call_digit(self, call: VoiceCall, leg: LegId, digit: str) -> None:
        if self._emergency.handles(call):
            self._emergency.on_digit(call, leg, digit)
        self.report(link.DigitPressed(call=call.id, leg=leg, digit=digit))

    def on_call_played(self, call: VoiceCall, leg: LegId, token: str, frames: int) -> None:
        if self._emergency.handles(call):
            self._emergency.on_played(call, token, frames)
        else:
            self.report(link.PromptPlayed(call=call.id, leg=leg, token=token, frames=frames))

    def on_leg_gone(self, call: VoiceCall) -> None:
        """Without a brain nobody else would end a call in which nobody is left to talk to."""
        if not self._link.up and not call.room.in_use:
            call.hang_up()

    # -- what the link asks (LinkOwner), on the link's threads ---------------------------------

    def hello(self) -> Hello:
        calls = [call.summary() for call in tuple(self._calls.values())]
        calls += list(self._ended.values())
        return Hello(bridge=self.settings.name, calls=tuple(calls))

    def on_link(self, up: bool) -> None:
        self._link_down_since = None if up else time.monotonic()

    def on_prompt(self, prompt: PromptAudio) -> None:
        with self._prompts_lock:
            self._prompts[prompt.key] = prompt.pcm16
            self._prompts.move_to_end(prompt.key)
            while len(self._prompts) > PROMPTS_KEPT:
                self._prompts.popitem(last=False)

    def on_order(self, order: Order) -> None:
        self.stack.call(self._obey, order)

    def _obey(self, order: Order) -> None:
        match order:
            case link.Welcome():
                log.warning("a second welcome from the brain")
            case link.Forget():
                self._ended.pop(order.call, None)
                self._link.remove_tape(order.call)
                self._spool.remove(order.call)
            case link.Originate():
                self._originate(order)
            case link.TakeMessage():
                if order.call in self._calls:
                    self._emergency.take(self._calls[order.call])
            case _:
                call = self._calls.get(order.call)
                if call is not None and not self._emergency.handles(call):
                    obey(call, order)

    def _originate(self, order: link.Originate) -> None:
        """The number that is shown is the hotline's own."""
        called = min(self.numbers)
        parties = Parties(caller=order.number, called=called, purpose=order.purpose)
        if order.call not in self._calls:
            VoiceCall(self, parties, order.call).originate(order.uri, order.timeout_s)


def _cut_off(summary: CallSummary) -> CallSummary:
    return replace(
        summary, phase=LinePhase.ENDED, legs=(), hears={}, on_hold=(),
        end_reason=EndReason.BRIDGE_LOST,
    )  # fmt: skip
