"""The operator's customer system over real HTTP: mapping, time-out, cache, breaker; a call finds its customer there."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.crm.crm_rest import CrmMapping, CrmMappingError, RestCrm
from app.bootstrap.brain import make_crm
from app.bootstrap.store import StartError
from app.settings import Settings
from tests.support.hotline import Hotline

PERSON = {"no": "CRM0001", "owner": {"name": "欧阳测试"}, "tel": ["13912340001", "07521234567"], "where": "海景花园9栋901", "area": "海滨网格",
          "product": "fuse-300", "opened": "2019-03-01", "ends": "2027-08-31", "owes": 12.5}
FIELDS = {"account_no": "no", "name": "owner.name", "phones": "tel", "address": "where", "grid": "area", "plan": "product",
          "since": "opened", "expires_on": "ends", "arrears": "owes"}


class _Crm(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []
    mode = "good"
    token = ""

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        type(self).token = self.headers.get("X-Token", "")
        if self.mode == "late":
            time.sleep(0.6)
        self.send_response({"broken": 500, "unknown": 404}.get(self.mode, 200))
        self.end_headers()
        known = "13912340001" in self.path
        body = {"good": json.dumps({"data": {"rows": [PERSON] if known else []}}), "rubbish": "<html>",
                "odd": json.dumps({"data": {"rows": [{**PERSON, "opened": "soon"}]}})}.get(self.mode, "{}")
        try:
            self.wfile.write(body.encode())
        except BrokenPipeError:
            """The caller did not wait."""

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def crm() -> Iterator[str]:
    _Crm.asked, _Crm.mode = [], "good"
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Crm) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/customers?tel={{phone}}"
        server.shutdown()


def _mapping(folder: Path, url: str, **more: object) -> Path:
    path = folder / "crm.yaml"
    path.write_text(json.dumps({"url": url, "list_at": "data.rows", "fields": FIELDS, "timeout_s": 0.3, "headers": {"X-Token": "geheim"}, **more}))
    return path


def test_a_customer_by_number_is_asked_for_once(crm: str, tmp_path: Path) -> None:
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm)))
    (row,) = source.find("13912340001")
    assert (row.name, row.phones, row.arrears_fen, row.plan) == ("欧阳测试", ("13912340001", "07521234567"), 1250, "fuse-300")
    assert source.find("13912340001") == (row,) and len(_Crm.asked) == 1 and _Crm.token == "geheim"
    assert source.find("13900000000") == ()
    source.close()


@pytest.mark.parametrize("mode", ["late", "broken", "rubbish", "odd", "unknown"])
def test_faults_give_nothing_and_log_nobody(crm: str, tmp_path: Path, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    _Crm.mode = mode
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm)))
    began = time.monotonic()
    assert source.find("13912340001") == ()
    assert time.monotonic() - began < 3
    assert "13912340001" not in caplog.text and "欧阳" not in caplog.text
    source.close()


def test_the_breaker_opens_and_closes(crm: str, tmp_path: Path) -> None:
    now = [0.0]
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm, faults=2, rest_s=30)), clock=lambda: now[0])
    _Crm.mode = "broken"
    for _ in range(5):
        assert source.find("13912340001") == ()
    assert len(_Crm.asked) == 2, "after two faults nobody is asked"
    now[0], _Crm.mode = 31.0, "good"
    assert len(source.find("13912340001")) == 1
    now[0] = 400.0
    source.find("13912340001")
    assert len(_Crm.asked) == 4, "the cache ends after five minutes"
    source.close()


def test_after_a_rest_one_call_tries_for_all(crm: str, tmp_path: Path) -> None:
    now = [0.0]
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm, faults=1, rest_s=30)), clock=lambda: now[0])
    _Crm.mode = "late"
    source.find("13912340001")
    assert len(_Crm.asked) == 1
    now[0] = 31.0
    together = [threading.Thread(target=source.find, args=("13912340001",)) for _ in range(8)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert len(_Crm.asked) == 2, "the others go on with what our own tables know"
    now[0], _Crm.mode = 62.0, "good"
    assert len(source.find("13912340001")) == 1 and len(_Crm.asked) == 3
    source.close()


@pytest.mark.parametrize(("change", "word"), [({"fields": {"name": "x"}}, "account_no"), ({"url": "http://x/"}, "{phone}"),
                                              ({"fields": {**FIELDS, "shoe": "x"}}, "shoe"), ({"colour": 1}, "colour")])
def test_a_bad_mapping_stops_the_start(tmp_path: Path, change: dict[str, object], word: str) -> None:
    path = _mapping(tmp_path, "http://127.0.0.1:1/{phone}", **change) if "url" not in change else _mapping(tmp_path, str(change["url"]))
    with pytest.raises(CrmMappingError, match=word):
        CrmMapping.load(path)
    with pytest.raises(StartError, match="HOLDLINE_CRM"):
        make_crm(Settings(crm=path))


def test_a_caller_is_found_in_the_customer_system(crm: str, tmp_path: Path) -> None:
    made = Hotline(tmp_path, HOLDLINE_CRM=str(_mapping(tmp_path, crm, timeout_s=1.5)))
    made.start()
    try:
        made.ring("--say", "怎么交费", "--from", "13912340001", "--no-agent").communicate(timeout=60)
        call = made.wait_call("13912340001", lambda c: c["customer_id"])
        with made.log_in("1001") as client:
            assert "欧阳测试" in client.get(f"/desk/customers?call_id={call['id']}&q=CRM0001").text
        assert "13912340001" not in made.log()
    finally:
        made.stop()


@pytest.mark.parametrize("caller", [
    "../../admin/delete", "..%2F..%2Fadmin", "1?x=1&y=2", "1#f", "13912340001/../x", "١٣٩١٢٣٤٠٠٠١", "13912340001\x00", "1" * 5000, "alice", "",
    "13912340001@x", "13912340001?a=1"])
def test_what_is_no_number_is_never_asked(crm: str, tmp_path: Path, caller: str) -> None:
    """The caller writes From; the operator's token must not go where he says."""
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm.replace("?tel=", "/"))))
    assert source.find(caller) == () and _Crm.asked == []
    source.close()


@pytest.mark.parametrize("caller", ["+8613912340001", "008613912340001", "013912340001", "13912340001;cpc=ordinary", "tel:+8613912340001"])
def test_every_form_of_a_number_asks_once_for_the_national_one(crm: str, tmp_path: Path, caller: str) -> None:
    source = RestCrm(CrmMapping.load(_mapping(tmp_path, crm)))
    assert len(source.find(caller)) == 1 and len(source.find("13912340001")) == 1
    assert _Crm.asked == ["/customers?tel=13912340001"]
    assert source.find("+4915112345678") == () and _Crm.asked[-1] == "/customers?tel=%2B4915112345678"
    source.close()
