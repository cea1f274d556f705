"""One call on the bridge: two SIP dialogs, their media, and the facts that go to the brain.

All methods run on the SIP thread. Orders of the brain are methods of the same name.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.bridge.call_media import CallMedia
from app.bridge.lines import Line
from app.bridge.tape import Tape
from app.domain.calls.ids import AGENT, CALLER, CallId, LegId
from app.domain.calls.leg import LegState
from app.domain.refusal import Invalid
from app.link import messages as link
from app.link.summary import CallSummary, Direction, EndReason, LegSummary, LinePhase, Purpose
from app.media import sdp
from app.telephony.rtp_leg import Prompt
from app.telephony.sip_dialog import Dialog, Invitation


class Host(Protocol):
    """What a call needs of the bridge around it."""

    stack: Line
    numbers: frozenset[str]
    proxy: tuple[str, int] | None

    def open_media(
        self, on_digit: Callable[[LegId, str], None], on_played: Callable[[str], None]
    ) -> CallMedia: ...
    def new_tape(self, call: "VoiceCall") -> Tape: ...
    def recording_name(self, path: Path) -> str: ...
    def prompt(self, key: str) -> bytes | None: ...
    def report(self, fact: link.Fact) -> None: ...
    def began(self, call: "VoiceCall") -> None: ...
    def answered(self, call: "VoiceCall") -> None: ...
    def ended(self, call: "VoiceCall") -> None: ...
    def unanswered(self, call: "VoiceCall") -> None: ...
    def on_call_digit(self, call: "VoiceCall", leg: LegId, digit: str) -> None: ...
    def on_call_played(self, call: "VoiceCall", token: str, frames: int) -> None: ...
    def on_agent_gone(self, call: "VoiceCall") -> None: ...


_BOTH = {CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}
_AGENT_STATES = {
    "dialling": LegState.INVITING, "ringing": LegState.RINGING, "answered": LegState.TALKING,
}  # fmt: skip


@dataclass(slots=True)
class _Side:
    """A leg's dialog and what was last negotiated on it."""

    dialog: Dialog
    port: int
    session: sdp.Session | None = None
    version: int = 1
    held: bool = False
    answered: bool = False


