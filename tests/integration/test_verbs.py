"""The operator's verbs as a person types them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters.speech.model_download import KNOWN, ModelError, Source, fetch_model
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.media import wav
from app.settings import EMBEDDED_MODEL
from tests.support.hotline import ROOT, Hotline


def _run(hotline: Hotline, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, env=hotline.environment,
                          input=stdin, capture_output=True, text=True, timeout=60, check=False)


def test_transcribe_writes_json_lines_by_channel(own_hotline: Hotline, tmp_path: Path, voice: EspeakSynthesiser) -> None:
    said = [voice.speak(s) for s in ("我要报停", "太贵了")]
    gap = bytes(16000)
    left = gap + said[0] + gap + bytes(len(said[1])) + gap
    right = gap + bytes(len(said[0])) + gap + said[1] + gap
    stereo = wav.WavAudio(8000, 2, b"".join(left[i : i + 2] + right[i : i + 2] for i in range(0, len(left), 2)))
    (tmp_path / "call.wav").write_bytes(wav.dump(stereo))
    (tmp_path / "bad.wav").write_text("no")
    done = _run(own_hotline, "transcribe", str(tmp_path / "call.wav"), str(tmp_path / "bad.wav"))
    assert done.returncode == 1 and "bad.wav: expected a WAV" in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(x["channel"], x["text"]) for x in lines] == [(0, "我要报停"), (1, "太贵了")]
    assert set(lines[0]) == {"file", "start", "end", "channel", "text", "words"}
    assert set(lines[0]["words"][0]) == {"word", "start", "end", "conf"}
    assert 0.7 < lines[0]["start"] < 1.2 < lines[0]["end"]


def test_understand_reads_lines(own_hotline: Hotline) -> None:
    done = _run(own_hotline, "understand", stdin="我要报停\n\n我不是要停机\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(f["family"], f["kind"], f["action"]) for f in found] == [
        ("disconnect", "suspend", "act"), ("none", "other", "none"), ("disconnect", "negated", "act")]


def test_users_and_tokens(own_hotline: Hotline) -> None:
    short = _run(own_hotline, "user", "add", "zhang", "--role", "agent", "--password", "short")
    assert short.returncode == 1 and "8 characters" in short.stderr
    bad = _run(own_hotline, "user", "add", "zhang", "--role", "agent", "--password", "longenough", "--line", "x")
    assert bad.returncode == 1 and "sip:user@host" in bad.stderr
    made = _run(own_hotline, "user", "add", "zhang", "--role", "agent", "--password", "longenough")
    assert made.returncode == 0
    again = _run(own_hotline, "user", "add", "zhang", "--role", "agent", "--password", "longenough")
    assert again.returncode == 1 and "already" in again.stderr
    assert len(_run(own_hotline, "token", "create", "--role", "supervisor").stdout.strip()) > 30
    assert _run(own_hotline, "token", "create", "--role", "king").returncode == 2


def test_many_users_at_once_or_nobody(own_hotline: Hotline, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    head = "name,role,display,line,password\n"
    people.write_text(head + "wang,agent,王,sip:wang@127.0.0.1:5071,longenough\nsun,king,,,longenough\n", encoding="utf-8")
    refused = _run(own_hotline, "user", "add", "--file", str(people))
    assert refused.returncode == 1 and "line 3: role 'king'" in refused.stderr and "Traceback" not in refused.stderr
    people.write_text(head + "wang,agent,王,sip:wang@127.0.0.1:5071,longenough\nsun,supervisor,,,longenough\n", encoding="utf-8")
    made = _run(own_hotline, "user", "add", "--file", str(people))
    assert (made.returncode, made.stdout) == (0, "user wang (agent)\nuser sun (supervisor)\n")
    people.write_text(head + "qian,agent,,,longenough\nsun,agent,,,longenough\n", encoding="utf-8")
    again = _run(own_hotline, "user", "add", "--file", str(people))
    assert again.returncode == 1 and "line 3: there is a user sun already" in again.stderr
    # nothing of the refused lists is there
    both = _run(own_hotline, "user", "add", "qian", "zhou", "--role", "agent", "--password", "longenough")
    assert both.stdout == "user qian (agent)\nuser zhou (agent)\n"
    assert _run(own_hotline, "user", "add", "he", "zhou", "--role", "agent", "--password", "longenough").returncode == 1
    assert _run(own_hotline, "user", "add", "he", "--role", "agent", "--password", "longenough").returncode == 0
    for wrong in (("he",), ("--file", str(people), "--role", "agent"), ("a", "b", "--role", "agent", "--line", "sip:a@b:1")):
        assert _run(own_hotline, "user", "add", *wrong).returncode == 2


def test_content_check_and_demo(own_hotline: Hotline) -> None:
    assert "no fault" in _run(own_hotline, "content", "check").stdout
    assert "demo loaded" in _run(own_hotline, "demo").stdout
    assert "nothing was changed" in _run(own_hotline, "demo").stdout


def test_settings_are_checked_by_name(own_hotline: Hotline) -> None:
    own_hotline.environment["HOLDLINE_SIP"] = "nonsense"
    own_hotline.environment["HOLDLINE_TZ"] = "Mars/Base"
    done = _run(own_hotline, "web")
    assert done.returncode == 2
    assert "HOLDLINE_SIP" in done.stderr and "HOLDLINE_TZ" in done.stderr and "Traceback" not in done.stderr


def test_ring_without_a_hotline_says_so(own_hotline: Hotline) -> None:
    done = _run(own_hotline, "ring", "--say", "你好", "--no-agent")
    assert done.returncode == 1 and "scripts/run" in done.stderr
    assert "price" in _run(own_hotline, "ring", "--list").stdout
    assert _run(own_hotline, "ring", "--scenario", "none").returncode == 1


def test_model_fetch_says_clearly_that_there_is_no_internet(own_hotline: Hotline) -> None:
    done = _run(own_hotline, "model", "fetch", "--url", "http://127.0.0.1:9/model.zip")
    assert done.returncode == 1 and "no internet" in done.stderr.replace("\n", " ")
    assert "loads" in _run(own_hotline, "model", "check").stdout
    assert not list((own_hotline.home / "models").glob("*"))


def test_a_download_is_verified(tmp_path: Path) -> None:
    import functools
    import http.server
    import threading

    name = "vosk-model-small-cn-0.22"
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "m.zip").write_bytes(b"not the model")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/m.zip"
        with pytest.raises(ModelError, match="not what the makers of"):
            fetch_model(name, tmp_path / "models", Source(url), lambda _: None)
        server.shutdown()
    assert not list((tmp_path / "models").glob("*"))
    assert KNOWN[name].sha256.startswith("3af8b0e7")


def test_two_models_on_stored_calls(hotline: Hotline, tmp_path: Path) -> None:
    number = "13800000088"
    hotline.ring("--say", "我要报停", "--say", "我家电视没信号", "--from", number, "--no-agent").communicate(timeout=90)
    call = hotline.wait_call(number, lambda c: c["recording_seconds"] and c["utterances"])
    other = tmp_path / "other"
    shutil.copytree(EMBEDDED_MODEL, other)
    (other / "conf" / "model.conf").write_text(
        (other / "conf" / "model.conf").read_text().replace("--beam=13.0", "--beam=2.0"))
    words = tmp_path / "words.csv"
    words.write_text(f"call,channel,text\n{call['id']},0,我要报停我家电视没信号\n", encoding="utf-8")
    done = _run(hotline, "model", "compare", "embedded", "--with", str(other), "--calls", "200", "--transcripts", str(words))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("CPU-s an audio second") == 2 and "CER" in done.stdout
    words.write_text("call,text\n", encoding="utf-8")
    for arguments, why in ((("--transcripts", str(words)), "line 1: expected the columns call,channel,text"),
                           (("--with", "nope"), "there is no model")):
        refused = _run(hotline, "model", "compare", *arguments)
        assert refused.returncode == 1 and why in refused.stderr, refused.stderr
