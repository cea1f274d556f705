"""Short messages leave through the gateway, are tried again, and never block a call; new customers."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from app.adapters.notify.notify_sms import HttpGateway
from tests.support.hotline import Hotline
from tests.support.servers import wait_for


class _Gateway(http.server.BaseHTTPRequestHandler):
    status = 200
    taken: list[dict[str, str]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()
        if self.status == 200:
            self.taken.append(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/send"
        server.shutdown()


@pytest.fixture(scope="module")
def texting(gateway: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    made = Hotline(tmp_path_factory.mktemp("texting"), HOLDLINE_SMS_URL=gateway)
    made.start()
    yield made
    made.stop()


def test_an_unknown_caller_becomes_a_customer_and_gets_a_message(texting: Hotline) -> None:
    line = texting.line("1001")
    texting.presence("1001", "go_ready")
    ring = texting.ring("--say", "我想装宽带", "--say", "我家在海景花园", "--say", "好的谢谢", "--from", "13611112222", "--agent-line", line)
    call = texting.wait_call("13611112222", lambda c: any(u["intent"] for u in c["utterances"]))
    with texting.log_in("1001") as client:
        base = f"/desk/call/{call['id']}"
        new = {"name": "新用户", "address": "海景花园3栋302", "grid_id": 1, "plan_code": "bb-100", "phone": "13611112222"}
        for bad in ({"name": " "}, {"phone": "12"}, {"grid_id": 999}, {"plan_code": "nope"}):
            assert client.post(f"{base}/new-customer", data={**new, **bad}).status_code in (404, 422)
        assert client.post(f"{base}/new-customer", data={**new, "key": "k1"}).status_code == 204
        assert client.post(f"{base}/new-customer", data={**new, "key": "k1"}).status_code == 204, "the same click again"
        assert "新用户" in client.get("/desk").text
        assert client.post(f"{base}/sms", data={"template": "nope"}).status_code == 404
        _Gateway.status = 503
        assert client.post(f"{base}/sms", data={"template": "payment"}).status_code == 204
    with texting.log_in("1002") as client:
        assert client.post(f"{base}/sms", data={"template": "payment"}).status_code == 409
    wait_for(lambda: "503" in _errors(texting), 15, "the first attempt")
    _Gateway.status = 200
    assert ring.communicate(timeout=60)
    wait_for(lambda: len(_Gateway.taken) == 1, 60, "the second attempt")
    sent = _Gateway.taken[0]
    assert sent["phone"] == "13611112222" and "新用户您好" in sent["text"] and "N2" in sent["text"]
    assert texting.get(f"calls/{call['id']}")["customer_id"]
    assert "13611112222" not in texting.log() and "新用户" not in texting.log()
    texting.finish("1001")


def _errors(texting: Hotline) -> str:
    return " ".join(row[0] for row in texting.stored("select error from short_messages"))


def test_a_gateway_that_cannot_be_reached_says_so() -> None:
    with pytest.raises(OSError, match="cannot be reached: ConnectError"):
        HttpGateway("http://127.0.0.1:9/").send("13800000000", "x")
