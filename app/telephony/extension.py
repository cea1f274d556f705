"""One extension of an existing PBX, with pyVoIP's SIP (RFC 3261 over UDP) and our own media.

Of pyVoIP its client is used: it registers (digest), parses and writes messages. Its calls and its
media are not: the state of a dialog is here, on the SIP thread, so that CANCEL, hold and lost
packets are treated as everywhere else; audio is ours. What it cannot do: ring anybody, so there are
no agents and no call-backs behind an extension; early media; more than one codec law an answer;
Record-Route, compact headers, TCP, TLS and IPv6.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from app.domain.calls.sip_uri import presented_number
from app.domain.refusal import Invalid, RefusalCode
from app.telephony.sip_account import SipAccount, SipAccountError
from app.telephony.sip_dialog import INFO_SIGNAL, DialogEvents, Invitation, Invited, Unowned
from app.telephony.sip_stack import EventLoop, SipEndpoint

try:
    # the package itself first: its SIP module alone imports it in a circle
    import pyVoIP.VoIP
    from pyVoIP import RTP, SIP
except ImportError as error:
    raise SipAccountError(
        "HOLDLINE_EXTENSION needs the package pyVoIP: install holdline[pyvoip]"
    ) from error

log = logging.getLogger(__name__)

REGISTER_AGAIN_S = 30.0
#: Timers of RFC 3261 section 13.3.1.4: a 200 is sent again until its ACK has come.
_T1_S, _T2_S, _GIVE_UP_S = 0.5, 4.0, 32.0
_METHODS = ("OPTIONS", "INFO", "NOTIFY")


def _leave_bodies_alone() -> None:
    """pyVoIP drops a message whose SDP it does not like; bodies are parsed by app.media.sdp."""

    def ignore(_message: Any, _header: str, _data: str) -> None: ...

    parser: Any = SIP.SIPMessage
    parser.parse_body = ignore


class _Phone:
    """Stands for pyVoIP's phone: only its state is ever written."""

    _status = None


class _Client(SIP.SIPClient):
    """pyVoIP's client; requests go to ``take``, on its own thread."""

    def __init__(
        self, endpoint: SipEndpoint, account: SipAccount, take: Callable[[Any], None],
        refused: Callable[[], None],
    ) -> None:  # fmt: skip
        phone: Any = _Phone()
        super().__init__(account.host, account.port, account.user, account.password, phone,
                         endpoint.public, endpoint.port, fatalCallback=refused)  # fmt: skip
        self._take = take

    def parse_message(self, message: Any) -> None:
        """Answers to our own requests are read where they were sent."""
        if message.type == SIP.SIPMessageType.MESSAGE:
            self._take(message)

    @property
    def registered(self) -> bool:
        return self.phone._status is not None and self.phone._status.name == "REGISTERED"


