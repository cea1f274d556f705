"""A SIP leg of a call on the bridge: its dialog, its sound, and the machine that moves both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.bridge.call_media import CallMedia
from app.domain.calls import leg as machine
from app.domain.calls.ids import LegId
from app.domain.calls.leg import Media, Send, SendFailure, Side
from app.link.summary import LegSummary
from app.media import sdp
from app.telephony.sip_dialog import Dialog, DialogEvents

Told = machine.Tell | machine.TellRinging | machine.TellFailed | machine.TellHungUp


class LegOwner(Protocol):
    """The call that a leg belongs to."""

    def on_leg(self, leg: "CallLeg", told: Told) -> None: ...
    def on_leg_digit(self, leg: "CallLeg", digit: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Wire:
    """What a leg is connected to. ``public`` is the address that peers are told."""

    media: CallMedia
    public: str
    dialog: Callable[[DialogEvents], Dialog]


class CallLeg:
    """Implements DialogEvents. With the leg its port is bound: a leg without sound is none."""

    def __init__(self, owner: LegOwner, name: LegId, side: Side, wire: Wire, uri: str = "") -> None:
        """Raises OSError where no port is free."""
        self.id, self.uri = name, uri
        self._owner, self._media, self._public = owner, wire.media, wire.public
        self._leg = machine.Leg(side=side)
        self._remote: sdp.Session | None = None
        self._version = 1
        self._port = wire.media.open_leg(name)
        self._dialog = wire.dialog(self)

    @property
    def state(self) -> machine.LegState:
        return self._leg.state

    @property
    def side(self) -> Side:
        return self._leg.side

    def summary(self) -> LegSummary:
        return LegSummary(id=self.id, state=self.state, uri=self.uri)

    def invited(self, offer: sdp.Session) -> None:
        """The offer that came with the peer's INVITE."""
        self._remote = offer
        self._media.set_remote(self.id, offer.audio)

    def dial(self, caller: str, name: str, proxy: tuple[str, int] | None) -> None:
        """INVITE ``uri``. Raises Invalid for an address that cannot be dialled, or OSError."""
        offer = sdp.offer(self._public, self._port)
        self._dialog.dial(self.uri, caller, name, offer, proxy)

    def take(self, event: machine.Event) -> None:
        """One event through the machine, then its effects in order."""
        self._leg, effects = machine.step(self._leg, event)
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: machine.Effect) -> None:
        match effect:
            case Send():
                self._send(effect)
            case SendFailure():
                self._dialog.reject(effect.code, effect.reason)
            case Media.TAKE_REMOTE:
                self._media.set_remote(self.id, self._agreed.audio)
            case Media.CLOSE:
                self._media.close_leg(self.id)
            case _:
                self._owner.on_leg(self, effect)

    def _send(self, message: Send) -> None:
        match message:
            case Send.RINGING:
                self._dialog.ring()
            case Send.PROGRESS:
                self._dialog.progress(self._answer_sdp())
            case Send.OK:
                self._dialog.answer(self._answer_sdp())
            case Send.ANSWER_TO_OFFER:
                self._version += 1
                self._dialog.answer(self._answer_sdp())
            case Send.NOT_ACCEPTABLE:
                self._dialog.reject(488, "Not Acceptable Here")
            case Send.BYE_OR_CANCEL:
                self._dialog.hang_up()

    def _answer_sdp(self) -> str:
        return sdp.answer(self._agreed, self._public, self._port, self._version)

    @property
    def _agreed(self) -> sdp.Session:
        assert self._remote is not None  # noqa: S101  the machine asks only where SDP has come
        return self._remote

    # -- the dialog's events -------------------------------------------------------------------

    def on_ringing(self, _dialog: Any, code: int) -> None:
        self.take(machine.PeerRang(code))

    def on_answered(self, _dialog: Any, text: str | None) -> None:
        remote = parsed(text)
        self._remote = remote or self._remote
        self.take(machine.PeerAnswered(usable=remote is not None))

    def on_updated(self, _dialog: Any, text: str | None) -> None:
        remote = parsed(text)
        self._remote = remote or self._remote
        on_hold = remote is not None and remote.audio.on_hold
        self.take(machine.PeerOffered(usable=remote is not None, on_hold=on_hold))

    def on_digit(self, _dialog: Any, digit: str) -> None:
        self._owner.on_leg_digit(self, digit)

    def on_ended(self, _dialog: Any, code: int, reason: str) -> None:
        self.take(machine.PeerEnded(code, reason))


def parsed(text: str | None) -> sdp.Session | None:
    """A session with audio that we speak; None for anything else."""
    try:
        return sdp.parse(text or "")
    except sdp.SdpError:
        return None
