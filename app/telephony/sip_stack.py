"""SIP over UDP (RFC 3261) with the sippy package: its loop, its log, its dialogs.

sippy has one event loop per process and it wants the main thread. Everything here runs there,
other threads cross with SipStack.call.
"""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sippy.SipRequest
import sippy.SipTransactionManager
import sippy.Udp_server
from sippy.Core.EventDispatcher import ED2
from sippy.SipConf import SipConf
from sippy.Time.Timeout import Timeout

log = logging.getLogger(__name__)

#: Room for a burst of some hundred messages while the parser is busy.
RECEIVE_BUFFER_BYTES = 1 << 20
#: How often timers are looked at; messages and calls from threads do not wait for it. sippy's own
#: hundred times a second cost more than the signalling of ten calls.
TIMER_HZ = 25.0
ANY_ADDRESS = "0.0.0.0"  # noqa: S104


class _QuietLogger:
    """sippy's message log, silenced: messages carry numbers of callers."""

    def write(self, *_: object, **__: object) -> None: ...

    reopen = shutdown = write


class _PeerFaults:
    """Counts what malformed peers cause and logs it once a second at most, without content."""

    def __init__(self) -> None:
        self.count = 0
        self._logged_at = 0.0

    def note(self, *_: object, **__: object) -> None:
        self.count += 1
        error = sys.exc_info()[1]
        if error is not None and _is_ours(error):
            log.error("a SIP event failed", exc_info=error)
            return
        now = time.monotonic()
        if now - self._logged_at < 1.0:
            return
        self._logged_at = now
        log.warning(
            "SIP peer fault %d: %s", self.count, type(error).__name__ if error else "message"
        )


def _is_ours(error: BaseException) -> bool:
    """Whether the innermost frame is the project's own: then it is a bug, not a peer's fault."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and f"{os.sep}app{os.sep}" in trace.tb_frame.f_code.co_filename


faults = _PeerFaults()


def _silence_sippy() -> None:
    """Point sippy's prints and tracebacks at the fault counter, in every module loaded."""
    for name, module in list(sys.modules.items()):
        if name == "sippy" or name.startswith("sippy."):
            vars(module)["print"] = faults.note
            if hasattr(module, "dump_exception"):
                vars(module)["dump_exception"] = faults.note


class _KnownHosts:
    """Stands for the socket module in sippy: only names that the operator gave are looked up.

    sippy resolves whatever host a peer writes into Via or Contact, on the one thread that sends
    everything: a made-up name would hold up all calls for the time of a DNS time-out.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(socket, name)

    def getaddrinfo(self, host: str, port: Any, family: int = 0) -> Any:
        flags = 0 if host in self.names else socket.AI_NUMERICHOST
        return socket.getaddrinfo(host, port, family, flags=flags)


known_hosts = _KnownHosts()


@dataclass(frozen=True, slots=True)
class SipEndpoint:
    """Where this process speaks SIP. ``public`` is what peers are told, an IPv4 literal."""

    host: str
    port: int
    public: str


class EventLoop:
    """sippy's loop on the main thread, which is the SIP thread."""

    def run(self, on_stop: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``on_stop`` runs first and has half a second."""

        def stop() -> None:
            on_stop()
            Timeout(ED2.breakLoop, 0.5)

        for number in (signal.SIGTERM, signal.SIGINT):
            ED2.regSignal(number, stop)
        ED2.loop(freq=TIMER_HZ)

    @staticmethod
    def call(function: Callable[..., None], *args: object) -> None:
        """Run a function on the SIP thread, from any thread."""
        ED2.callFromThread(function, *args)

    @staticmethod
    def later(seconds: float, function: Callable[[], None]) -> None:
        """Run a function on the SIP thread after a time; call it from the SIP thread only."""
        Timeout(function, seconds)

    @staticmethod
    def stop() -> None:
        ED2.breakLoop()


class SipStack(EventLoop):
    """One UDP listener. ``on_invite(request, transaction)`` answers new INVITEs.

    OPTIONS is answered 200, an unknown dialog 481, any other method 501.
    """

    def __init__(self, endpoint: SipEndpoint, on_invite: Callable[[Any, Any], Any]) -> None:
        # sippy's default of several sender threads reorders 100 and 200 on the wire.
        sippy.Udp_server.Udp_server_opts.nworkers = 1
        SipConf.my_uaname = "Holdline"
        vars(sippy.Udp_server)["socket"] = known_hosts
        vars(sippy.SipTransactionManager)["socket"] = known_hosts
        self.endpoint = endpoint
        self._on_invite = on_invite
        host: Any = endpoint.host if endpoint.host != ANY_ADDRESS else SipConf.my_address
        self.config: dict[str, Any] = {
            "_sip_address": host,
            "_sip_port": endpoint.port,
            "_sip_logger": _QuietLogger(),
        }
        manager = sippy.SipTransactionManager.SipTransactionManager
        made = self.config["_sip_tm"] = manager(self.config, self._on_request)
        for server in made.l4r.cache_l2s.values():
            server.skt.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        _silence_sippy()

    def _on_request(self, request: Any, transaction: Any) -> Any:
        method = request.getMethod()
        if method == "OPTIONS":
            return request.genResponse(200, "OK"), None, None
        if request.getHFBody("to").getTag() is not None:
            return request.genResponse(481, "Call/Transaction Does Not Exist"), None, None
        if method == "INVITE" and request.countHFs("contact") == 0:
            return request.genResponse(400, "Missing Contact"), None, None
        if method == "INVITE":
            return self._on_invite(request, transaction)
        return request.genResponse(501, "Not Implemented"), None, None
