"""The call-back list and the robot's page over HTTP: rank, claim, outcomes; edit, try, roll back, bad input."""

import html as entities
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import yaml

from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.media import wav
from app.settings import ROOT
from tests.support.hotline import Hotline
from tests.support.kept import present

DIALOGS = (ROOT / "prompts/robot/dialogs.yaml").read_text()


def _message(hotline: Hotline, number: str, *said: str) -> None:
    arguments = [part for text in said for part in ("--say", text)]
    hotline.ring(*arguments, "--from", number, "--no-agent").communicate(timeout=90)
    hotline.wait_call(number, lambda c: c["outcome"] == "voicemail")


def test_messages_become_a_ranked_list(hotline: Hotline) -> None:
    _message(hotline, "13800000151", "怎么交费")
    _message(hotline, "13800000152", "我要报停")
    _message(hotline, "13800000152", "帮我办理拆机")
    mine = [c for c in hotline.get("callbacks")["callbacks"] if c["caller"].endswith(("0151", "0152"))]
    assert [c["messages"] for c in mine] == [2, 1], "merged by number and household, who wants to stop comes first"
    assert mine[0]["intent"].startswith("disconnect") and mine[0]["points"] > mine[1]["points"]
    key = mine[0]["id"]
    with hotline.log_in("1003") as client, hotline.log_in("1004") as other:
        assert client.post(f"/callbacks/{key}/reached").status_code == 409, "claim it first"
        assert client.post(f"/callbacks/{key}/claim").status_code == 200
        assert "13800000152" in client.get("/callbacks").text
        assert other.post(f"/callbacks/{key}/claim").status_code == 409
        for attempt in (1, 2, 3):
            if attempt > 1:
                client.post(f"/callbacks/{key}/claim")
            client.post(f"/callbacks/{key}/no_answer")
        assert not [c for c in hotline.get("callbacks")["callbacks"] if c["id"] == key], "three attempts, then it is closed"
        second = mine[1]["id"]
        client.post(f"/callbacks/{second}/claim")
        assert client.post(f"/callbacks/{second}/reached", data={"note": "已说明缴费方式"}).status_code == 200
        assert "已说明缴费方式" in client.get("/callbacks").text
        assert client.post(f"/callbacks/{second}/nonsense").status_code == 422
        assert client.post(f"/callbacks/{second}/rang_back").status_code == 422
        assert client.post("/callbacks/999999/claim").status_code == 404
    states = {v["state"] for v in hotline.get("voicemails")["voicemails"] if v["text"].startswith("怎么")}
    assert states == {"done"}, "the message behind it is settled too"


def test_who_rings_again_is_off_the_list(hotline: Hotline) -> None:
    number = "13800000153"
    _message(hotline, number, "宽带断网了")
    line = hotline.line("1005")
    hotline.presence("1005", "go_ready")
    ring = hotline.ring("--say", "宽带断网了", "--from", number, "--agent-line", line)
    hotline.wait_call(number, lambda c: c["phase"] == "talking")
    assert not [c for c in hotline.get("callbacks")["callbacks"] if c["caller"].endswith("0153")]
    ring.communicate(timeout=60)
    hotline.finish("1005")


def test_dialogs_are_edited_tried_and_rolled_back(hotline: Hotline, voice: EspeakSynthesiser) -> None:
    with hotline.log_in("super") as client:
        assert "报故障" in client.get("/robot").text
        data = yaml.safe_load(DIALOGS)
        data["texts"]["ask"] = "请问有什么事？"
        text = yaml.safe_dump(data, allow_unicode=True)
        assert client.post("/robot/publish", data={"text": text, "note": "短一点"}).status_code == 200
        page = client.get("/robot").text
        assert "短一点" in page
        began = _try(client, "", "")
        for _ in range(50):
            if "请问有什么事？" in began:
                break
            began = _try(client, "", "")
        assert "请问有什么事？" in began
        answer = _try(client, _state(began), "我要投诉你们")
        assert "请您说说是什么情况" in answer
        assert "二十四小时" in _try(client, _state(_try(client, _state(answer), "师傅没来")), "对")
        speech = client.get("/robot/speech.wav", params={"text": "您好。我要投诉你们。"})
        assert speech.status_code == 200 and len(wav.load(speech.content).pcm16) > 20000
        said = {"audio": ("a.wav", wav.dump(wav.WavAudio(8000, 1, bytes(8000) + voice.speak("我要投诉你们") + bytes(16000))), "audio/wav")}
        spoken = client.post("/robot/try/voice", files=said, data={"state": _state(began)})
        assert spoken.status_code == 200 and "请您说说是什么情况" in spoken.text
        assert client.post("/robot/try/voice", files={"audio": ("a.wav", b"RIFFnonsense", "audio/wav")}, data={"state": ""}).status_code == 422
        assert client.post("/robot/restore/0").status_code == 200
        assert client.post("/robot/restore/777").status_code == 404


