"""One call on the bridge: its legs, its room, and the facts that go to the brain.

All methods run on the SIP thread. It decides nothing: orders of the brain come through
``app.bridge.orders``, the machines of the legs say what follows from what peers do.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, assert_never

from app.bridge.call_leg import CallLeg, Told, Wire
from app.bridge.call_media import CallMedia, Digit, Played
from app.bridge.lines import Line
from app.bridge.parties import Parties
from app.bridge.room import Room
from app.bridge.tape import Tape
from app.domain.calls import leg as machine
from app.domain.calls.ids import CALLER, CallId, LegId
from app.domain.calls.leg import Side
from app.domain.calls.modes import Hears
from app.domain.refusal import Invalid
from app.link import messages as link
from app.link.summary import CallSummary, Direction, EndReason, LinePhase
from app.media import sdp
from app.telephony.leg_port import Prompt
from app.telephony.sip_dialog import Dialog, DialogEvents


class BridgeServices(Protocol):
    """What a call needs of the bridge around it."""

    stack: Line
    numbers: frozenset[str]
    proxy: tuple[str, int] | None

    def now(self) -> float: ...
    def open_media(self, on_digit: Digit, on_played: Played) -> CallMedia: ...
    def new_tape(self, call: "VoiceCall") -> Tape: ...
    def recording_name(self, path: Path) -> str: ...
    def prompt(self, key: str) -> bytes | None: ...
    def report(self, fact: link.Fact) -> None: ...
    def began(self, call: "VoiceCall") -> None: ...
    def changed(self, call: "VoiceCall") -> None: ...
    def ended(self, call: "VoiceCall") -> None: ...
    def unanswered(self, call: "VoiceCall") -> None: ...
    def on_call_digit(self, call: "VoiceCall", leg: LegId, digit: str) -> None: ...
    def on_call_played(self, call: "VoiceCall", leg: LegId, token: str, frames: int) -> None: ...
    def on_leg_gone(self, call: "VoiceCall") -> None: ...


class VoiceCall:
    """The caller's leg makes the call and ends it; other legs come and go."""

    def __init__(
        self, bridge: BridgeServices, parties: Parties, call_id: CallId | None = None
    ) -> None:
        self.id = call_id or CallId(uuid.uuid4().hex)
        self.bridge = bridge
        self.parties = parties
        self.started_at = bridge.now()
        self.phase = LinePhase.OFFERED
        self.room = Room()
        self.emergency = False
        self.voicemail_from: int | None = None
        self.end_reason = EndReason.NONE
        self.tape: Tape | None = None
        self.media = bridge.open_media(self._on_digit, self._on_played)
        self._legs: dict[LegId, CallLeg] = {}
        self._right: LegId | None = None
        self._disk_reported = False

    # -- how it begins -------------------------------------------------------------------------

    def invited(self, dialog: Dialog, offer: sdp.Session) -> None:
        """An INVITE came. Raises OSError where no port is free."""

        def adopt(leg: DialogEvents) -> Dialog:
            dialog.owner = leg
            return dialog

        wire = Wire(self.media, self.bridge.stack.endpoint.public, adopt)
        self._legs[CALLER] = caller = CallLeg(self, CALLER, Side.CALLED, wire)
        caller.invited(offer)
        self.bridge.began(self)
        self._report_offered()

    def originate(self, uri: str, timeout_s: float) -> None:
        """Ring the caller up; once answered, it is a call like one that came in."""
        self.bridge.began(self)
        try:
            self._ring_up(CALLER, uri, self.parties.called, "", timeout_s)
        except (OSError, Invalid):
            self._unanswered(503)

    def _ring_up(self, name: LegId, uri: str, caller: str, shown: str, timeout_s: float) -> None:
        wire = Wire(self.media, self.bridge.stack.endpoint.public, self.bridge.stack.dialog)
        self._legs[name] = leg = CallLeg(self, name, Side.CALLING, wire, uri)
        leg.dial(caller, shown, self.bridge.proxy)
        self.bridge.stack.later(timeout_s, lambda: leg.take(machine.TimeRanOut()))

    def _report_offered(self) -> None:
        parties = self.parties
        self.bridge.report(link.Offered(
            call=self.id, caller=parties.caller, called=parties.called, name=parties.name,
            sip_call_id=parties.sip_call_id, started_at=self.started_at,
            direction=parties.direction, purpose=parties.purpose,
        ))  # fmt: skip

    def _answered(self) -> None:
        """The recording begins with frame 0."""
        self.phase = LinePhase.ANSWERED
        self.room = self.room.join(CALLER)
        self._start_tape()
        self.bridge.changed(self)

    def _start_tape(self) -> None:
        self.tape = tape = self.bridge.new_tape(self)
        try:
            tape.open()
            name = self.bridge.recording_name(tape.path)
            self.bridge.report(link.RecordingStarted(call=self.id, path=name))
        except OSError as error:
            tape.error = error.strerror or str(error)
        self.media.start_tape(tape)

    # -- orders about legs ---------------------------------------------------------------------

    @property
    def _waits(self) -> bool:
        """Whether an INVITE that came in has no final answer yet."""
        return self.phase is LinePhase.OFFERED and self.parties.direction is Direction.INBOUND

    def ring(self, early: bool) -> None:
        """180, or 183 with early media: prompts are heard before the call is answered."""
        if self._waits:
            self._legs[CALLER].take(machine.RingOrdered(early))

    def reject(self, code: int, reason: str) -> None:
        if self._waits:
            self._legs[CALLER].take(machine.RejectOrdered(code, reason))
            self._finish(EndReason.REJECTED)

    def answer(self) -> None:
        if self._waits:
            self._answered()
            self._legs[CALLER].take(machine.AnswerOrdered())

    def dial(self, name: LegId, uri: str, shown: str, timeout_s: float) -> None:
        """INVITE another phone; no answer within the time is reported as 408."""
        if self.phase is not LinePhase.ANSWERED or name in self._legs:
            return
        try:
            self._ring_up(name, uri, self.parties.caller or "anonymous", shown, timeout_s)
        except (OSError, Invalid):
            self._failed(name, 503, "Service Unavailable")

    def drop(self, name: LegId) -> None:
        """End one leg (cancel, or the call goes to somebody else); the caller's ends the call."""
        if name == CALLER:
            self.hang_up()
        elif name in self._legs:
            self._legs[name].take(machine.HangUpOrdered())
            self._remove(name)

    def drop_dialled(self) -> None:
        """End all legs but the caller's."""
        for name in tuple(self._legs):
            if name != CALLER:
                self.drop(name)

    def hang_up(self) -> None:
        """End all legs."""
        if self.phase is not LinePhase.ENDED:
            self._finish(EndReason.HUNG_UP)

    # -- orders about sound --------------------------------------------------------------------

    def connect(self, hears: Hears) -> None:
        """A new matrix of who hears whom; what is being played to its legs stops."""
        room = self.room.connect(hears)
        if room.connected:
            self._move_to(room)

    def hold(self, name: LegId | None, key: str) -> None:
        """Take a leg out of the talk (None: all); it hears the prompt ``key``."""
        before, self.room = self.room, self.room.hold(name)
        if self.room == before:
            return
        self.media.arrange(self.room.in_force, self.room.held)
        music = self.bridge.prompt(key)
        for held in self.room.held - before.held if music else ():
            self.media.play(Prompt("hold", music or b"", loop=True), held)

    def resume(self, name: LegId | None) -> None:
        if self.room.held:
            self._move_to(self.room.resume(name))

    def _move_to(self, room: Room) -> None:
        """From the frame on that the fact tells."""
        self.room, hears = room, room.in_force
        self.media.stop(*(leg for leg, heard in hears.items() if heard))
        self.media.arrange(hears, room.held, lambda frame: self._connected(frame, hears))
        self.bridge.changed(self)

    def _connected(self, frame: int, hears: Hears) -> None:
        self.bridge.report(link.Connected(call=self.id, frames=frame, hears=hears))

    def play(self, key: str, token: str, loop: bool, name: LegId) -> None:
        """Queue a prompt; an unknown key counts as played, so that nobody waits."""
        pcm16 = self.bridge.prompt(key)
        if pcm16 is None:
            self._on_played(name, token)
        else:
            self.media.play(Prompt(token, pcm16, loop), name)

    def stop(self, name: LegId) -> None:
        self.media.stop(name)

    def record(self, on: bool) -> None:
        """Pause or go on recording (card numbers, passwords); paused frames are silence."""
        if self.tape is not None:
            self.tape.paused = not on

    # -- what legs tell ------------------------------------------------------------------------

    def on_leg(self, leg: CallLeg, told: Told) -> None:
        """A leg's machine tells something of this call."""
        if self._legs.get(leg.id) is not leg or self.phase is LinePhase.ENDED:
            return
        match told:
            case machine.TellRinging():
                self.bridge.report(link.LegRinging(call=self.id, leg=leg.id, code=told.code))
            case machine.Tell.ANSWERED:
                self._leg_answered(leg)
            case machine.TellFailed():
                self._leg_failed(leg, told)
            case machine.TellHungUp():
                self._hung_up(leg, told.code)
            case machine.Tell.HELD | machine.Tell.RESUMED:
                held = link.LegHeld if told is machine.Tell.HELD else link.LegResumed
                self.bridge.report(held(call=self.id, leg=leg.id))
            case _:
                assert_never(told)

    def _leg_answered(self, leg: CallLeg) -> None:
        if leg.id == CALLER:
            self._report_offered()
            self._answered()
        else:
            self.room = self.room.join(leg.id)
            self._right = self._right or leg.id
            self.bridge.report(link.LegAnswered(call=self.id, leg=leg.id))

    def _leg_failed(self, leg: CallLeg, told: machine.TellFailed) -> None:
        if leg.id == CALLER:
            self._unanswered(told.code)
        else:
            self._failed(leg.id, told.code, told.reason)

    def _failed(self, name: LegId, code: int, reason: str) -> None:
        self._remove(name)
        self.bridge.report(link.LegFailed(call=self.id, leg=name, code=code, reason=reason))
        self.bridge.on_leg_gone(self)

    def _hung_up(self, leg: CallLeg, code: int) -> None:
        self.bridge.report(link.LegHungUp(call=self.id, leg=leg.id, code=code))
        if leg.id == CALLER:
            self._finish(EndReason.MEDIA_TIMEOUT if code == 408 else EndReason.CALLER_HUNG_UP)
        else:
            self._remove(leg.id)
            self.bridge.on_leg_gone(self)

    def _remove(self, name: LegId) -> None:
        if self._legs.pop(name, None) is not None:
            self.media.close_leg(name)
        self.room = self.room.leave(name)
        self.media.arrange(self.room.in_force, self.room.held)

    def on_leg_digit(self, leg: CallLeg, digit: str) -> None:
        """A digit by SIP INFO."""
        self.bridge.on_call_digit(self, leg.id, digit)

    # -- clocks and the end --------------------------------------------------------------------

    def check(self) -> None:
        """Once a second: a caller whose network is gone, a disk that is full."""
        if self.media.lost:
            self._legs[CALLER].take(machine.MediaLost())
        elif self.tape is not None and self.tape.error and not self._disk_reported:
            self._disk_reported = True
            self.bridge.report(link.RecordingFailed(call=self.id, error=self.tape.error))

    def _unanswered(self, code: int) -> None:
        """Nobody there: no call has been, only an attempt."""
        if self.phase is LinePhase.ENDED or self.parties.purpose is None:
            return
        self.phase, self.end_reason = LinePhase.ENDED, EndReason.UNANSWERED
        purpose = self.parties.purpose
        self.bridge.report(link.Unanswered(call=self.id, purpose=purpose, code=code))
        self._close(self.bridge.unanswered)

    def _finish(self, reason: EndReason) -> None:
        """Whoever is still there is hung up; the bridge hears of it when no frame can follow."""
        self.phase, self.end_reason, self.room = LinePhase.ENDED, reason, Room()
        for leg in tuple(self._legs.values()):
            leg.take(machine.HangUpOrdered())
        self._close(self.bridge.ended)

    def _close(self, tell: Callable[["VoiceCall"], None]) -> None:
        """``tell`` hears of it when no frame can follow; then legs and call let each other go."""

        def over() -> None:
            tell(self)
            self._legs.clear()

        self.media.close(lambda: self.bridge.stack.call(over))

    def summary(self) -> CallSummary:
        """Where the call stands, for the brain's reconciliation and for the spool. Any thread."""
        parties, tape = self.parties, self.tape
        return CallSummary(
            call=self.id, direction=parties.direction, purpose=parties.purpose,
            sip_call_id=parties.sip_call_id, caller=parties.caller, called=parties.called,
            name=parties.name, started_at=self.started_at, phase=self.phase,
            legs=tuple(leg.summary() for leg in tuple(self._legs.values())
                       if leg.state not in machine.OVER),
            hears=self.room.hears, on_hold=tuple(sorted(self.room.held)),
            frames=tape.frames if tape else 0,
            recording=self.bridge.recording_name(tape.path) if tape else "",
            emergency=self.emergency, voicemail_from=self.voicemail_from,
            end_reason=self.end_reason, right=self._right,
        )  # fmt: skip

    # -- from the media thread -----------------------------------------------------------------

    def _on_digit(self, name: LegId, digit: str) -> None:
        self.bridge.stack.call(self.bridge.on_call_digit, self, name, digit)

    def _on_played(self, name: LegId, token: str) -> None:
        """The frame is exact, however late the SIP thread hears of it."""
        frames = self.tape.frames if self.tape is not None else 0
        self.bridge.stack.call(self.bridge.on_call_played, self, name, token, frames)
