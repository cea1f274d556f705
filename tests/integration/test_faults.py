"""What breaks: brain or bridge killed, wrong secret, no model, full disk. Nothing stored is lost."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.media import wav
from app.settings import EMBEDDED_MODEL
from tests.support import engines
from tests.support.hotline import ROOT, Hotline
from tests.support.servers import wait_for
from tests.support.talking import talk
from tests.support.vosk_server import VoskServer


def test_the_brain_is_killed_in_a_call(own_hotline: Hotline) -> None:
    """Talk and recording go on; what was said meanwhile is in the transcript after the restart."""
    hotline = own_hotline
    hotline.start()
    line = hotline.line("1001")
    hotline.presence("1001", "go_ready")
    ring = hotline.ring("--scenario", "price", "--agent-line", line)
    hotline.wait_call("13800000001", lambda c: len(c["utterances"]) >= 1, 40)
    hotline.kill_brain()
    time.sleep(3)
    hotline.start_brain()
    hotline.wait_ready()
    output = ring.communicate(timeout=60)[0]
    assert "3 sentences said" in output, output
    call = hotline.wait_call("13800000001", lambda c: c["phase"] == "wrap_up" and c["recording_seconds"], 30)
    caller = [u["text"] for u in call["utterances"] if u["speaker"] == "caller"]
    agent = [u["text"] for u in call["utterances"] if u["speaker"] == "agent"]
    assert caller[1] == "太贵了" and caller[2].endswith("可以") and len(caller) == 3, caller
    assert len(agent) == 3, agent
    assert call["case"]["reason"] == "price"
    assert hotline.agent("1001")["state"] == "wrap_up"
    hotline.finish("1001")
    assert not list((hotline.home / "spool").glob("*.json"))


def test_the_bridge_is_killed_in_a_call(own_hotline: Hotline) -> None:
    hotline = own_hotline
    hotline.start()
    caller, phone = talk(hotline, "13800000001")
    caller.send_rtp(2)
    phone.send_rtp(0.2)
    time.sleep(0.5)
    hotline.kill_bridge()
    time.sleep(0.5)
    hotline.start_bridge()
    call = hotline.wait_call("13800000001", lambda c: c["phase"] == "wrap_up", 20)
    assert call["outcome"] == "bridge_lost"
    recording = hotline.api("GET", f"/api/v1/calls/{call['id']}/recording")
    assert len(wav.load(recording.content).channel(0)) > 2 * 16000
    assert hotline.agent("1001")["state"] == "wrap_up"
    hotline.finish("1001")


def test_no_brain_at_all_takes_a_message_and_delivers_it(own_hotline: Hotline) -> None:
    hotline = own_hotline
    hotline.start()
    hotline.kill_brain()
    output = hotline.ring("--say", "我家电视没信号", "--from", "13800000007", "--no-agent").communicate(timeout=90)[0]
    assert "1 sentences said" in output, output
    wait_for(lambda: list((hotline.home / "spool").glob("*.json")), 10, "the summary on disk")
    hotline.kill_bridge()
    hotline.start_bridge()
    hotline.start_brain()
    hotline.wait_ready()
    wait_for(lambda: hotline.get("voicemails")["voicemails"], 20, "the message")
    (message,) = hotline.get("voicemails")["voicemails"]
    # The recogniser dithers: the first word may come out otherwise, what is meant may not.
    assert message["text"].endswith("电视没信号") and message["intent"] == "fault.no_signal"
    call = hotline.get(f"calls/{message['call_id']}")
    assert call["phase"] == "ended" and call["outcome"] == "voicemail"
    wait_for(lambda: not list((hotline.home / "spool").glob("*.json")), 10, "the spool to be empty")


def test_a_link_with_a_wrong_secret_is_refused_and_said(own_hotline: Hotline, tmp_path: Path) -> None:
    hotline = own_hotline
    wrong = tmp_path / "wrong"
    wrong.write_text("nonsense")
    hotline.start_brain()
    hotline.environment["HOLDLINE_SECRET_FILE"] = str(wrong)
    hotline.start_bridge()
    wait_for(lambda: "check HOLDLINE_SECRET_FILE" in hotline.log(), 30, "words about the secret")
    assert "wrong secret was refused" in hotline.log()
    assert "Traceback" not in hotline.log()


@pytest.mark.parametrize("fault", ["missing", "empty", "garbage"])
def test_a_bad_speech_model_stops_the_start_with_what_to_do(tmp_path: Path, fault: str) -> None:
    model = tmp_path / "model"
    if fault != "missing":
        shutil.copytree(EMBEDDED_MODEL, model)
        (model / "am" / "final.mdl").write_bytes(b"" if fault == "empty" else b"garbage" * 100)
    hotline = Hotline(tmp_path, HOLDLINE_SPEECH_MODEL=str(model))
    engines.lend(hotline.home)
    done = subprocess.run([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=hotline.environment,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "HOLDLINE_SPEECH_MODEL" in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use_stops_the_start_with_what_to_do(hotline: Hotline) -> None:
    done = subprocess.run([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=hotline.environment,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "HOLDLINE_HTTP" in done.stderr


def test_a_full_disk_ends_the_recording_not_the_call(own_hotline: Hotline) -> None:
    hotline = own_hotline
    hotline.start()
    day = hotline.home / "recordings"
    shutil.rmtree(day, ignore_errors=True)
    small = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(_made(day))],
                           capture_output=True, check=False).returncode == 0
    if not small:
        shutil.rmtree(day)
        day.write_text("no folder can be made here")
    try:
        caller, phone = talk(hotline, "13800000001")
        caller.send_rtp(5)
        phone.send_rtp(0.3)
        call = hotline.wait_call("13800000001", lambda c: "RecordingFailed" in [e["kind"] for e in c["events"]], 15)
        assert call["phase"] == "talking"
        before = caller.rtp_packets
        phone.send_rtp(1)
        assert caller.rtp_packets - before > 40
        caller.bye()
        hotline.wait_call("13800000001", lambda c: c["phase"] == "wrap_up", 10)
        hotline.finish("1001")
    finally:
        if small:
            subprocess.run(["umount", str(day)], check=True)
    with hotline.log_in("super") as client:
        assert "无录音" in client.get("/calls").text


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_serve_restarts_what_dies_and_stops_cleanly(tmp_path: Path) -> None:
    hotline = Hotline(tmp_path)
    with (tmp_path / "serve.log").open("wb") as log:
        serve = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT,
                                 env=hotline.environment, stdout=log, stderr=log)
    try:
        hotline.wait_ready()
        found = subprocess.run(["pgrep", "-P", str(serve.pid), "-f", "app bridge"], capture_output=True,
                               text=True, check=True).stdout.split()
        subprocess.run(["kill", "-9", found[0]], check=True)
        log_path = tmp_path / "serve.log"
        wait_for(lambda: "starting it again" in log_path.read_text(), 10, "the restart")
        wait_for(lambda: log_path.read_text().count("is connected") == 2, 20, "the second bridge")
    finally:
        serve.terminate()
        assert serve.wait(20) == 0
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def test_the_recognition_server_dies_in_a_call(tmp_path: Path) -> None:
    """The call goes on, the gap is shown, and when the server is back the words are too."""
    server = VoskServer()
    hotline = Hotline(tmp_path, HOLDLINE_SPEECH_SERVER=server.url)
    try:
        server.stop()
        hotline.start()
        line = hotline.line("1001")
        hotline.presence("1001", "go_ready")
        sentences = ("我要报停", "太贵了", "我家电视没信号", "我要报停", "太贵了", "我要报停", "我家电视没信号", "太贵了")
        said = [part for sentence in sentences for part in ("--say", sentence)]
        ring = hotline.ring(*said, "--from", "13800000021", "--agent-line", line)
        wait_for(lambda: "recognition failed" in hotline.log(), 40, "the first fault")
        server.start()
        call = hotline.wait_call("13800000021", lambda c: c["utterances"], 40)
        ring.communicate(timeout=90)
        call = hotline.wait_call("13800000021", lambda c: c["recording_seconds"] > 8, 30)
        assert 1 <= len(call["utterances"]) < len(sentences)
        with hotline.log_in("super") as client:
            assert "识别中断了一会儿" in client.get(f"/calls/{call['id']}").text
        hotline.finish("1001")
        assert "Traceback" not in hotline.log()
    finally:
        hotline.stop()
        server.stop()
