"""The workshop over real HTTP: who may, editing, faults with file and line, import and export, jobs."""

import io
import re
import time
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.language.knowledge.files import FILES
from app.media import wav
from tests.support.hotline import Hotline

PAGES = ["", "/entries", "/entries/new", "/entries/pay-channels", "/intents", "/intents/fault.box", "/queue",
         "/tests", "/try", "/files"]


@pytest.fixture
def client(hotline: Hotline) -> Iterator[httpx.Client]:
    with hotline.log_in("super") as made:
        yield made
        _discard(made)


def _discard(client: httpx.Client) -> None:
    found = re.search(r"/workshop/draft/(\d+)/discard", client.get("/workshop").text)
    if found:
        client.post(f"/workshop/draft/{found[1]}/discard")


def _draft(client: httpx.Client) -> str:
    found = re.search(r"/workshop/draft/(\d+)/", client.get("/workshop").text)
    assert found is not None
    return found[1]


def _entry(client: httpx.Client, entry_id: str) -> dict[str, str]:
    """The fields of an entry's form, as a browser would send them."""
    text = client.get(f"/workshop/entries/{entry_id}").text
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', text))
    fields |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', text))
    family = re.search(r'<option value="(\w+)" selected>', text)
    assert family is not None
    import html

    return {name: html.unescape(value) for name, value in (fields | {"family": family[1]}).items() if name != "handover"}


def _job(client: httpx.Client, kind: str) -> str:
    answer = client.post(f"/workshop/draft/{_draft(client)}/job", data={"kind": kind})
    assert answer.status_code == 200
    for _ in range(900):
        if "HX-Refresh" in client.get("/workshop/job").headers:
            return client.get("/workshop").text
        time.sleep(0.2)
    raise AssertionError(f"{kind} did not end")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_in_both_languages(client: httpx.Client, language: str) -> None:
    client.cookies.set("holdline_lang", language)
    for page in PAGES:
        answer = client.get(f"/workshop{page}")
        assert answer.status_code == 200, page
        assert ("知识库" in answer.text) == (language == "zh")
        assert ("Knowledge base" in answer.text) == (language == "en")


@pytest.mark.parametrize("name", ["1003", "tech1"])
def test_the_workshop_is_the_supervisors(hotline: Hotline, name: str) -> None:
    with hotline.log_in(name) as client:
        for page in PAGES:
            assert client.get(f"/workshop{page}").status_code == 403
        for path in ("/workshop/entries/save", "/workshop/queue/1/dismiss", "/workshop/draft/1/publish"):
            assert client.post(path, data={}).status_code == 403


def test_searching_entries(client: httpx.Client) -> None:
    found = client.get("/workshop/entries", params={"q": "发票"}).text
    assert "/workshop/entries/invoice" in found and "/workshop/entries/box-hot" not in found
    assert "没有找到" in client.get("/workshop/entries", params={"q": "没有这样的条目呀"}).text
    assert "/workshop/entries/box-hot" in client.get("/workshop/entries", params={"family": "fault", "sort": "texts"}).text
    assert client.get("/workshop/entries/nope").status_code == 404


def test_an_entry_is_edited_in_a_draft(client: httpx.Client) -> None:
    fields = _entry(client, "invoice")
    assert fields["id"] == "invoice" and "\n" in fields["similar"]
    answer = client.post("/workshop/entries/save", data={**fields, "similar": fields["similar"] + "\n要张收费凭据行不"})
    assert answer.status_code == 200 and "要张收费凭据行不" in answer.text
    overview = client.get("/workshop").text
    assert "invoice" in overview and "保存了条目" in overview
    stale = client.post("/workshop/entries/save", data={**fields, "answer": "别人同时改的"})
    assert stale.status_code == 422 and "刚被别人改过" in stale.text and "别人同时改的" in stale.text


def test_what_an_answer_has_recorded_is_chosen_in_the_form(client: httpx.Client) -> None:
    fields = _entry(client, "invoice")
    saved = client.post("/workshop/entries/save", data={**fields, "deed": "service"})
    assert saved.status_code == 200 and '<option value="service" selected>业务工单' in saved.text
    refused = client.post("/workshop/entries/save", data={**_entry(client, "invoice"), "deed": "miracle"})
    assert refused.status_code == 422 and "随答登记应为" in refused.text


