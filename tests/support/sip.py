"""A bare SIP peer on a UDP socket: sends what a test wants to send, answers as a phone would."""

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable

import numpy as np

from app.media import g711

#: Payloads of which a level is told: one second.
HEARD = 50

_HEADER = re.compile(r"(?im)^(via|from|to|call-id|cseq|contact|record-route)\s*:\s*([^\r\n]*)")


def header(message: str, name: str) -> str:
    """The first header of a name."""
    return next((v for k, v in _HEADER.findall(message) if k.lower() == name), "")


def status(message: str) -> int:
    return int(message.split()[1]) if message.startswith("SIP/2.0") else 0


def sdp(port: int, formats: str = "0 8 101", extra: str = "", address: str = "127.0.0.1") -> str:
    return (f"v=0\r\no=t 1 {random.randrange(10**6)} IN IP4 {address}\r\ns=-\r\n"
            f"c=IN IP4 {address}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\n{extra}")


class SipPeer:
    """Requests go to ``target``; every message that arrives is kept in ``seen``.

    ``on_request`` answers requests (a phone); here they only land in ``seen``.
    """

    made: "list[SipPeer]" = []

    def __init__(self, target: str = "") -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp_port = self.rtp.getsockname()[1]
        self.rtp_packets = 0
        #: Payloads of the last packets, PCMU; replaced whole, as another thread reads them.
        self.heard: tuple[bytes, ...] = ()
        host, _, port = target.partition(":")
        self.target = (host, int(port)) if target else None
        self.seen: list[str] = []
        self._changed = threading.Condition()
        self._closed = False
        SipPeer.made.append(self)
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._count_rtp, daemon=True).start()

    def close(self) -> None:
        self._closed = True
        self.sock.close()
        self.rtp.close()

    def _receive(self) -> None:
        while not self._closed:
            try:
                data, source = self.sock.recvfrom(9000)
            except OSError:
                return
            text = data.decode(errors="replace")
            if self.target is None:
                self.target = source
            if not text.startswith("SIP/2.0"):
                self.on_request(text)
            with self._changed:
                self.seen.append(text)
                self._changed.notify_all()

    def on_request(self, request: str) -> None:
        """Overridden by phones."""

    def _count_rtp(self) -> None:
        while not self._closed:
            try:
                datagram = self.rtp.recv(2000)
            except OSError:
                return
            self.rtp_packets += 1
            self.heard = (*self.heard, datagram[12:])[-HEARD:]

    def send(self, text: str | bytes) -> None:
        assert self.target is not None
        self.sock.sendto(text if isinstance(text, bytes) else text.encode(), self.target)

    def wait(self, wanted: Callable[[str], bool], seconds: float = 5, what: str = "") -> str:
        """The first message that fits, also one that came before."""
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                found = next((m for m in self.seen if wanted(m)), None)
                if found is not None:
                    return found
                left = until - time.monotonic()
                if left <= 0:
                    first = [m.split("\r\n")[0] for m in self.seen]
                    raise AssertionError(f"no message {what}; seen: {first}")
                self._changed.wait(left)

    def wait_status(self, code: int, cseq: str = "INVITE", seconds: float = 5) -> str:
        return self.wait(lambda m: status(m) == code and header(m, "cseq").endswith(cseq), seconds,
                         f"{code} to {cseq}")

    def wait_request(self, method: str, seconds: float = 5) -> str:
        return self.wait(lambda m: m.startswith(method + " "), seconds, method)

    def statuses(self, cseq: str = "INVITE") -> list[int]:
        return [status(m) for m in self.seen if status(m) and header(m, "cseq").endswith(cseq)]

    # -- answers -----------------------------------------------------------------------------

    def respond(self, request: str, code: int, reason: str = "X", body: str = "") -> None:
        to = header(request, "to")
        if "tag=" not in to and code > 100:
            to += ";tag=peer"
        vias = "".join(f"Via: {v}\r\n" for k, v in _HEADER.findall(request) if k.lower() == "via")
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.send(f"SIP/2.0 {code} {reason}\r\n{vias}From: {header(request, 'from')}\r\nTo: {to}\r\n"
                  f"Call-ID: {header(request, 'call-id')}\r\nCSeq: {header(request, 'cseq')}\r\n"
                  f"Contact: <sip:peer@127.0.0.1:{self.port}>\r\n{kind}"
                  f"Content-Length: {len(body)}\r\n\r\n{body}")

    def level_db(self, hz: int) -> float:
        """How loud a tone is in what was heard last, against the one that send_tone sends."""
        sound = np.frombuffer(b"".join(g711.decode(0, p) for p in self.heard), "<i2").astype(float)
        wave = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / 8000)
        return float(20 * np.log10(max(abs(sound @ wave) * 2 / max(len(sound), 1) / 8000, 1e-9)))

    def send_tone(self, seconds: float, hz: int) -> None:
        """A tone of whole periods in 20 ms, so that every packet is the same."""
        assert hz % 50 == 0
        tone = 8000 * np.sin(2 * np.pi * hz * np.arange(160) / 8000)
        self.send_rtp(seconds, g711.encode(0, tone.astype("<i2").tobytes()))

    def send_rtp(self, seconds: float, payload: bytes = b"\x55" * 160) -> None:
        """Audio to the other side's RTP port, from its last SDP, at 50 packets a second."""
        sdps = [m for m in self.seen if "m=audio" in m]
        port = int(re.findall(r"m=audio (\d+)", sdps[-1])[-1])
        begin = time.monotonic()
        for n in range(int(seconds * 50)):
            packet = struct.pack("!BBHII", 0x80, 0, n & 0xFFFF, n * 160, 77) + payload
            self.rtp.sendto(packet, ("127.0.0.1", port))
            time.sleep(max(0.0, begin + (n + 1) * 0.02 - time.monotonic()))


