"""A call-back from the screen: the caller is rung through the trunk, then the agent's phone; real phones at both ends."""

import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_calls import _baresip, _speech
from tests.support.hotline import Hotline
from tests.support.servers import accepts, free_port, wait_for

NUMBER, BUSY = "13800000181", "13800000182"


@pytest.fixture(scope="module")
def trunk() -> int:
    return free_port(socket.SOCK_DGRAM)


@pytest.fixture(scope="module")
def outward(trunk: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    made = Hotline(tmp_path_factory.mktemp("outward"), HOLDLINE_TRUNK=f"127.0.0.1:{trunk}")
    made.start()
    yield made
    made.stop()
    assert "Traceback" not in made.log(), made.log()[-4000:]


def _waiting(hotline: Hotline, number: str) -> dict[str, Any]:
    hotline.ring("--say", "我要报停", "--from", number, "--no-agent").communicate(timeout=90)
    hotline.wait_call(number, lambda c: c["outcome"] == "voicemail")
    return next(c for c in hotline.get("callbacks")["callbacks"] if c["caller"].endswith(number[-4:]))


@pytest.mark.peer("baresip")
def test_the_caller_is_rung_then_the_agent(outward: Hotline, trunk: int, tmp_path: Path) -> None:
    waiting = _waiting(outward, NUMBER)
    ports, agent_port = [free_port(), free_port()], free_port(socket.SOCK_DGRAM)
    _speech(tmp_path, "caller", ["我要报停太贵了"], 20, 3)
    _speech(tmp_path, "agent", ["您好我给您回电话"], 20, 1)
    phones = [
        _baresip(tmp_path, "agent", agent_port, ports[0], f"<sip:1001@127.0.0.1:{agent_port}>;regint=0;answermode=auto;audio_codecs=pcmu"),
        _baresip(tmp_path, "caller", trunk, ports[1], f"<sip:{NUMBER}@127.0.0.1:{trunk}>;regint=0;answermode=auto;audio_codecs=pcmu")]
    try:
        for port in ports:
            wait_for(partial(accepts, port), 20, "baresip to open its control port")
        with outward.log_in("1001") as client:
            client.post("/desk/line", data={"line": f"sip:1001@127.0.0.1:{agent_port}"})
            assert client.post(f"/callbacks/{waiting['id']}/dial").status_code == 409, "claim it first"
            client.post(f"/callbacks/{waiting['id']}/claim")
            assert client.post(f"/callbacks/{waiting['id']}/dial").status_code == 409, "be ready first"
            client.post("/desk/presence", data={"event": "go_ready"})
            assert client.post(f"/callbacks/{waiting['id']}/dial").status_code == 200
            call = outward.wait_call(NUMBER, lambda c: c["phase"] == "talking" and any(u["speaker"] == "caller" for u in c["utterances"]), 40)
            assert client.post(f"/desk/call/{call['id']}/hang-up").status_code == 204
        outward.wait_call(NUMBER, lambda c: c["phase"] == "wrap_up" and c["recording_seconds"])
    finally:
        for phone in phones:
            phone.terminate()
            phone.wait(5)
        outward.finish("1001")
    assert not [c for c in outward.get("callbacks")["callbacks"] if c["id"] == waiting["id"]]
    with outward.log_in("1001") as client:
        assert "已联系上" in client.get("/callbacks").text


def test_a_busy_caller_is_an_attempt(outward: Hotline, trunk: int) -> None:
    waiting = _waiting(outward, BUSY)
    line = outward.line("1002")
    assert line
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone, outward.log_in("1002") as client:
        phone.bind(("127.0.0.1", trunk))
        threading.Thread(target=_busy, args=(phone,), daemon=True).start()
        client.post("/desk/presence", data={"event": "go_ready"})
        client.post(f"/callbacks/{waiting['id']}/claim")
        assert client.post(f"/callbacks/{waiting['id']}/dial").status_code == 200

        def attempted() -> bool:
            rows = [c for c in outward.get("callbacks")["callbacks"] if c["id"] == waiting["id"]]
            return bool(rows) and rows[0]["attempts"] == 1 and rows[0]["state"] == "open"

        wait_for(attempted, 20, "the attempt to be counted")
        client.post("/desk/presence", data={"event": "go_break"})
        client.post("/desk/presence", data={"event": "go_offline"})


def _busy(phone: socket.socket) -> None:
    """486 to every INVITE (RFC 3261 section 8.2.6)."""
    phone.settimeout(20)
    try:
        while True:
            data, sender = phone.recvfrom(65536)
            lines = data.decode().split("\r\n")
            if lines[0].startswith("INVITE"):
                kept = [line for line in lines[1:] if line.lower().startswith(("via:", "from:", "call-id:", "cseq:", "v:", "f:", "i:"))]
                to = next(line for line in lines if line.lower().startswith(("to:", "t:")))
                answer = ["SIP/2.0 486 Busy Here", *kept, f"{to};tag=busy", "Content-Length: 0", "", ""]
                phone.sendto("\r\n".join(answer).encode(), sender)
    except OSError:
        return