@pytest.mark.parametrize(("change", "why"), [
    ({"question": " "}, "question 不能为空"), ({"id": "收费 单"}, "编号只能用字母"), ({"id": "pay-channels"}, "pay-channels 已存在"),
    ({"valid_until": "2026/01/31"}, "日期应类似"), ({"similar": "甲|乙"}, "不能有 |"), ({"question": "长" * 300}, "最多 200")])
def test_a_bad_entry_comes_back_with_what_was_typed(client: httpx.Client, change: dict[str, str], why: str) -> None:
    fields = _entry(client, "invoice")
    answer = client.post("/workshop/entries/save", data={**fields, "answer": "刚刚输入的答案", **change})
    assert answer.status_code == 422 and why in answer.text and "刚刚输入的答案" in answer.text
    assert "没有打开的草稿" in client.get("/workshop").text


def test_check_and_test_of_a_draft_by_clicks(client: httpx.Client) -> None:
    client.post("/workshop/entries/invoice/questions", data={"texts": "怎么缴费\n我要张凭据"})
    page = _job(client, "check")
    assert "重复问法" in page and "处要改" in page
    assert client.post(f"/workshop/draft/{_draft(client)}/job", data={"kind": "test"}).status_code == 409
    fields = _entry(client, "invoice")
    client.post("/workshop/entries/save", data={**fields, "similar": fields["similar"].replace("怎么缴费", "")})
    assert "无需修改" in _job(client, "check")
    page = _job(client, "test")
    assert "首条答对" in page and "没有变差" in page and "/publish" in page
    tried = client.post("/workshop/try", data={"text": "我要张凭据", "version": "draft"})
    assert "invoice" in tried.text and "草稿" in tried.text


def test_publishing_without_a_test_is_refused(client: httpx.Client) -> None:
    client.post("/workshop/entries/invoice/questions", data={"texts": "我要张凭据"})
    answer = client.post(f"/workshop/draft/{_draft(client)}/publish", data={})
    assert answer.status_code == 409 and "还没到这一步" in answer.text


def test_export_and_import_again_changes_nothing(client: httpx.Client) -> None:
    version = re.search(r"export/(\d+)/all.zip", client.get("/workshop/files").text)
    assert version is not None
    whole = client.get(f"/workshop/files/export/{version[1]}/all.zip")
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert sorted(archive.namelist()) == sorted(FILES)
    one = client.get(f"/workshop/files/export/{version[1]}/entries.csv")
    assert one.content.startswith(b"\xef\xbb\xbfid,family")
    for upload in (("all.zip", whole.content), ("entries.csv", one.content), ("entries (1).csv", one.content),
                   ("entries.csv", one.content.decode("utf-8-sig").encode("gb18030"))):
        answer = client.post("/workshop/files/import", files={"files": upload})
        assert answer.status_code == 200 and "无需导入" in answer.text, answer.text[-1500:]
    assert client.get(f"/workshop/files/export/{version[1]}/secret").status_code == 404
    assert client.get("/workshop/files/export/999/entries.csv").status_code == 404


@pytest.mark.parametrize(("name", "data", "why"), [
    ("entries.csv", b"question,answer\na,b\n", "entries.csv 第 1 行：列名应为"),
    ("entries.csv", "id,family,question,similar,spoken,answer,valid_from,valid_until,handover\na,x,问,,,答,,,\na,x,问,,,答,,,\n".encode(),
     "entries.csv 第 3 行：编号 a 重复，第 2 行已有"),
    ("entries.csv", b"\xff\xfe\xff\xff", "既不是 UTF-8 也不是 GBK"), ("intents.yaml", b"families: [", "YAML 格式有误"),
    ("photo.csv", b"x", "文件名应是"), ("all.zip", b"no zip", "不是 zip"), ("tests.csv", b"", "列名应为")])