class Caller(SipPeer):
    """One outgoing call: verbs of a caller."""

    def __init__(self, target: str, number: str, user: str = "hotline") -> None:
        super().__init__(target)
        self.number, self.user = number, user
        self.call_id = f"{random.randrange(10**12)}@test"
        self.branch = f"z9hG4bK{random.randrange(10**12)}"
        self._cseq = 1

    def on_request(self, request: str) -> None:
        if request.startswith("BYE"):
            self.respond(request, 200, "OK")

    def request(self, method: str, body: str = "", cseq: int | None = None, to_tag: str = "",
                branch: str = "") -> str:
        number = cseq if cseq is not None else self._cseq
        kind = "Content-Type: application/sdp\r\n" if body else ""
        uri = f"sip:{self.user}@{self.target[0]}:{self.target[1]}"  # type: ignore[index]
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};"
                f"branch={branch or self.branch + method}\r\nFrom: <sip:{self.number}@127.0.0.1>;tag=c\r\n"
                f"To: <{uri}>{to_tag}\r\nCall-ID: {self.call_id}\r\nCSeq: {number} {method}\r\n"
                f"Contact: <sip:{self.number}@127.0.0.1:{self.port}>\r\nMax-Forwards: 70\r\n{kind}"
                f"Content-Length: {len(body)}\r\n\r\n{body}")

    def invite(self, formats: str = "0 8 101") -> None:
        self.send(self.request("INVITE", sdp(self.rtp_port, formats), branch=self.branch))

    def invite_again(self, seconds: float) -> str:
        """Retransmit the INVITE as UDP callers do (RFC 3261 section 17.1.1.2) until 200 comes."""
        again = self.request("INVITE", sdp(self.rtp_port), branch=self.branch)
        until = time.monotonic() + seconds
        while not self.statuses() and time.monotonic() < until:
            self.send(again)
            time.sleep(0.5)
        return self.wait_status(200)

    def to_tag(self) -> str:
        ok = self.wait_status(200)
        return ";" + header(ok, "to").partition(";")[2]

    def ack(self) -> None:
        self.send(self.request("ACK", to_tag=self.to_tag()))

    def cancel(self) -> None:
        self.send(self.request("CANCEL", branch=self.branch))

    def reinvite(self, extra: str) -> None:
        self._cseq += 1
        body = sdp(self.rtp_port, extra=extra)
        branch = f"{self.branch}re{self._cseq}"
        self.send(self.request("INVITE", body, to_tag=self.to_tag(), branch=branch))

    def bye(self) -> None:
        self._cseq += 1
        self.send(self.request("BYE", to_tag=self.to_tag()))


class AgentPhone(SipPeer):
    """An agent's phone: ``mode`` answer, busy, silent, ring (never answers) or late."""

    def __init__(self, mode: str = "answer") -> None:
        super().__init__()
        self.mode = mode
        self.invite = ""
        self._cseq = 100

    def _next_cseq(self) -> int:
        self._cseq += 1
        return self._cseq

    def uri(self, user: str) -> str:
        return f"sip:{user}@127.0.0.1:{self.port}"

    def on_request(self, request: str) -> None:
        method = request.split(" ", 1)[0]
        if method == "INVITE":
            self.invite = request
            self._invited(request)
        elif method == "CANCEL":
            self.respond(request, 200, "OK")
            self.respond(self.invite, 487, "Request Terminated")
        elif method == "BYE":
            self.respond(request, 200, "OK")

    def _invited(self, request: str) -> None:
        if self.mode == "silent":
            return
        if self.mode == "busy":
            self.respond(request, 486, "Busy Here")
            return
        self.respond(request, 180, "Ringing")
        if self.mode == "answer":
            self.respond(request, 200, "OK", sdp(self.rtp_port, "0 101"))

    def reinvite(self, extra: str) -> None:
        """A re-INVITE inside the dialog, as the called side."""
        tag = ";tag=peer"
        to = header(self.invite, "from")
        contact = re.search(r"<([^>]+)>", header(self.invite, "contact"))
        uri = contact[1] if contact else ""
        body = sdp(self.rtp_port, "0 101", extra)
        self.send(f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK"
                  f"{random.randrange(10**9)}\r\nFrom: {header(self.invite, 'to')}{tag}\r\nTo: {to}\r\n"
                  f"Call-ID: {header(self.invite, 'call-id')}\r\nCSeq: {self._next_cseq()} INVITE\r\n"
                  f"Contact: <sip:peer@127.0.0.1:{self.port}>\r\nMax-Forwards: 70\r\n"
                  f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}")

    def bye(self) -> None:
        to = header(self.invite, "from")
        contact = re.search(r"<([^>]+)>", header(self.invite, "contact"))
        uri = contact[1] if contact else ""
        self.send(f"BYE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK"
                  f"{random.randrange(10**9)}\r\nFrom: {header(self.invite, 'to')};tag=peer\r\nTo: {to}\r\n"
                  f"Call-ID: {header(self.invite, 'call-id')}\r\nCSeq: 99999 BYE\r\nMax-Forwards: 70\r\n"
                  f"Content-Length: 0\r\n\r\n")
