"""The bridge process: wires SIP, media, recorder and link, and keeps the list of its calls."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.bridge.call_media import CallMedia
from app.bridge.emergency import EmergencyVoicemail
from app.bridge.lines import open_line
from app.bridge.link_client import LinkClient
from app.bridge.spool import Spool
from app.bridge.tape import Recorder, Tape
from app.bridge.voice_call import VoiceCall
from app.service import link
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
    """Owns everything; see the Host protocol in voice_call for what calls ask of it."""

    def __init__(self, settings: BridgeSettings) -> None:
        self.settings = settings
        self.numbers = settings.numbers
        self.proxy = settings.proxy
        self._calls: dict[str, VoiceCall] = {}
        self._prompts: OrderedDict[str, bytes] = OrderedDict()
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

    def _load_spool(self) -> dict[str, dict[str, Any]]:
        """Calls of an earlier run; one that never ended was cut off by the end of the process."""
        found = self._spool.load()
        for call, summary in found.items():
            if summary.get("phase") != "ended":
                summary.update(phase="ended", agent="none", bridged=False, end_reason="bridge_lost")
                self._spool.put(call, summary)
        return found

    def _offer_old_tapes(self) -> None:
        for call, summary in self._ended.items():
            path = self.settings.home / str(summary.get("recording", ""))
            if path.is_file():
                tape = Tape.from_file(path)
                summary["frames"] = tape.frames
                self._link.add_tape(call, tape)

    # -- SIP thread --------------------------------------------------------------------------

    def _on_invite(self, request: Any, transaction: Any) -> Any:
        return VoiceCall(self).invite(request, transaction)

    def _every_second(self) -> None:
        self.stack.later(1.0, self._every_second)
        for call in tuple(self._calls.values()):
            call.check()
        self._emergency.check()
        down = self._link_down_since
        if down is not None and time.monotonic() - down > BRAIN_GRACE_S:
            for call in tuple(self._calls.values()):
                if not (call.bridged or call.held):
                    self._emergency.take(call)

    # -- what calls ask (Host) ---------------------------------------------------------------

    def open_media(
        self, on_digit: Callable[[str, str], None], on_played: Callable[[str], None]
    ) -> CallMedia:
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
        return self._prompts.get(key)

    def report(self, fact: link.Control) -> None:
        self._link.report(fact)

    def began(self, call: VoiceCall) -> None:
        self._calls[call.id] = call
        if not self._link.up:
            self.stack.later(0.5, lambda: self._emergency.take(call) if not self._link.up else None)

    def answered(self, call: VoiceCall) -> None:
        self._spool.put(call.id, call.summary())

    def ended(self, call: VoiceCall) -> None:
        if call.tape is not None:
            self._recorder.finish(call.tape)
        self._emergency.on_ended(call)
        self._calls.pop(call.id, None)
        summary = call.summary()
        self._ended[call.id] = summary
        self._spool.put(call.id, summary)
        self.report(link.Control("ended", call.id, {k: v for k, v in summary.items()
                                                    if k != "call"}))  # fmt: skip

    def unanswered(self, call: VoiceCall) -> None:
        self._calls.pop(call.id, None)

    def on_call_digit(self, call: VoiceCall, leg: str, digit: str) -> None:
        if self._emergency.handles(call):
            self._emergency.on_digit(call, leg, digit)
        self.report(link.Control("digit", call.id, {"leg": leg, "digit": digit}))

    def on_call_played(self, call: VoiceCall, token: str, frames: int) -> None:
        if self._emergency.handles(call):
            self._emergency.on_played(call, token, frames)
        else:
            self.report(link.Control("played", call.id, {"token": token, "frames": frames}))

    def on_agent_gone(self, call: VoiceCall) -> None:
        """Without a brain nobody else would end the caller's side."""
        if not self._link.up:
            call.hang_up()

    # -- what the link asks (LinkOwner), on the link's threads ---------------------------------

    def hello(self) -> link.Control:
        calls = [call.summary() for call in tuple(self._calls.values())]
        calls += list(self._ended.values())
        return link.Control("hello", "", {"bridge": self.settings.name, "calls": calls})

    def on_link(self, up: bool) -> None:
        self._link_down_since = None if up else time.monotonic()

    def on_prompt(self, prompt: link.PromptAudio) -> None:
        self._prompts[prompt.key] = prompt.pcm16
        self._prompts.move_to_end(prompt.key)
        while len(self._prompts) > PROMPTS_KEPT:
            self._prompts.popitem(last=False)

    def on_order(self, order: link.Control) -> None:
        self.stack.call(self._obey, order)

    def _obey(self, order: link.Control) -> None:
        if order.kind == "forget":
            self._ended.pop(order.call, None)
            self._link.remove_tape(order.call)
            self._spool.remove(order.call)
            return
        if order.kind == "originate":
            errand = dict(order.get("errand", {}))
            timeout_s = float(order.get("timeout_s", 45))
            VoiceCall(self).originate(
                str(order.get("uri")), str(order.get("number")), timeout_s, errand
            )
            return
        call = self._calls.get(order.call)
        if call is not None and not self._emergency.handles(call):
            _ORDERS[order.kind](call, order)


def _plain(verb: Callable[[VoiceCall], None]) -> Callable[[VoiceCall, link.Control], None]:
    return lambda call, _: verb(call)


def _dial(call: VoiceCall, order: link.Control) -> None:
    timeout_s = float(order.get("timeout_s", 20))
    call.dial(str(order.get("uri")), str(order.get("name", "")), timeout_s)


def _play(call: VoiceCall, order: link.Control) -> None:
    call.play(str(order.get("key")), str(order.get("token")), bool(order.get("loop", False)))


_ORDERS: dict[str, Callable[[VoiceCall, link.Control], None]] = {
    "ring": lambda call, order: call.ring(bool(order.get("early", False))),
    "answer": _plain(VoiceCall.answer),
    "drop_agent": _plain(VoiceCall.drop_agent),
    "connect": _plain(VoiceCall.connect),
    "stop": _plain(VoiceCall.stop),
    "resume": _plain(VoiceCall.resume),
    "hang_up": _plain(VoiceCall.hang_up),
    "dial": _dial,
    "play": _play,
    "hold": lambda call, order: call.hold(str(order.get("key"))),
    "record": lambda call, order: call.record(bool(order.get("on", True))),
    "reject": lambda call, order: call.reject(
        int(order.get("code", 480)), str(order.get("reason", ""))
    ),
}
