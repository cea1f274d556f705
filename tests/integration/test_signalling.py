"""SIP as peers send it: answers by the book, hang-ups in every state, nonsense of every kind."""

import os
import random
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hotline import Hotline
from tests.support.servers import wait_for
from tests.support.sip import AgentPhone, Caller, SipPeer, header, sdp


@pytest.fixture
def agent(hotline: Hotline) -> Iterator[str]:
    yield "1006"
    hotline.finish("1006")


def _ready(hotline: Hotline, name: str, phone: AgentPhone) -> None:
    with hotline.log_in(name) as client:
        assert client.post("/desk/line", data={"line": phone.uri(name)}).status_code == 204
        assert client.post("/desk/presence", data={"event": "go_ready"}).status_code == 204


def _number() -> str:
    return f"1390{random.randrange(10**7):07d}"


def test_options_is_answered(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number())
    peer.send(peer.request("OPTIONS"))
    peer.wait_status(200, "OPTIONS")


@pytest.mark.parametrize(("user", "formats", "code"), [
    ("nobody", "0", 404), ("hotline", "18", 488), ("hotline", "9 97", 488)])
def test_what_cannot_be_taken_is_refused_with_the_right_code(
    hotline: Hotline, user: str, formats: str, code: int
) -> None:
    peer = Caller(hotline.sip, _number(), user)
    peer.invite(formats)
    peer.wait_status(code)
    assert hotline.calls(peer.number) == []


def test_bye_and_requests_outside_a_dialog(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number())
    peer.send(peer.request("BYE", to_tag=";tag=unknown"))
    peer.wait_status(481, "BYE")
    peer.send(peer.request("PUBLISH"))
    peer.wait_status(501, "PUBLISH")


def test_the_called_number_reaches_the_hotline_and_pcma_is_spoken(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number(), "96396")
    peer.invite("8 101")
    ok = peer.wait_status(200)
    assert "RTP/AVP 8 101" in ok
    peer.ack()
    wait_for(lambda: peer.rtp_packets > 40, 5, "audio")
    peer.bye()
    peer.wait_status(200, "BYE")


def test_a_caller_who_hangs_up_in_the_greeting(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number())
    peer.invite()
    peer.ack()
    peer.bye()
    peer.wait_status(200, "BYE")
    call = hotline.wait_call(peer.number, lambda c: c["phase"] == "ended")
    assert call["outcome"] == "abandoned"


def test_a_caller_who_cancels(hotline: Hotline) -> None:
    """The hotline answers at once, so CANCEL and 200 cross: both ends agree that it is over."""
    peer = Caller(hotline.sip, _number())
    peer.invite()
    peer.cancel()
    peer.wait_status(200, "CANCEL")
    wait_for(lambda: any(s in (200, 487) for s in peer.statuses()), 5, "final response")
    if 487 not in peer.statuses():
        peer.ack()
        peer.bye()
    hotline.wait_call(peer.number, lambda c: c["phase"] == "ended")


def test_a_caller_who_hangs_up_while_the_agent_rings(hotline: Hotline, agent: str) -> None:
    phone = AgentPhone("ring")
    _ready(hotline, agent, phone)
    peer = Caller(hotline.sip, _number())
    peer.invite()
    peer.ack()
    phone.wait_request("INVITE", 8)
    peer.bye()
    phone.wait_request("CANCEL")
    hotline.wait_call(peer.number, lambda c: c["outcome"] == "abandoned")
    wait_for(lambda: hotline.agent(agent)["state"] == "ready", 5, "the agent to be free")


@pytest.mark.parametrize("mode", ["busy", "silent", "ring"])
def test_an_agents_phone_that_does_not_answer_leads_to_voicemail(
    hotline: Hotline, agent: str, mode: str
) -> None:
    phone = AgentPhone(mode)
    _ready(hotline, agent, phone)
    peer = Caller(hotline.sip, _number())
    peer.invite()
    peer.ack()
    call = hotline.wait_call(peer.number, lambda c: c["phase"].startswith("voicemail"), 20)
    assert hotline.agent(agent)["state"] == "break"
    if mode == "ring":
        phone.wait_request("CANCEL", 8)
    peer.bye()
    assert "AgentFailed" in [e["kind"] for e in call["events"]]


