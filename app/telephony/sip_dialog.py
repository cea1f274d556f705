"""One SIP dialog of ours: plain verbs out, plain events in (RFC 3261, offer/answer RFC 3264)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sippy.CCEvents import (
    CCEventConnect,
    CCEventDisconnect,
    CCEventFail,
    CCEventInfo,
    CCEventPreConnect,
    CCEventRing,
    CCEventTry,
    CCEventUpdate,
)
from sippy.MsgBody import MsgBody
from sippy.SipCallId import SipCallId
from sippy.UA import UA

from app.domain.calls.sip_uri import parse_sip_uri, presented_number
from app.telephony.sip_stack import SipStack, known_hosts

#: The digit in the body of an INFO (application/dtmf-relay).
INFO_SIGNAL = re.compile(r"(?im)^signal\s*=\s*([0-9*#A-D])")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an INVITE asks: who calls whom, with which offer (None where the body is missing)."""

    sip_call_id: str
    caller: str
    called: str
    display_name: str
    sdp: str | None


class Dialog(Protocol):
    """One SIP dialog, whichever library speaks SIP. See SipDialog for what the verbs do.

    ``owner`` gets its events from the moment it is set; a dialog that is refused needs none.
    """

    owner: "DialogEvents"

    def accept(self, request: Any, transaction: Any, invited: "Invited") -> Any: ...
    def dial(self, uri: str, caller: str, name: str, sdp: str, proxy: Any = None) -> None: ...
    def ring(self) -> None: ...
    def progress(self, sdp: str) -> None: ...
    def answer(self, sdp: str) -> None: ...
    def reject(self, code: int, reason: str) -> None: ...
    def hang_up(self) -> None: ...


class DialogEvents(Protocol):
    """What a dialog tells its owner, on the SIP thread."""

    def on_ringing(self, dialog: Any, code: int) -> None: ...
    def on_answered(self, dialog: Any, sdp: str | None) -> None: ...
    def on_updated(self, dialog: Any, sdp: str | None) -> None: ...
    def on_digit(self, dialog: Any, digit: str) -> None: ...
    def on_ended(self, dialog: Any, code: int, reason: str) -> None: ...


class Unowned:
    """Takes the events of a dialog that is no call: refused, or not taken yet."""

    def on_ringing(self, dialog: Any, code: int) -> None: ...
    def on_answered(self, dialog: Any, sdp: str | None) -> None: ...
    def on_updated(self, dialog: Any, sdp: str | None) -> None: ...
    def on_digit(self, dialog: Any, digit: str) -> None: ...
    def on_ended(self, dialog: Any, code: int, reason: str) -> None: ...


Invited = Callable[[Any, Invitation], None]


class SipDialog:
    """An incoming dialog is made by ``accept``, an outgoing one by ``dial``."""

    def __init__(self, stack: SipStack, owner: DialogEvents | None = None) -> None:
        self._stack = stack
        self.owner: DialogEvents = owner or Unowned()
        self._invited: Invited | None = None
        self._ended = False
        self.connected = False
        self._ua = UA(stack.config, self._on_event, dead_cbs=(self._on_dead,))

    # -- verbs -------------------------------------------------------------------------------

    def accept(self, request: Any, transaction: Any, invited: Invited) -> Any:
        """Take an INVITE as the called side; ``invited`` is asked, what it returns goes back to
        the stack."""
        self._invited = invited
        return self._ua.recvRequest(request, transaction)

    def dial(self, uri: str, caller: str, name: str, sdp: str, proxy: Any = None) -> None:
        """Send an INVITE. Raises Invalid for an address that cannot be dialled."""
        user, host, port = parse_sip_uri(uri)
        known_hosts.names.update((host, proxy[0] if proxy is not None else host))
        self._ua.rAddr = self._ua.rAddr0 = ((host, port), "udp")
        if proxy is not None:
            self._ua.outbound_proxy = proxy
        body = MsgBody(sdp)
        self._ua.recvEvent(CCEventTry((SipCallId(), caller, user, body, None, name)))

    def ring(self) -> None:
        """Answer 180 Ringing: the telephone rings (RFC 3261 section 21.1.2)."""
        self._ua.recvEvent(CCEventRing((180, "Ringing", None)))

    def progress(self, sdp: str) -> None:
        """183 Session Progress with early media."""
        self._ua.recvEvent(CCEventRing((183, "Session Progress", MsgBody(sdp))))

    def answer(self, sdp: str) -> None:
        """200 OK to the INVITE or to a re-INVITE."""
        self.connected = True
        self._ua.recvEvent(CCEventConnect((200, "OK", MsgBody(sdp))))

    def reject(self, code: int, reason: str) -> None:
        """A final failure response, to an INVITE or to a re-INVITE."""
        self._ua.recvEvent(CCEventFail((code, reason)))

    def hang_up(self) -> None:
        """BYE, CANCEL or 480, whichever fits the state."""
        self._ended = True
        self._ua.recvEvent(CCEventDisconnect())

    # -- events from sippy -------------------------------------------------------------------

    def _on_event(self, event: Any, _ua: Any) -> None:
        for kind, take in _TAKERS:
            if isinstance(event, kind):
                take(self, event)
                return

    def _on_dead(self, _ua: Any) -> None:
        """Nothing comes any more, retransmissions included: whoever took the events may go.

        Owner and dialog know each other; while they do, a call's sound stays in memory after it.
        """
        self.owner, self._invited = Unowned(), None

    def _on_try(self, event: Any) -> None:
        call_id, caller, called, body, _, name = event.getData()
        number = presented_number(str(caller or ""))
        name = str(name or "") if number else ""
        invitation = Invitation(str(call_id), number, str(called or ""), name, _text(body))
        if self._invited is not None:
            self._invited(self, invitation)

    def _on_ring(self, event: Any) -> None:
        code = event.getData()[0]
        if code > 100:
            self.owner.on_ringing(self, int(code))

    def _on_update(self, event: Any) -> None:
        self.owner.on_updated(self, _text(event.getData()))

    def _on_info(self, event: Any) -> None:
        signal = INFO_SIGNAL.search(_text(event.getData()) or "")
        if signal:
            self.owner.on_digit(self, signal[1])

    def _on_connect(self, event: Any) -> None:
        code, _, body = event.getData()
        if code == "ACK":
            return
        self.connected = True
        self.owner.on_answered(self, _text(body))

    def _on_end(self, event: Any) -> None:
        if self._ended:
            return
        self._ended = True
        data = event.getData()
        code, reason = (data[0], data[1]) if isinstance(event, CCEventFail) and data else (0, "")
        if code == 0 and not self.connected:
            code, reason = 487, "Request Terminated"
        self.owner.on_ended(self, int(code), str(reason))


_TAKERS: tuple[tuple[Any, Callable[[SipDialog, Any], None]], ...] = (
    (CCEventTry, SipDialog._on_try),
    ((CCEventConnect, CCEventPreConnect), SipDialog._on_connect),
    (CCEventRing, SipDialog._on_ring),
    (CCEventUpdate, SipDialog._on_update),
    (CCEventInfo, SipDialog._on_info),
    ((CCEventDisconnect, CCEventFail), SipDialog._on_end),
)


def _text(body: Any) -> str | None:
    if isinstance(body, tuple):
        body = body[-1]
    return None if body is None else str(body)
