"""The small office: one extension of a PBX (Kamailio), registered with pyVoIP; robot and voicemail behind it."""

import copy
import time
from collections.abc import Iterator

import pytest

from app.domain.refusal import Invalid
from app.telephony.sip_account import parse_account
from tests.support.hotline import Hotline
from tests.support.kamailio import pbx
from tests.support.robot_callers import USUAL, Caller
from tests.support.robot_calls import play_apart
from tests.support.servers import wait_for
from tests.support.sip import SipPeer, header, sdp, status

EXTENSION, SECRET = "8001", "s3cret:with@signs"


@pytest.fixture(scope="module")
def switchboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from pbx(tmp_path_factory.mktemp("pbx"), EXTENSION, SECRET)


@pytest.fixture(scope="module")
def office(switchboard: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    made = Hotline(tmp_path_factory.mktemp("office"), HOLDLINE_EXTENSION=f"{EXTENSION}:{SECRET}@{switchboard}", HOLDLINE_ROBOT="true")
    made.start()
    wait_for(lambda: "is registered at" in made.log(), 20, made.log()[-3000:])
    yield made
    made.stop()
    assert "Traceback" not in made.log(), made.log()[-4000:]
    assert SECRET not in made.log()


def _through(office: Hotline, pbx_at: str) -> Hotline:
    """The same hotline, rung at the PBX."""
    away = copy.copy(office)
    away.brain = away.bridge = None
    away.sip = pbx_at
    return away


def test_the_robot_takes_a_fault_behind_a_pbx(office: Hotline, switchboard: str) -> None:
    said = {**USUAL, "open": ("我家电视没信号",)}
    caller = Caller("fault", "clean", "13800000191", ("m5", 170), said, "fault")
    play_apart(_through(office, switchboard), [caller])
    call = office.wait_call(caller.number, lambda c: c["phase"] == "ended" and c["recording_seconds"])
    assert call["robot"]["outcome"] == "fault", call["robot"]
    assert [t["kind"] for t in call["tickets"]] == ["fault"]


def test_keys_and_a_message_and_our_good_bye(office: Hotline, switchboard: str) -> None:
    """Telephone events arrive; the message is taken; who stays on the line hears the end of it."""
    caller = Caller("message", "keys", "13800000192", ("f4", 180), {"open": ("9",)}, "message", linger_s=14.0)
    play_apart(_through(office, switchboard), [caller])
    call = office.wait_call(caller.number, lambda c: c["phase"] == "ended")
    assert call["outcome"] == "voicemail" and call["robot"]["outcome"] == "message", call


def test_calls_side_by_side(office: Hotline, switchboard: str) -> None:
    said = {**USUAL, "open": ("营业厅在哪里",)}
    callers = [Caller(f"many-{n}", "clean", f"1380000020{n}", ("m5", 170), said, "answered") for n in range(6)]
    play_apart(_through(office, switchboard), callers, 6)
    for caller in callers:
        call = office.wait_call(caller.number, lambda c: c["phase"] == "ended")
        assert call["robot"]["outcome"] == "answered", call["robot"]


def _invite(peer: SipPeer, at: str, number: str, call_id: str, *, body: str | None = None, cseq: int = 1, to_tag: str = "", branch: str = "a", target: str = "") -> None:
    body = sdp(peer.rtp_port) if body is None else body
    peer.send(f"INVITE {target or 'sip:96396@' + at} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK{call_id}{branch};rport\r\n"
              f"From: <sip:{number}@127.0.0.1>;tag=f{call_id}\r\nTo: <sip:96396@{at}>{to_tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} INVITE\r\n"
              f"Contact: <sip:{number}@127.0.0.1:{peer.port}>\r\nMax-Forwards: 20\r\nContent-Type: application/sdp\r\n"
              f"Content-Length: {len(body)}\r\n\r\n{body}")


def _request(peer: SipPeer, method: str, answer: str, number: str, call_id: str, cseq: int, target: str) -> None:
    peer.send(f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK{call_id}{method}{cseq};rport\r\n"
              f"From: <sip:{number}@127.0.0.1>;tag=f{call_id}\r\nTo: {header(answer, 'to')}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
              f"Max-Forwards: 20\r\nContent-Length: 0\r\n\r\n")


def test_an_answer_is_repeated_until_its_ack_and_a_bye_ends(office: Hotline, switchboard: str) -> None:
    """What pyVoIP does not do by itself (prototypes: no retransmission of 200)."""
    peer, number, call_id = SipPeer(switchboard), "13800000193", f"late-ack-{time.time()}"
    try:
        _invite(peer, switchboard, number, call_id)
        peer.wait(lambda m: status(m) == 200, 20)
        wait_for(lambda: sum(status(m) == 200 and "INVITE" in header(m, "cseq") for m in peer.seen) >= 2, 10, "a second 200")
        answer = next(m for m in peer.seen if status(m) == 200)
        target = header(answer, "contact").strip("<>")
        _request(peer, "ACK", answer, number, call_id, 1, target)
        time.sleep(1.5)
        before = sum(status(m) == 200 for m in peer.seen)
        time.sleep(4.5)
        assert sum(status(m) == 200 for m in peer.seen) == before, "no more of them after the ACK"
        _request(peer, "BYE", answer, number, call_id, 2, target)
        peer.wait(lambda m: status(m) == 200 and "BYE" in header(m, "cseq"), 10)
        office.wait_call(number, lambda c: c["phase"] == "ended")
    finally:
        peer.close()


def test_a_cancelled_call_is_not_answered(office: Hotline, switchboard: str) -> None:
    peer, number, call_id = SipPeer(switchboard), "13800000194", f"cancel-{time.time()}"
    office.kill_brain()  # nobody answers meanwhile: the bridge waits half a second before it takes a message
    try:
        _invite(peer, switchboard, number, call_id)
        peer.wait(lambda m: status(m) == 100, 5)
        peer.send(f"CANCEL sip:96396@{switchboard} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK{call_id}a;rport\r\n"
                  f"From: <sip:{number}@127.0.0.1>;tag=f{call_id}\r\nTo: <sip:96396@{switchboard}>\r\nCall-ID: {call_id}\r\n"
                  f"CSeq: 1 CANCEL\r\nMax-Forwards: 20\r\nContent-Length: 0\r\n\r\n")
        peer.wait(lambda m: status(m) == 487, 10)
        time.sleep(2)
        assert not any(status(m) == 200 and "INVITE" in header(m, "cseq") for m in peer.seen)
    finally:
        peer.close()
        office.start_brain()
        office.wait_ready()


@pytest.mark.parametrize(("body", "code"), [("v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", 488), (sdp(9, "18", address="127.0.0.1"), 488)])
def test_an_offer_without_a_law_of_ours_is_refused(office: Hotline, switchboard: str, body: str, code: int) -> None:
    peer, call_id = SipPeer(switchboard), f"bad-{time.time()}"
    try:
        _invite(peer, switchboard, "13800000195", call_id, body=body)
        peer.wait(lambda m: status(m) == code, 10)
    finally:
        peer.close()


def test_hold_and_resume(office: Hotline, switchboard: str) -> None:
    """A re-INVITE is answered once, in the same dialog, and the call goes on."""
    peer, number, call_id = SipPeer(switchboard), "13800000196", f"hold-{time.time()}"
    try:
        _invite(peer, switchboard, number, call_id)
        peer.wait(lambda m: status(m) == 200, 20)
        answer = next(m for m in peer.seen if status(m) == 200)
        target, tag = header(answer, "contact").strip("<>"), header(answer, "to").partition(">")[2]
        _request(peer, "ACK", answer, number, call_id, 1, target)
        body = sdp(peer.rtp_port, extra="a=sendonly\r\n")
        _invite(peer, switchboard, number, call_id, body=body, cseq=2, to_tag=tag, branch="b", target=target)
        held = peer.wait(lambda m: status(m) == 200 and header(m, "cseq").startswith("2 "), 10)
        assert "a=recvonly" in held or "a=inactive" in held, held
        _request(peer, "ACK", answer, number, call_id, 2, target)
        _request(peer, "BYE", answer, number, call_id, 3, target)
        peer.wait(lambda m: status(m) == 200 and "BYE" in header(m, "cseq"), 10)
    finally:
        peer.close()


@pytest.mark.parametrize("text", ["8001@pbx:5060", "8001:pw@", "pw", "8001:pw@host:99999", ":pw@host"])
def test_an_account_that_is_none(text: str) -> None:
    with pytest.raises(Invalid):
        parse_account(text)


def test_a_wrong_password_is_told(switchboard: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = Hotline(tmp_path_factory.mktemp("wrong"), HOLDLINE_EXTENSION=f"{EXTENSION}:nonsense@{switchboard}")
    try:
        made.start_bridge()
        wait_for(lambda: "check HOLDLINE_EXTENSION" in made.log(), 30, "a word about the password")
        assert "nonsense" not in made.log()
    finally:
        made.stop()