def _talking(hotline: Hotline, agent: str) -> tuple[Caller, AgentPhone]:
    phone = AgentPhone()
    _ready(hotline, agent, phone)
    peer = Caller(hotline.sip, _number())
    peer.invite()
    peer.ack()
    hotline.wait_call(peer.number, lambda c: c["phase"] == "talking", 20)
    return peer, phone


@pytest.mark.parametrize("state", ["queued", "held", "voicemail_greeting", "voicemail", "voicemail_done"])
def test_a_caller_who_hangs_up_in_each_state(hotline: Hotline, agent: str, state: str) -> None:
    if state == "held":
        peer, _ = _talking(hotline, agent)
        call_id = hotline.calls(peer.number)[0]["id"]
        with hotline.log_in(agent) as client:
            client.post(f"/desk/call/{call_id}/hold")
    else:
        if state == "queued":  # somebody is logged in, and busy
            busy, _ = _talking(hotline, agent)
        peer = Caller(hotline.sip, _number())
        peer.invite()
        peer.ack()
        if state == "voicemail_done":
            hotline.wait_call(peer.number, lambda c: c["phase"] == "voicemail", 25)
    hotline.wait_call(peer.number, lambda c: c["phase"] == state, 25)
    peer.bye()
    peer.wait_status(200, "BYE")
    call = hotline.wait_call(peer.number, lambda c: c["phase"] in ("ended", "wrap_up"), 10)
    outcomes = {"queued": "abandoned", "voicemail_greeting": "abandoned", "held": "caller_hung_up"}
    assert call["outcome"] == outcomes.get(state, "voicemail")
    if state == "queued":
        busy.bye()


def test_bye_from_the_agents_phone(hotline: Hotline, agent: str) -> None:
    peer, phone = _talking(hotline, agent)
    phone.bye()
    peer.wait_request("BYE")
    call = hotline.wait_call(peer.number, lambda c: c["phase"] == "wrap_up")
    assert call["outcome"] == "agent_hung_up"


def test_bye_from_the_caller(hotline: Hotline, agent: str) -> None:
    peer, phone = _talking(hotline, agent)
    peer.bye()
    phone.wait_request("BYE")
    call = hotline.wait_call(peer.number, lambda c: c["phase"] == "wrap_up")
    assert call["outcome"] == "caller_hung_up"


def test_hold_and_resume_by_the_agents_phone(hotline: Hotline, agent: str) -> None:
    peer, phone = _talking(hotline, agent)
    phone.reinvite("a=sendonly\r\n")
    answer = phone.wait(lambda m: m.startswith("SIP/2.0 200") and "a=recvonly" in m, 5, "recvonly")
    assert header(answer, "cseq").endswith("INVITE")
    hotline.wait_call(peer.number, lambda c: c["phase"] == "held")
    before = peer.rtp_packets
    wait_for(lambda: peer.rtp_packets - before > 60, 4, "hold music to the caller")
    phone.reinvite("a=sendrecv\r\n")
    hotline.wait_call(peer.number, lambda c: c["phase"] == "talking")
    phone.send_rtp(0.5)
    before = peer.rtp_packets
    phone.send_rtp(1)
    assert peer.rtp_packets - before > 40
    peer.bye()
    hotline.wait_call(peer.number, lambda c: c["phase"] == "wrap_up")


def test_hold_by_the_screen_and_hold_by_the_caller(hotline: Hotline, agent: str) -> None:
    peer, _ = _talking(hotline, agent)
    call_id = hotline.calls(peer.number)[0]["id"]
    with hotline.log_in(agent) as client:
        assert client.post(f"/desk/call/{call_id}/hold").status_code == 204
        hotline.wait_call(peer.number, lambda c: c["phase"] == "held")
        assert client.post(f"/desk/call/{call_id}/hold").status_code == 409
        assert client.post(f"/desk/call/{call_id}/resume").status_code == 204
        hotline.wait_call(peer.number, lambda c: c["phase"] == "talking")
        peer.reinvite("a=sendonly\r\n")
        peer.wait(lambda m: "a=recvonly" in m and m.startswith("SIP/2.0 200"), 5, "recvonly")
        assert hotline.calls(peer.number)[0]["phase"] == "talking"
        assert client.post(f"/desk/call/{call_id}/hang-up").status_code == 204
    peer.wait_request("BYE")