def test_a_bad_file_is_refused_whole(client: httpx.Client, name: str, data: bytes, why: str) -> None:
    answer = client.post("/workshop/files/import", files={"files": (name, data)})
    assert answer.status_code == 422 and why in answer.text and "没有导入任何内容" in answer.text, answer.text[-1200:]
    assert "没有打开的草稿" in client.get("/workshop").text
    assert client.post("/workshop/try", data={"text": "我要报停"}).text.count("报停保号") == 1


def test_a_spoken_sentence_is_recognised_and_decided(client: httpx.Client, voice: EspeakSynthesiser) -> None:
    speech = wav.dump(wav.WavAudio(8000, 1, bytes(8000) + voice.speak("我要报停") + bytes(16000)))
    answer = client.post("/workshop/try/voice", files={"audio": ("speech.wav", speech)}, data={"expecting": ""})
    assert answer.status_code == 200 and "听到" in answer.text and "依据" in answer.text
    for bad in (b"", b"no audio", speech[:44]):
        answer = client.post("/workshop/try/voice", files={"audio": ("speech.wav", bad)})
        assert answer.status_code in (200, 422) and "Traceback" not in answer.text


def test_tests_are_added_and_removed(client: httpx.Client) -> None:
    said = "我这张凭据开错了呀"
    assert said in client.post("/workshop/tests/add", data={"text": said, "kind": "billing.invoice", "faq": "invoice"}).text
    again = client.post("/workshop/tests/add", data={"text": said, "kind": "billing.invoice"})
    assert again.status_code == 422 and "已存在" in again.text
    assert said not in client.post("/workshop/tests/remove", data={"text": said}).text


def test_intents_are_edited(client: httpx.Client) -> None:
    page = client.get("/workshop/intents/fault.box").text
    phrases = re.search(r'<textarea name="phrases"[^>]*>([^<]*)</textarea>', page)
    assert phrases is not None
    saved = client.post("/workshop/intents/fault.box", data={"phrases": phrases[1] + "\n铁匣子罢工了", "faq": "box-dead"})
    assert saved.status_code == 200 and "铁匣子罢工了" in saved.text
    empty = client.post("/workshop/intents/fault.box", data={"phrases": "  ", "faq": ""})
    assert empty.status_code == 422 and "至少要有一条说法" in empty.text


def test_a_draft_in_shadow_looks_at_live_calls(hotline: Hotline, client: httpx.Client) -> None:
    """Real speech over SIP: the draft counts what it saw, the caller gets the published version."""
    page = client.get("/workshop/intents/disconnect.suspend").text
    phrases = re.search(r'<textarea name="phrases"[^>]*>([^<]*)</textarea>', page)
    assert phrases is not None
    kept = [line for line in phrases[1].splitlines() if "报停" not in line]
    moved = [line for line in phrases[1].splitlines() if "报停" in line]
    other = client.get("/workshop/intents/complaint.complaint").text
    theirs = re.search(r'<textarea name="phrases"[^>]*>([^<]*)</textarea>', other)
    assert theirs is not None
    client.post("/workshop/intents/disconnect.suspend", data={"phrases": "\n".join(kept), "faq": "suspend-how"})
    client.post("/workshop/intents/complaint.complaint", data={"phrases": "\n".join([theirs[1], *moved]), "faq": "complaint-how"})
    assert "无需修改" in _job(client, "check")
    assert "/publish" in _job(client, "test"), "by now the draft's engine is learned: the shadow is there at once"
    assert client.post(f"/workshop/draft/{_draft(client)}/shadow_on").status_code == 200
    number = "13800000066"
    for _ in range(100):
        if "结束影子运行" in client.get("/workshop").text:
            break
        time.sleep(0.2)
    time.sleep(4)
    hotline.ring("--say", "我要报停", "--say", "我要报停", "--from", number, "--no-agent").communicate(timeout=90)
    call = hotline.wait_call(number, lambda c: c["recording_seconds"] and c["utterances"])
    for _ in range(100):
        page = client.get("/workshop").text
        if re.search(r"已看 [1-9]\d* 句", page):
            break
        time.sleep(0.2)
    assert re.search(r"已看 [1-9]\d* 句", page), page[-3000:]
    assert re.search(r"[1-9]\d* 处不同", page), "the draft would have decided otherwise"
    assert all(u["intent"] != "complaint.complaint" for u in call["utterances"])