def _try(client: httpx.Client, state: str, said: str) -> str:
    answer = client.post("/robot/try", data={"state": state, "said": said})
    assert answer.status_code == 200, answer.text
    return answer.text


def _state(html: str) -> str:
    return _found(r'name="state" value="([^"]*)"', html)


def _found(pattern: str, html: str) -> str:
    """The group of the pattern, as a browser reads it."""
    return entities.unescape(present(re.search(pattern, html, re.DOTALL))[1])


@pytest.mark.parametrize(("change", "word"), [
    (lambda d: d["texts"].pop("greeting"), "greeting"), (lambda d: d["tasks"]["fault"].update(slots=["shoe"]), "shoe"),
    (lambda d: d["tasks"]["bill"].update(key="1"), "key"), (lambda d: d["slots"]["phone"].update(kind="colour"), "kind"), (lambda d: d.pop("slots"), "slots"),
    (lambda d: d["texts"].update(ask="{who}是谁"), "who"), (lambda d: d["tasks"]["fault"].update(done="好{"), "fault")])
def test_dialogs_that_cannot_be_played_change_nothing(hotline: Hotline, change: Callable[[Any], object], word: str) -> None:
    data = yaml.safe_load(DIALOGS)
    change(data)
    text = yaml.safe_dump(data, allow_unicode=True)
    with hotline.log_in("super") as client:
        answer = client.post("/robot/publish", data={"text": text})
        assert answer.status_code == 422 and word in answer.text and "textarea" in answer.text, "what was typed is kept"
        assert client.post("/robot/publish", data={"text": "a: [1"}).status_code == 422
    with hotline.log_in("1001") as client:
        assert client.get("/robot").status_code == 403
        assert client.post("/robot/publish", data={"text": DIALOGS}).status_code == 403


def test_one_step_of_the_flow_is_changed_by_itself(hotline: Hotline) -> None:
    fault = yaml.safe_load(DIALOGS)["tasks"]["fault"]
    form = {"name": "报修", "key": "1", "intents": "fault", "start": "好的，我看看。", "before": "guide", "slots": "address，when", "done": fault["done"],
            "done_by_phone": "已经报修，会有人回电。", "urgent": "on"}
    with hotline.log_in("super") as client:
        assert client.post("/robot/flow/tasks/fault", data=form).status_code == 200
        data = yaml.safe_load(_published(client))
        assert data["tasks"]["fault"] == {"name": "报修", "key": "1", "intents": ["fault"], "start": "好的，我看看。", "before": "guide",
                                          "slots": ["address", "when"], "act": "fault", "done": fault["done"],
                                          "done_by_phone": "已经报修，会有人回电。", "urgent": True}
        assert data["tasks"]["stop"]["whole"] is True, "the others stay"
        assert client.post("/robot/flow/slots/when", data={"ask": "哪天在家？", "again": "请说一个日期。", "confirm": ""}).status_code == 200
        slot = yaml.safe_load(_published(client))["slots"]["when"]
        assert slot == {"kind": "when", "ask": "哪天在家？", "again": "请说一个日期。"}
        assert client.post("/robot/flow/texts/ask", data={"text": "请讲。"}).status_code == 200
        assert yaml.safe_load(_published(client))["texts"]["ask"] == "请讲。"
        for path, bad, word in (("tasks/fault", {**form, "slots": "shoe"}, "shoe"), ("tasks/fault", {**form, "key": "4"}, "key"),
                                ("slots/when", {"ask": " ", "again": "x"}, "when"), ("texts/ask", {"text": "{who}"}, "who")):
            answer = client.post(f"/robot/flow/{path}", data=bad)
            assert answer.status_code == 422 and 'role="alert"' in answer.text, path
            assert word in answer.text
        assert client.post("/robot/flow/tasks/shoe", data=form).status_code == 404
        assert yaml.safe_load(_published(client))["texts"]["ask"] == "请讲。", "what could not be played changed nothing"
        assert client.post("/robot/restore/0").status_code == 200
    with hotline.log_in("1001") as client:
        assert client.post("/robot/flow/texts/ask", data={"text": "请讲。"}).status_code == 403


def _published(client: httpx.Client) -> str:
    return _found(r"<textarea name=\"text\"[^>]*>(.*?)</textarea>", client.get("/robot").text)