def test_retransmitted_invite_makes_one_call(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number())
    invite = peer.request("INVITE", sdp(peer.rtp_port), branch=peer.branch)
    for _ in range(3):
        peer.send(invite)
    peer.ack()
    peer.bye()
    hotline.wait_call(peer.number, lambda c: c["phase"] == "ended")
    assert len(hotline.calls(peer.number)) == 1
    assert len({re.search(r"m=audio (\d+)", m)[1] for m in peer.seen if "m=audio" in m}) == 1  # type: ignore[index]


def _mutations(good: str) -> Iterator[bytes]:
    yield b""
    yield b"\0\0\0\0"
    yield b"\r\n\r\n"
    yield os.urandom(300)
    for old, new in (("Via:", "X-Via:"), ("CSeq: 1 INVITE", "CSeq: x"), ("Contact:", "X-Contact:"),
                     ("Max-Forwards: 70", "Max-Forwards: 70\r\nSubject: a\r\n b"),
                     ("Content-Length: ", "Content-Length: -"), ("SIP/2.0\r\n", "SIP/9.9\r\n"),
                     ("<sip:139", "<tel:+139"), ("IN IP4 127", "IN IP4 host.invalid 127"),
                     ("RTP/AVP", "UDP/TLS/RTP/SAVPF"), ("m=audio ", "m=audio 99999")):
        yield good.replace(old, new, 1).encode()
    yield good.encode() + b"\xff\xfe"
    rng = random.Random(7)
    for _ in range(200):
        data = bytearray(good.encode())
        for _ in range(rng.randrange(1, 25)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        yield bytes(data)


def test_made_up_host_names_hold_up_nobody(hotline: Hotline) -> None:
    """A name in Via or Contact is never looked up: DNS would block the one thread that sends."""
    for n in range(12):
        liar = Caller(hotline.sip, _number())
        text = liar.request("INVITE", sdp(liar.rtp_port), branch=liar.branch)
        liar.send(text.replace(f"127.0.0.1:{liar.port}", f"host{n}.invalid:{liar.port}"))
    honest = Caller(hotline.sip, _number())
    honest.invite_again(4)
    honest.ack()
    honest.bye()


def test_nonsense_kills_nobody(hotline: Hotline) -> None:
    peers = [SipPeer(hotline.sip) for _ in range(11)]
    template = Caller(hotline.sip, _number())
    good = template.request("INVITE", sdp(template.rtp_port), branch=template.branch)
    for n, data in enumerate(_mutations(good)):
        peers[n % len(peers)].send(data.replace(template.call_id.encode(), b"fz%d@test" % n))
    for peer in peers:
        peer.close()
    after = Caller(hotline.sip, _number())
    after.invite_again(10)
    after.ack()
    after.bye()
    after.wait_status(200, "BYE")
    assert hotline.bridge is not None and hotline.bridge.poll() is None
    assert "Traceback" not in hotline.log()


def test_rtp_nonsense_leaves_the_sender_on_time(hotline: Hotline) -> None:
    peer = Caller(hotline.sip, _number())
    peer.invite()
    ok = peer.wait_status(200)
    peer.ack()
    port = int(re.search(r"m=audio (\d+)", ok)[1])  # type: ignore[index]
    rng = random.Random(3)
    bad = [b"", b"\x80", b"\x80\x65" + os.urandom(10) + b"\x10\x8a\0\0", b"\xbf" + os.urandom(200),
           b"\x90\0" + os.urandom(11), struct.pack("!BBHII", 0x80, 0, 1, 2**31, 7) + b"\x55" * 160,
           struct.pack("!BBHII", 0x80, 0, 60000, 5, 7) + b"\x55" * 700]
    bad += [os.urandom(rng.randrange(300)) for _ in range(300)]
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for data in bad:
        peer.rtp.sendto(data, ("127.0.0.1", port))
        stranger.sendto(data, ("127.0.0.1", port))
    before = peer.rtp_packets
    wait_for(lambda: peer.rtp_packets - before >= 40, 3, "audio after nonsense")
    stranger.close()
    peer.bye()
    peer.wait_status(200, "BYE")


@pytest.mark.peer("sipp")
def test_sipp_rings_ten_times(hotline: Hotline, tmp_path: Path) -> None:
    command = [shutil.which("sipp") or "sipp", "-sn", "uac", "-s", "hotline", "-i", "127.0.0.1",
               "-m", "10", "-r", "5", "-d", "1500", "-nostdin", "-timeout", "40", hotline.sip]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