class ExtensionLine(EventLoop):
    """Registers, and offers what is called. ``on_invite(request, None)`` takes new INVITEs."""

    def __init__(
        self, endpoint: SipEndpoint, account: SipAccount, on_invite: Callable[[Any, Any], Any]
    ) -> None:
        _leave_bodies_alone()
        for method in _METHODS:
            if method not in pyVoIP.SIPCompatibleMethods:
                pyVoIP.SIPCompatibleMethods.append(method)
        self.endpoint, self.account = endpoint, account
        self._on_invite = on_invite
        self.dialogs: dict[str, ExtensionDialog] = {}
        self.client = self._new_client()
        self._stopping = False

    def _new_client(self) -> _Client:
        def take(message: Any) -> None:
            self.call(self._request, message)

        def refused() -> None:
            self.call(self._refused)

        return _Client(self.endpoint, self.account, take, refused)

    def dialog(self, owner: DialogEvents | None = None) -> "ExtensionDialog":
        return ExtensionDialog(self, owner)

    def run(self, on_stop: Callable[[], None]) -> None:
        def stop() -> None:
            self._stopping = True
            on_stop()
            # the registration is taken back while the last BYEs are on their way
            threading.Thread(target=self.client.stop, daemon=True).start()

        self.later(0.0, self._register)
        super().run(stop)

    def _register(self) -> None:
        """pyVoIP registers, and again every two minutes, on a thread of its own."""
        client = self.client

        def start() -> None:
            try:
                client.start()
            except OSError as error:
                log.error("cannot listen on %s:%d (%s): is another program using the port?",
                          self.endpoint.public, self.endpoint.port, error.strerror)  # fmt: skip
            if client.registered:
                log.info("extension %s is registered at %s", self.account.user, self.account.host)

        threading.Thread(target=start, daemon=True, name="register").start()

    def _refused(self) -> None:
        """After three failures pyVoIP gives up; a PBX that was restarted is tried again."""
        if self._stopping:
            return
        log.error("extension %s cannot register at %s: check HOLDLINE_EXTENSION (user, password,"
                  " address); again in %d s",
                  self.account.user, self.account.host, REGISTER_AGAIN_S)  # fmt: skip
        self.client = self._new_client()
        self.later(REGISTER_AGAIN_S, self._register)

    def send(self, message: str, request: Any) -> None:
        """To where a request came from (its topmost Via)."""
        via = request.headers["Via"][0]
        host, port = via["address"]
        address = (via.get("received") or host, int(via.get("rport") or port))
        self._send(message, address)

    def send_to_pbx(self, message: str) -> None:
        self._send(message, (self.account.host, self.account.port))

    def _send(self, message: str, address: tuple[str, int]) -> None:
        try:
            self.client.out.sendto(message.encode(), address)
        except (OSError, AttributeError) as error:
            log.warning("a SIP message could not be sent: %s", type(error).__name__)

    # -- requests (SIP thread) ---------------------------------------------------------------

    def _request(self, message: Any) -> None:
        """One request of the PBX; a fault in it is the peer's and ends with it."""
        try:
            self._route(message)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            log.warning("SIP peer fault: %s", type(error).__name__)

    def _route(self, message: Any) -> None:
        dialog = self.dialogs.get(message.headers["Call-ID"])
        if dialog is not None:
            dialog.take(message)
        elif message.method == "INVITE" and not message.headers["To"]["tag"]:
            self._on_invite(message, None)
        elif message.method == "OPTIONS":
            self.send(self.client.gen_ok(message), message)
        elif message.method != "ACK":
            self.send(self.status(message, 481, "Call/Transaction Does Not Exist"), message)

    def status(self, request: Any, code: int, reason: str) -> str:
        """A response without a body; pyVoIP itself knows Busy Here only."""
        busy: str = self.client.gen_busy(request)
        return f"SIP/2.0 {code} {reason}\r\n" + busy.partition("\r\n")[2]


