"""Pages and API over real HTTP: who may what, problem details, ranges, forms from elsewhere."""

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from tests.support.hotline import Hotline
from tests.support.kept import present

PAGES = {
    "agent": ["/desk", "/day", "/voicemails", "/tickets"],
    "supervisor": ["/calls", "/voicemails", "/tickets"],
    "technician": ["/tickets"],
}
USERS = {"agent": "1003", "supervisor": "super", "technician": "tech1"}


@pytest.fixture(scope="module")
def call_id(hotline: Hotline) -> str:
    number = "13800000060"
    hotline.ring("--say", "我要报停", "--say", "我的电话是幺三八幺二三四五六七八", "--from", number,
                 "--no-agent").communicate(timeout=90)
    return str(hotline.wait_call(number, lambda c: c["recording_seconds"])["id"])


@pytest.fixture
def anonymous(hotline: Hotline) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hotline.url, timeout=10) as client:
        yield client


@pytest.mark.parametrize("role", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_a_role_in_both_languages(hotline: Hotline, role: str, language: str) -> None:
    with hotline.log_in(USERS[role]) as client:
        client.cookies.set("holdline_lang", language)
        for page in PAGES[role]:
            answer = client.get(page)
            assert answer.status_code == 200
            assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
            text = re.sub(r"<[^>]+>", "", answer.text)
            # the navigation, not what people wrote: notes are Chinese in any language
            assert ("上门工单" in text) == (language == "zh")
        assert client.get("/").url.path == PAGES[role][0]


@pytest.mark.parametrize(("role", "page"), [
    ("technician", "/desk"), ("technician", "/calls"), ("technician", "/voicemails"),
    ("agent", "/calls"), ("supervisor", "/desk")])
def test_other_roles_pages_are_closed(hotline: Hotline, role: str, page: str) -> None:
    with hotline.log_in(USERS[role]) as client:
        answer = client.get(page)
        assert answer.status_code == 403 and "角色" in answer.text


def test_nobody_gets_in_without_a_password(anonymous: httpx.Client) -> None:
    assert anonymous.get("/desk").headers["location"] == "/login"
    answer = anonymous.post("/login", data={"name": "1001", "password": "wrong"})
    assert answer.status_code == 401 and "密码不对" in answer.text
    assert anonymous.post("/login", data={"name": "nobody", "password": "x"}).status_code == 401
    assert anonymous.get("/no/such/page").status_code == 404


async def test_too_many_log_ins_at_once_are_told_to_come_again(hotline: Hotline) -> None:
    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(base_url=hotline.url, timeout=60, limits=limits) as client:
        form = {"name": "nobody", "password": "wrong wrong"}
        answers = await asyncio.gather(*(client.post("/login", data=form) for _ in range(300)))
        busy = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {401, 503} and len(busy) < 150
        assert all(1 <= int(answer.headers["retry-after"]) < 60 for answer in busy)
        assert "请过几秒再试" in busy[0].text
        right = await client.post("/login", data={"name": "1003", "password": "demo1234"})
        assert right.status_code == 303


def test_a_password_kept_at_another_cost_is_made_anew_at_the_log_in(hotline: Hotline) -> None:
    hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    with contextlib.closing(sqlite3.connect(hotline.home / "holdline.db", timeout=10, isolation_level=None)) as database:
        database.execute("UPDATE users SET password_hash = ? WHERE name = 'tech6'", (hasher.hash("demo1234"),))
        found = []
        for _ in range(2):
            with hotline.log_in("tech6"):
                found += database.execute("SELECT password_hash FROM users WHERE name = 'tech6'").fetchone()
    assert found[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$") and found[0] == found[1]


def test_forms_from_another_site_are_refused(hotline: Hotline) -> None:
    with hotline.log_in("1003") as client:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
            answer = client.post("/desk/presence", data={"event": "go_ready"}, headers=headers)
            assert answer.status_code == 403
    assert hotline.agent("1003")["state"] == "offline"


def test_logging_out_ends_the_session(hotline: Hotline) -> None:
    with hotline.log_in("1003") as client:
        cookie = client.cookies["holdline_session"]
        client.post("/logout")
        client.cookies.set("holdline_session", cookie)
        assert client.get("/desk", follow_redirects=False).status_code == 303


def test_the_api_wants_a_token_and_says_so_in_problem_details(
    hotline: Hotline, anonymous: httpx.Client
) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = anonymous.get("/api/v1/calls", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 401
    missing = hotline.api("GET", "/api/v1/calls/nonsense")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    bad = hotline.api("GET", "/api/v1/calls?limit=0")
    assert bad.status_code == 422 and "limit" in bad.json()["detail"]
    bad = hotline.api("POST", "/api/v1/tickets", json={"user_id": 1})
    assert bad.status_code == 422 and "call_id" in bad.json()["detail"]
    assert hotline.api("GET", "/api/v1/nothing").headers["content-type"] == "application/problem+json"


def test_a_tokens_role_decides(hotline: Hotline) -> None:
    token = hotline.verb("token", "create", "--role", "technician").strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{hotline.url}/api/v1/tickets", headers=headers).status_code == 200
    denied = httpx.get(f"{hotline.url}/api/v1/calls", headers=headers)
    assert denied.status_code == 403 and denied.json()["title"] == "Forbidden"


def test_understand_over_http_equals_the_verb(hotline: Hotline) -> None:
    said = "你好我想把电视停掉太贵了"
    over_http = hotline.api("POST", "/api/v1/understand", json={"text": said}).json()
    (line,) = hotline.verb("understand", stdin=said + "\n").splitlines()
    assert json.loads(line) == over_http
    assert (over_http["intent"], over_http["slots"]) == ("disconnect.cancel", {"reason": "price"})
    assert hotline.api("POST", "/api/v1/understand", json={"text": "停" * 20_000}).status_code == 422


def test_openapi_lists_the_interface(anonymous: httpx.Client) -> None:
    paths = anonymous.get("/api/v1/openapi.json").json()["paths"]
    for path in ("understand", "calls", "calls/{call_id}", "calls/{call_id}/recording", "tickets",
                 "tickets/{ticket_id}", "tickets/{ticket_id}/events", "voicemails", "callbacks",
                 "agents", "agents/{agent_id}/state"):
        assert f"/api/v1/{path}" in paths


def test_health_and_metrics(anonymous: httpx.Client) -> None:
    assert anonymous.get("/healthz").text == "ok\n"
    ready = anonymous.get("/readyz").json()
    assert ready.pop("second_pass")["state"] == "off", "the tests' hotline hears once"
    assert ready == {"ready": True, "database": True, "bridges": 1}
    metrics = anonymous.get("/metrics").text
    assert "holdline_live_calls" in metrics and "holdline_second_pass" in metrics


def test_recordings_are_served_in_ranges(hotline: Hotline, call_id: str) -> None:
    with hotline.log_in("super") as client:
        path = f"/calls/{call_id}/recording.wav"
        whole = client.get(path)
        assert whole.headers["accept-ranges"] == "bytes" and whole.content[:4] == b"RIFF"
        size = len(whole.content)
        for span, body in (("bytes=0-9", whole.content[:10]), ("bytes=40-59", whole.content[40:60]),
                           (f"bytes={size - 5}-", whole.content[-5:]), ("bytes=-7", whole.content[-7:])):
            part = client.get(path, headers={"Range": span})
            assert (part.status_code, part.content) == (206, body), span
            assert part.headers["content-range"].endswith(f"/{size}")
        assert client.get(path, headers={"Range": f"bytes={size}-"}).status_code == 416
        assert client.get("/calls/none/recording.wav").status_code == 404


def test_numbers_are_redacted_for_programs_and_on_pages(hotline: Hotline, call_id: str) -> None:
    call = hotline.get(f"calls/{call_id}")
    assert call["caller"] == "138****0060"
    assert any("*" in u["text"] for u in call["utterances"]), call["utterances"]
    with hotline.log_in("super") as client:
        page = client.get(f"/calls/{call_id}").text
        assert "幺二三四五六" not in page and "报停" in page


def test_playing_a_recording_is_audited(hotline: Hotline, call_id: str) -> None:
    with hotline.log_in("super") as client:
        client.get(f"/calls/{call_id}/recording.wav")
    import sqlite3
    with sqlite3.connect(hotline.home / "holdline.db") as database:
        rows = database.execute("select who, action, subject from audit_entries").fetchall()
    database.close()
    assert ("super", "recording_played", call_id) in rows
    assert ("1001", "login_failed", "session") in rows


def test_no_number_or_word_of_a_caller_is_in_the_log(hotline: Hotline, call_id: str) -> None:
    assert "138000000" not in hotline.log() and "报停" not in hotline.log()


def test_filters_of_the_call_list(hotline: Hotline, call_id: str) -> None:
    with hotline.log_in("super") as client:
        assert call_id in client.get("/calls?intent=disconnect.suspend").text
        assert call_id not in client.get("/calls?intent=complaint.complaint").text
        assert call_id not in client.get("/calls?to=2020-01-01").text
        assert client.get("/calls?from=nonsense&agent=x").status_code == 200


def test_a_phone_address_is_checked(hotline: Hotline) -> None:
    with hotline.log_in("1003") as client:
        answer = client.post("/desk/line", data={"line": "1001@nowhere"}, headers={"HX-Request": "true"})
        assert answer.status_code == 422 and "sip:1001@192" in answer.text
        assert client.post("/desk/simulate", data={"scenario": "none"}).status_code == 404
        assert client.post("/desk/presence", data={"event": "fly"}).status_code == 422


def test_an_outage_is_reported_and_ended(hotline: Hotline) -> None:
    with hotline.log_in("super") as client:
        grid = present(re.search(r'<option value="(\d+)">新港网格', client.get("/calls").text))[1]
        assert "光缆被挖断" in client.post("/outages", data={"grid_id": grid, "text": "光缆被挖断", "hours": 4}).text
        for bad in ({"text": ""}, {"text": "x", "hours": 100}, {"text": "x", "grid_id": 99999}):
            assert client.post("/outages", data={"grid_id": grid, **bad}).status_code in (404, 422)
        assert "光缆被挖断" not in client.post("/outages", data={"grid_id": grid, "ended": "true"}).text
    with hotline.log_in("1003") as client:
        assert client.post("/outages", data={"grid_id": grid, "text": "x"}).status_code == 403
