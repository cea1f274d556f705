"""The robot's voice over HTTP, without the voice model: what is offered, heard, published, gone back to, refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.media import wav
from tests.support.brain import Brain, running_brain
from tests.support.servers import wait_for

HELLO = "您好，山海广电，早上好，我是智能客服，通话将被录音。"
SHIPPED = {"voice": "zf_xiaoxiao", "pace": "100"}


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brain]:
    folder = tmp_path_factory.mktemp("voice")
    with running_brain(folder, models=folder / "none") as made:
        yield made


def _seconds(content: bytes) -> float:
    audio = wav.load(content)
    return len(audio.pcm16) / 2 / audio.rate_hz


def test_without_the_model_one_voice_is_offered_and_how_to_get_the_others(brain: Brain) -> None:
    with brain.log_in("super") as client:
        page = client.get("/robot").text
        assert "晓晓（女）" in page and "云希" not in page and "holdline model fetch kokoro-82m" in page
        assert HELLO in page, "the greeting is what is heard first"
        client.post("/language/en")
        english = client.get("/robot").text
        assert "Voice and pace" in english and "Xiaoxiao (woman)" in english and "The other voices need the voice model" in english


def test_the_shipped_voice_is_heard_at_once_at_any_pace(brain: Brain) -> None:
    with brain.log_in("super") as client:
        heard = client.get("/robot/voice/hear", params={**SHIPPED, "text": HELLO})
        assert heard.status_code == 200 and "/robot/voice/sample.wav?voice=zf_xiaoxiao" in heard.text
        lengths = [_seconds(client.get("/robot/voice/sample.wav", params={**SHIPPED, "pace": pace, "text": HELLO}).content) for pace in ("80", "100", "125")]
        assert lengths[0] * 0.8 == pytest.approx(lengths[1], rel=0.02) == pytest.approx(lengths[2] * 1.25, rel=0.02)
        recorded = client.get("/robot/speech.wav", params={"text": HELLO}).content
        assert _seconds(recorded) == pytest.approx(lengths[1])


def test_a_pace_is_published_heard_on_the_line_and_gone_back_from(brain: Brain) -> None:
    with brain.log_in("super") as client:
        usual = client.get("/robot/speech.wav", params={"text": HELLO}).content
        answer = client.post("/robot/voice/publish", data={"voice": "zf_xiaoxiao", "blend": "", "pace": "80", "note": "老人多"})
        assert answer.status_code == 200 and "老人多" in answer.text and "80 %" in answer.text and 'id="voice-state"' in answer.text
        slower = client.get("/robot/speech.wav", params={"text": HELLO}).content
        assert _seconds(slower) * 0.8 == pytest.approx(_seconds(usual), rel=0.02)
        assert "老人多" in client.get("/robot").text
        answer = client.post("/robot/voice/restore/0")
        assert answer.status_code == 200 and "= 0" in answer.text
        assert client.get("/robot/speech.wav", params={"text": HELLO}).content == usual
        assert client.post("/robot/voice/restore/1").status_code == 200, "an earlier one again"
        assert client.get("/robot/speech.wav", params={"text": HELLO}).content == slower
        assert client.post("/robot/voice/restore/777").status_code == 404
        assert client.post("/robot/voice/restore/0").status_code == 200


def test_another_brain_follows_by_the_notice(brain: Brain) -> None:
    """What is published beside the page (another brain, a program) is spoken within moments."""
    from app.service.robot.commands import PublishVoice
    from tests.support.actors import named

    deps = brain.app.state.deps
    deps.bus.execute(PublishVoice(voice="zf_xiaoxiao", pace=120, actor=named("主管")))
    wait_for(lambda: deps.voice.state.spoken.pace == 120, 10, "the other pace")
    with brain.log_in("super") as client:
        client.post("/robot/voice/restore/0")


@pytest.mark.parametrize(("odd", "words"), [
    ({"voice": "zm_yunxi"}, "没有这个声音"), ({"voice": "zf_xiaoxiao", "blend": "zm_yunxi"}, "没有这个声音"), ({"voice": "../../etc"}, "没有这个声音"),
    ({"pace": "83"}, "每档 5%"), ({"pace": "fast"}, "表单"), ({"pace": ""}, "表单"), ({"pace": "9" * 30}, "每档 5%"), ({"voice": "x" * 200}, "表单"),
])
def test_what_is_not_offered_is_refused_in_the_users_language(brain: Brain, odd: dict[str, str], words: str) -> None:
    with brain.log_in("super") as client:
        before = client.get("/robot/voice").text
        answers = [client.get(f"/robot/voice/{what}", params={**SHIPPED, "text": HELLO, **odd}) for what in ("hear", "sample.wav")]
        answers.append(client.post("/robot/voice/publish", data={**SHIPPED, **odd}))
        for answer in answers:
            assert answer.status_code == 422 and words in answer.text, answer.text[-400:]
        toast = client.post("/robot/voice/publish", data={**SHIPPED, **odd}, headers={"HX-Request": "true"})
        assert toast.status_code == 422 and "<html" not in toast.text, "the form stays as it is"
        assert client.get("/robot/voice").text == before


@pytest.mark.parametrize("text", ["", "。。。", " ", "好" * 201])
def test_a_sentence_that_cannot_be_said_is_refused(brain: Brain, text: str) -> None:
    with brain.log_in("super") as client:
        assert client.get("/robot/voice/hear", params={**SHIPPED, "text": text}).status_code == 422


def test_where_the_recordings_cannot_be_used_no_voice_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.adapters.voice.natural_voice.FOLDER", tmp_path / "nothing")
    with running_brain(tmp_path, models=tmp_path / "none") as bare, bare.log_in("super") as client:
        page = client.get("/robot")
        assert page.status_code == 200 and "不能另选声音" in page.text and "/robot/voice/publish" not in page.text
        assert client.post("/robot/voice/publish", data=SHIPPED).status_code == 422
        assert client.get("/robot/voice/sample.wav", params={**SHIPPED, "text": HELLO}).status_code == 422
