"""A dialog over sippy's real transactions, its peer a socket of ours."""

import gc
import socket
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from sippy.Core.EventDispatcher import ED2
from sippy.UA import UA

from app.telephony.sip_dialog import Invitation, SipDialog, Unowned
from app.telephony.sip_stack import SipEndpoint, SipStack

HOST = "127.0.0.1"
# sippy tries for IPv6 with a socket that it does not close
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


class Owner(Unowned):
    """Knows its dialog, as the leg of a call does."""

    def __init__(self, dialog: SipDialog) -> None:
        self.dialog = dialog


class Peer:
    """Sends requests as a caller's phone does, and reads what is answered."""

    def __init__(self, stack: SipStack) -> None:
        self._to = (stack.endpoint.host, stack.endpoint.port)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        self.sock.setblocking(False)

    def send(self, method: str, number: int, to_tag: str = "") -> str:
        """One request; answers with what came back within a moment."""
        host, port = self.sock.getsockname()
        tag = f";tag={to_tag}" if to_tag else ""
        text = (
            f"{method} sip:hotline@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{method}{number}\r\n"
            f"From: <sip:138@{host}>;tag=peer\r\nTo: <sip:hotline@{HOST}>{tag}\r\nCall-ID: one@{host}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:138@{host}:{port}>\r\nContent-Length: 0\r\n\r\n"
        )
        self.sock.sendto(text.encode(), self._to)
        run(0.3)
        return self.sock.recv(4096).decode()


def run(seconds: float) -> None:
    """sippy's loop, for a while."""
    ED2.loop(timeout=seconds, freq=50.0)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["weakref.ref[Any]"]]:
    """Owners that were made; dialogs are dead a moment after their end instead of 32 s."""
    monkeypatch.setattr(UA, "godead_timeout", 0.1)
    gc.disable()
    yield []
    gc.enable()


def _listening(made: list["weakref.ref[Any]"], answer: str) -> tuple[SipStack, Peer]:
    """A stack that takes every INVITE with a verb of its dialog."""

    def invited(dialog: SipDialog, _: Invitation) -> None:
        dialog.owner = Owner(dialog)
        made.append(weakref.ref(dialog.owner))
        dialog.reject(486, "Busy Here") if answer == "486" else dialog.answer("v=0")

    def on_invite(request: Any, transaction: Any) -> Any:
        return SipDialog(stack).accept(request, transaction, invited)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    stack = SipStack(SipEndpoint(HOST, port, HOST), on_invite)
    return stack, Peer(stack)


@pytest.mark.parametrize("answer", ["486", "200"])
def test_whoever_took_the_events_may_go_once_nothing_can_come_any_more(
    made: list["weakref.ref[Any]"], answer: str
) -> None:
    stack, peer = _listening(made, answer)
    try:
        came = peer.send("INVITE", 1)
        while answer not in came.partition("\r\n")[0]:
            came = peer.sock.recv(4096).decode()
        if answer == "200":
            tag = came.partition("\r\nTo:")[2].partition(";tag=")[2].partition("\r\n")[0]
            assert " 200 " in peer.send("BYE", 2, tag).partition("\r\n")[0]
        run(0.5)
        assert made and made[0]() is None
    finally:
        stack.config["_sip_tm"].shutdown()
        peer.sock.close()