class VoiceCall:
    """``phase`` is offered, answered or ended; ``agent`` is none, dialling, ringing or answered."""

    def __init__(self, host: Host, call_id: CallId | None = None) -> None:
        self.id = call_id or CallId(uuid.uuid4().hex)
        self.host = host
        self.started_at = time.time()
        self.caller = self.called = self.display_name = self.sip_call_id = ""
        self.phase = LinePhase.OFFERED
        self.agent = "none"
        self.bridged = False
        self.held = False
        self.emergency = False
        self.voicemail_from: int | None = None
        #: Why the brain had it rung up, where it did not come in.
        self.purpose: Purpose | None = None
        self.end_reason = EndReason.NONE
        self.tape: Tape | None = None
        self.media: CallMedia | None = None
        self._sides: dict[LegId, _Side] = {}
        self._dial_number = 0
        self._disk_reported = False

    # -- the caller's side -------------------------------------------------------------------

    def invite(self, request: Any, transaction: Any) -> Any:
        """Take a new INVITE; answers 404, 488 or 503 at once where it cannot become a call."""
        return self.host.stack.dialog(self).accept(request, transaction)

    def on_invited(self, dialog: Dialog, invitation: Invitation) -> None:
        self.caller, self.called = invitation.caller, invitation.called
        self.display_name, self.sip_call_id = invitation.display_name, invitation.sip_call_id
        if self.called not in self.host.numbers:
            return dialog.reject(404, "Not Found")
        try:
            session = sdp.parse(invitation.sdp or "")
            audio = session.audio
        except sdp.SdpError:
            return dialog.reject(488, "Not Acceptable Here")
        self.media = self.host.open_media(self._digit, self._played)
        try:
            port = self.media.open_leg(CALLER)
        except OSError:
            return dialog.reject(503, "Service Unavailable")
        self.media.set_remote(CALLER, audio)
        self._sides[CALLER] = _Side(dialog, port, session)
        self.host.began(self)
        return self._report_offered()

    def _report_offered(self) -> None:
        self.host.report(link.Offered(
            call=self.id, caller=self.caller, called=self.called, name=self.display_name,
            sip_call_id=self.sip_call_id, started_at=self.started_at, direction=self.direction,
            purpose=self.purpose,
        ))  # fmt: skip

    def originate(self, order: link.Originate) -> None:
        """Ring somebody up; once they answer, it is a call like one that came in."""
        self.caller, self.called, self.purpose = order.number, min(self.host.numbers), order.purpose
        self.media = self.host.open_media(self._digit, self._played)
        try:
            port = self.media.open_leg(CALLER)
            dialog = self.host.stack.dialog(self)
            self._sides[CALLER] = _Side(dialog, port)
            self.host.began(self)
            dialog.dial(order.uri, self.called, "", sdp.offer(self._public, port), self.host.proxy)
        except (OSError, Invalid):
            return self._unanswered(503)
        self.host.stack.later(order.timeout_s, self._originate_timeout)
        return None

    def _originate_timeout(self) -> None:
        if self.phase is LinePhase.OFFERED:
            self._sides[CALLER].dialog.hang_up()
            self._unanswered(408)

    def _unanswered(self, code: int) -> None:
        """Nobody there: no call has been, only an attempt."""
        if self.phase is LinePhase.ENDED:
            return
        self.phase = LinePhase.ENDED
        assert self.media is not None  # noqa: S101  opened before the INVITE
        assert self.purpose is not None  # noqa: S101  only what was rung up
        self.host.report(link.Unanswered(call=self.id, purpose=self.purpose, code=code))
        self.media.close(lambda: self.host.stack.call(self.host.unanswered, self))

    def _picked_up(self, session: sdp.Session | None) -> None:
        """The recording starts with frame 0, as where a caller is answered."""
        if session is None or self.media is None or self.phase is not LinePhase.OFFERED:
            return
        side = self._sides[CALLER]
        side.session, side.answered, self.phase = session, True, LinePhase.ANSWERED
        self.media.set_remote(CALLER, session.audio)
        self._report_offered()
        self._start_tape()
        self.host.answered(self)

    def ring(self, early: bool) -> None:
        """180, or 183 with early media: prompts are heard before the call is answered."""
        if self.phase is not LinePhase.OFFERED:
            return
        side = self._sides[CALLER]
        if early and side.session is not None:
            side.dialog.progress(sdp.answer(side.session, self._public, side.port))
        else:
            side.dialog.ring()

    def reject(self, code: int, reason: str) -> None:
        if self.phase is LinePhase.OFFERED:
            self._sides[CALLER].dialog.reject(code, reason)
            self._finish(EndReason.REJECTED)

    def answer(self) -> None:
        """200 OK, and the recording starts with frame 0."""
        if self.phase is not LinePhase.OFFERED or self.media is None:
            return
        self.phase = LinePhase.ANSWERED
        self._start_tape()
        side = self._sides[CALLER]
        assert side.session is not None  # noqa: S101  on_invited parsed it
        side.answered = True
        side.dialog.answer(sdp.answer(side.session, self._public, side.port))
        self.host.answered(self)

    def _start_tape(self) -> None:
        assert self.media is not None  # noqa: S101
        self.tape = tape = self.host.new_tape(self)
        try:
            tape.open()
            name = self.host.recording_name(tape.path)
            self.host.report(link.RecordingStarted(call=self.id, path=name))
        except OSError as error:
            tape.error = error.strerror or str(error)
        self.media.start_tape(tape)

    # -- the agent's side --------------------------------------------------------------------

    def dial(self, uri: str, name: str, timeout_s: float) -> None:
        """INVITE the agent's phone; no answer within the time is reported as 408."""
        if self.phase is not LinePhase.ANSWERED or self.media is None or AGENT in self._sides:
            return
        try:
            port = self.media.open_leg(AGENT)
            dialog = self.host.stack.dialog(self)
            self._sides[AGENT] = _Side(dialog, port)
            self.agent = "dialling"
            offer = sdp.offer(self._public, port)
            dialog.dial(uri, self.caller or "anonymous", name, offer, self.host.proxy)
        except (OSError, Invalid):
            return self._agent_failed(503, "Service Unavailable")
        self._dial_number += 1
        number = self._dial_number
        return self.host.stack.later(timeout_s, lambda: self._dial_timeout(number))

    def _dial_timeout(self, number: int) -> None:
        if number == self._dial_number and self.agent in ("dialling", "ringing"):
            self._agent_failed(408, "Request Timeout")

    def on_ringing(self, dialog: Dialog, code: int) -> None:
        if self._name(dialog) == AGENT and self.agent == "dialling":
            self.agent = "ringing"
            self.host.report(link.LegRinging(call=self.id, leg=AGENT, code=code))

    def on_answered(self, dialog: Dialog, sdp: str | None) -> None:
        session = _parse(sdp)
        if self._name(dialog) == CALLER and self.purpose is not None:
            return self._picked_up(session)
        if self._name(dialog) != AGENT or self.media is None:
            return None
        side = self._sides[AGENT]
        if session is None:
            return self._agent_failed(488, "Not Acceptable Here")
        side.session, side.answered = session, True
        self.media.set_remote(AGENT, session.audio)
        self.agent = "answered"
        self.host.report(link.LegAnswered(call=self.id, leg=AGENT))
        return None

    def drop_agent(self) -> None:
        """End the agent's leg only (cancel, or the call goes to somebody else)."""
        side = self._sides.pop(AGENT, None)
        self.agent, self.bridged = "none", False
        if side is not None:
            side.dialog.hang_up()
        if self.media is not None:
            self.media.close_leg(AGENT)

    def _agent_failed(self, code: int, reason: str) -> None:
        self.drop_agent()
        self.host.report(link.LegFailed(call=self.id, leg=AGENT, code=code, reason=reason))
        self.host.on_agent_gone(self)

    # -- both sides --------------------------------------------------------------------------

    def connect(self) -> None:
        if self.media is not None and self.agent == "answered":
            self.bridged, self.held = True, False
            self.media.connect(self._connected)

    def _connected(self, frame: int) -> None:
        self.host.report(link.Connected(call=self.id, frames=frame, hears=_BOTH))

    def hold(self, key: str) -> None:
        if self.media is not None and self.bridged:
            self.bridged, self.held = False, True
            music = self.host.prompt(key)
            self.media.hold(Prompt("hold", music, loop=True) if music else None)

    def resume(self) -> None:
        if self.held:
            self.connect()

    def play(self, key: str, token: str, loop: bool = False) -> None:
        """Play a prompt to the caller; an unknown key counts as played, so that nobody waits."""
        pcm16 = self.host.prompt(key)
        if self.media is None or pcm16 is None:
            self._played(token)
        else:
            self.media.play(Prompt(token, pcm16, loop))

    def stop(self) -> None:
        if self.media is not None:
            self.media.stop()

    def record(self, on: bool) -> None:
        """Pause or go on recording (card numbers, passwords); paused frames are silence."""
        if self.tape is not None:
            self.tape.paused = not on

    def on_updated(self, dialog: Dialog, sdp: str | None) -> None:
        """A re-INVITE: hold, resume or a new address (RFC 3264 section 8)."""
        name = self._name(dialog)
        session = _parse(sdp)
        if name is None or session is None or self.media is None:
            return dialog.reject(488, "Not Acceptable Here")
        side = self._sides[name]
        side.session, side.version = session, side.version + 1
        self.media.set_remote(name, session.audio)
        dialog.answer(_answer(session, self._public, side))
        if session.audio.on_hold != side.held:
            side.held = session.audio.on_hold
            held = link.LegHeld if side.held else link.LegResumed
            self.host.report(held(call=self.id, leg=name))
        return None

    def on_digit(self, dialog: Dialog, digit: str) -> None:
        name = self._name(dialog)
        if name is not None:
            self.host.on_call_digit(self, name, digit)

    def on_ended(self, dialog: Dialog, code: int, reason: str) -> None:
        name = self._name(dialog)
        if name == CALLER and self.purpose is not None and self.phase is LinePhase.OFFERED:
            self._unanswered(code)
        elif name == CALLER:
            self.host.report(link.LegHungUp(call=self.id, leg=CALLER, code=code))
            self._finish(EndReason.CALLER_HUNG_UP)
        elif name == AGENT and not self._sides[AGENT].answered:
            self._agent_failed(code, reason)
        elif name == AGENT:
            self.drop_agent()
            self.host.report(link.LegHungUp(call=self.id, leg=AGENT, code=code))
            self.host.on_agent_gone(self)

    def hang_up(self) -> None:
        """End both sides."""
        if self.phase is not LinePhase.ENDED:
            self._sides[CALLER].dialog.hang_up()
            self._finish(EndReason.HUNG_UP)

    def check(self) -> None:
        """Once a second: a caller whose network is gone, a disk that is full."""
        if self.media is not None and self.media.lost:
            self.host.report(link.LegHungUp(call=self.id, leg=CALLER, code=408))
            self._sides[CALLER].dialog.hang_up()
            self._finish(EndReason.MEDIA_TIMEOUT)
        elif self.tape is not None and self.tape.error and not self._disk_reported:
            self._disk_reported = True
            self.host.report(link.RecordingFailed(call=self.id, error=self.tape.error))

    # -- the end -----------------------------------------------------------------------------

    def _finish(self, reason: EndReason) -> None:
        if self.phase is LinePhase.ENDED:
            return
        self.end_reason = reason
        self.drop_agent()
        self.phase = LinePhase.ENDED
        media = self.media
        if media is None:
            return
        media.close(lambda: self.host.stack.call(self.host.ended, self))

    def summary(self) -> CallSummary:
        """Where the call stands, for the brain's reconciliation and for the spool."""
        tape = self.tape
        return CallSummary(
            call=self.id, direction=self.direction, purpose=self.purpose,
            sip_call_id=self.sip_call_id, caller=self.caller, called=self.called,
            name=self.display_name, started_at=self.started_at, phase=self.phase,
            legs=self._legs(), hears=_BOTH if self.bridged or self.held else {},
            on_hold=(CALLER,) if self.held else (), frames=tape.frames if tape else 0,
            recording=self.host.recording_name(tape.path) if tape else "",
            emergency=self.emergency, voicemail_from=self.voicemail_from,
            end_reason=self.end_reason,
        )  # fmt: skip

    def _legs(self) -> tuple[LegSummary, ...]:
        state = _AGENT_STATES.get(self.agent)
        return (LegSummary(id=AGENT, state=state),) if state is not None else ()

    @property
    def direction(self) -> Direction:
        return Direction.INBOUND if self.purpose is None else Direction.OUTBOUND

    @property
    def answered(self) -> bool:
        return self.tape is not None

    @property
    def _public(self) -> str:
        return self.host.stack.endpoint.public

    def _name(self, dialog: Dialog) -> LegId | None:
        return next((n for n, s in self._sides.items() if s.dialog is dialog), None)

    def _digit(self, leg: LegId, digit: str) -> None:
        self.host.stack.call(self.host.on_call_digit, self, leg, digit)

    def _played(self, token: str) -> None:
        """On the media thread: the frame is exact, however late the SIP thread hears of it."""
        frames = self.tape.frames if self.tape is not None else 0
        self.host.stack.call(self.host.on_call_played, self, token, frames)


def _parse(text: str | None) -> sdp.Session | None:
    try:
        return sdp.parse(text or "")
    except sdp.SdpError:
        return None


def _answer(session: sdp.Session, address: str, side: _Side) -> str:
    return sdp.answer(session, address, side.port, side.version)