class ExtensionDialog:
    """An incoming dialog: the Dialog verbs over pyVoIP's messages."""

    def __init__(self, line: ExtensionLine, owner: DialogEvents | None = None) -> None:
        self._line = line
        self.owner: DialogEvents = owner or Unowned()
        self._request: Any = None
        self._last = ""
        self._answered = self._acknowledged = self._ended = False

    # -- verbs -------------------------------------------------------------------------------

    def accept(self, request: Any, transaction: Any, invited: Invited) -> None:
        """Take an INVITE as the called side. Without a provisional response a PBX keeps a CANCEL
        to itself (RFC 3261 section 9.1), so one is sent at once."""
        self._request = request
        self._line.send(self._line.status(request, 100, "Trying"), request)
        self._line.dialogs[request.headers["Call-ID"]] = self
        sender = request.headers["From"]
        number = presented_number(str(sender["number"] or ""))
        name = str(sender["caller"]).strip(' "<') if number else ""
        body = _body(request)
        invited(self, Invitation(
            request.headers["Call-ID"], number, self._line.account.user, name, body,
        ))  # fmt: skip

    def dial(self, uri: str, caller: str, name: str, sdp: str, proxy: Any = None) -> None:
        """Raises Invalid always: an extension only answers."""
        raise Invalid(
            RefusalCode.EXTENSION, "an extension of a PBX cannot ring agents or customers"
        )

    def ring(self) -> None:
        if not self._last:
            self._respond(self._line.client.gen_ringing(self._request))

    def progress(self, sdp: str) -> None:
        """Early media is beyond pyVoIP: the caller hears the PBX's ringing tone."""
        self.ring()

    def answer(self, sdp: str) -> None:
        """200 OK to the INVITE or to a re-INVITE, sent again until the ACK comes."""
        client, call_id = self._line.client, self._request.headers["Call-ID"]
        if call_id not in client.tagLibrary:
            client.tagLibrary[call_id] = client.gen_tag()
        head = client.gen_answer(self._request, "1", {}, RTP.TransmitType.SENDRECV).partition(
            "\r\n\r\n"
        )[0]
        lines = [line for line in head.split("\r\n") if not line.startswith("Content-Length")]
        message = "\r\n".join([*lines, f"Content-Length: {len(sdp.encode())}", "", sdp])
        self._answered, self._acknowledged = True, False
        self._respond(message)
        self._again(message, _T1_S, 0.0)

    def reject(self, code: int, reason: str) -> None:
        self._respond(self._line.status(self._request, code, reason))
        if not self._answered:
            self._forget()

    def hang_up(self) -> None:
        """BYE, or 480 before an answer."""
        if self._ended:
            return
        if self._answered:
            self._line.send_to_pbx(self._bye())
        else:
            self._respond(self._line.status(self._request, 480, "Temporarily Unavailable"))
        self._forget()

    # -- requests of the PBX -----------------------------------------------------------------

    def take(self, message: Any) -> None:
        """A request in this dialog."""
        line, method = self._line, message.method
        if method == "ACK":
            self._acknowledged = True
        elif method == "INVITE":
            self._invited_again(message)
        elif method == "CANCEL":
            line.send(line.client.gen_ok(message), message)
            self._cancelled()
        elif method == "BYE":
            line.send(line.client.gen_ok(message), message)
            self._end(0, "")
        else:
            line.send(line.client.gen_ok(message), message)
            digit = INFO_SIGNAL.search(_body(message) or "") if method == "INFO" else None
            if digit:
                self.owner.on_digit(self, digit[1])

    def _invited_again(self, message: Any) -> None:
        """The same INVITE once more gets the same answer; another one is a re-INVITE."""
        if message.headers["CSeq"]["check"] == self._request.headers["CSeq"]["check"]:
            if self._last:
                self._line.send(self._last, message)
            return
        self._request = message
        self.owner.on_updated(self, _body(message))

    def _cancelled(self) -> None:
        if not self._answered:
            self._respond(self._line.status(self._request, 487, "Request Terminated"))
            self._end(487, "Request Terminated")

    def _end(self, code: int, reason: str) -> None:
        if not self._ended:
            owner = self.owner
            self._forget()
            owner.on_ended(self, code, reason)

    def _forget(self) -> None:
        """Nothing comes any more: whoever took the events may go."""
        self._ended, self.owner = True, Unowned()
        call_id = self._request.headers["Call-ID"]
        self._line.dialogs.pop(call_id, None)
        self._line.client.tagLibrary.pop(call_id, None)

    def _respond(self, message: str) -> None:
        self._last = message
        self._line.send(message, self._request)

    def _again(self, message: str, wait_s: float, waited_s: float) -> None:
        def check() -> None:
            if self._acknowledged or self._ended or message != self._last:
                return
            if waited_s + wait_s >= _GIVE_UP_S:
                owner = self.owner
                self.hang_up()
                owner.on_ended(self, 408, "Request Timeout")
                return
            self._line.send(message, self._request)
            self._again(message, min(2 * wait_s, _T2_S), waited_s + wait_s)

        self._line.later(wait_s, check)

    def _bye(self) -> str:
        """pyVoIP's BYE with a Via of ours: it repeats the caller's."""
        client = self._line.client
        head, _, rest = client.gen_bye(self._request).partition("\r\n")
        target = str(self._request.headers["Contact"]).partition("<")[2].partition(">")[0]
        head = f"BYE {target} SIP/2.0" if target else head
        ours = [line for line in rest.split("\r\n") if not line.startswith("Via:")]
        branch = f"z9hG4bK{client.gen_tag()}{client.gen_tag()}"
        via = f"Via: SIP/2.0/UDP {client.myIP}:{client.myPort};branch={branch};rport"
        return "\r\n".join([head, via, *ours])


def _body(message: Any) -> str | None:
    """The body as it came."""
    body = message.raw.partition(b"\r\n\r\n")[2]
    return body.decode("utf-8", "replace") or None
