"""Whole calls with real speech: heard, understood, stored, recorded on both sides."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.media import g711, wav
from tests.support.hotline import Hotline
from tests.support.servers import accepts, free_port, wait_for
from tests.support.sip import Caller

#: Seconds of the two-sided baresip call; 180 shows the three minutes of a usual call.
CALL_S = int(os.environ.get("HOLDLINE_TEST_CALL_S", "45"))


@pytest.fixture
def agent(hotline: Hotline) -> Iterator[str]:
    name = "1001"
    hotline.line(name)
    hotline.presence(name, "go_ready")
    yield name
    hotline.finish(name)


def _texts(call: dict[str, Any], side: str) -> list[str]:
    return [u["text"] for u in call["utterances"] if u["speaker"] == side]


def test_price_scenario_is_heard_and_understood(hotline: Hotline, agent: str) -> None:
    ring = hotline.ring("--scenario", "price", "--agent-line", hotline.line(agent))
    call = hotline.wait_call("13800000001", lambda c: c["phase"] == "wrap_up", 60)
    assert ring.communicate(timeout=20)[0].strip().endswith("agent connected")
    call = hotline.wait_call("13800000001", lambda c: len(_texts(c, "caller")) >= 3, 10)
    assert call["intents"] == ["affirm.affirm", "disconnect.cancel"] or "disconnect.cancel" in call["intents"]
    assert (call["case"]["kind"], call["case"]["reason"]) == ("cancel", "price")
    assert _texts(call, "caller")[1] == "太贵了" and _texts(call, "caller")[2].endswith("可以")
    assert len(_texts(call, "agent")) == 3
    starts = [u["start"] for u in call["utterances"]]
    assert starts == sorted(starts)
    sides = [u["speaker"] for u in sorted(call["utterances"], key=lambda u: u["start"])]
    assert sides == ["agent", "caller"] * 3


def test_the_recording_has_both_sides_in_place(hotline: Hotline, agent: str) -> None:
    ring = hotline.ring("--scenario", "broadband", "--agent-line", hotline.line(agent))
    ring.communicate(timeout=60)
    call = hotline.wait_call("13800000005", lambda c: c["phase"] == "wrap_up" and c["recording_seconds"], 20)
    answer = hotline.api("GET", f"/api/v1/calls/{call['id']}/recording")
    audio = wav.load(answer.content)
    assert audio.channels == 2
    assert len(audio.channel(0)) / 16000 == pytest.approx(call["recording_seconds"], abs=0.1)
    for utterance in call["utterances"]:
        span = slice(int(utterance["start"] * 8000) + 2400, int(utterance["end"] * 8000))
        own, other = (0, 1) if utterance["speaker"] == "caller" else (1, 0)
        level = [np.abs(np.frombuffer(audio.channel(c), "<i2")[span].astype(float)).mean() for c in (0, 1)]
        assert level[own] > 20 * max(level[other], 1), utterance


def test_ring_say_without_an_agent_becomes_a_message(hotline: Hotline) -> None:
    number = "13800000044"
    hotline.ring("--say", "我家电视没信号", "--from", number, "--no-agent").communicate(timeout=60)
    call = hotline.wait_call(number, lambda c: c["outcome"] == "voicemail" and c["recording_seconds"])
    wait_for(lambda: any(v["call_id"] == call["id"] for v in hotline.get("voicemails")["voicemails"]), 10, "message")
    assert [c["intent"] for c in hotline.get("callbacks")["callbacks"] if c["call_id"] == call["id"]] == ["fault.no_signal"]
    (message,) = [v for v in hotline.get("voicemails")["voicemails"] if v["call_id"] == call["id"]]
    assert message["text"].endswith("电视没信号") and message["intent"] == "fault.no_signal"
    assert message["end"] - message["start"] > 1.5


@pytest.mark.parametrize("end", ["hash", "silence"])
def test_a_message_ends_by_hash_or_silence(hotline: Hotline, end: str) -> None:
    number = f"1380000005{len(end)}"
    peer = Caller(hotline.sip, number)
    peer.invite()
    peer.ack()
    hotline.wait_call(number, lambda c: c["phase"] == "voicemail", 30)
    if end == "hash":
        peer.send_rtp(0.5)
        sent = [m for m in peer.seen if "m=audio" in m]
        port = int(re.findall(r"m=audio (\d+)", sent[-1])[-1])
        for n in range(6):
            packet = bytes([0x80, 101]) + (100 + n).to_bytes(2, "big") + (9000).to_bytes(4, "big")
            packet += (77).to_bytes(4, "big") + bytes([11, 0x8A if n > 2 else 0x0A, 0, 160])
            peer.rtp.sendto(packet, ("127.0.0.1", port))
    peer.wait_request("BYE", 25)
    call = hotline.wait_call(number, lambda c: c["phase"] == "ended")
    assert call["outcome"] == "voicemail"
    kinds = [e["kind"] for e in call["events"]]
    assert ("SilenceHeard" in kinds) == (end == "silence")


def test_a_paused_line_and_two_callers_for_one_agent(hotline: Hotline, agent: str) -> None:
    first = hotline.ring("--scenario", "moving", "--agent-line", hotline.line(agent))
    hotline.wait_call("13800000002", lambda c: c["phase"] == "talking", 30)
    second = Caller(hotline.sip, "13800000045")
    second.invite()
    second.ack()
    call = hotline.wait_call("13800000045", lambda c: c["phase"] == "queued", 10)
    assert "AgentChosen" not in [e["kind"] for e in call["events"]]
    hotline.wait_call("13800000045", lambda c: c["phase"].startswith("voicemail"), 25)
    second.bye()
    first.communicate(timeout=60)
    moved = hotline.wait_call("13800000002", lambda c: c["phase"] == "wrap_up", 10)
    assert moved["case"]["kind"] == "suspend" and moved["case"]["reason"] in ("moving", "not_watching")


def _speech(folder: Path, name: str, sentences: list[str], seconds: int, offset: float) -> np.ndarray:
    """A long WAV in which one side speaks in turn."""
    voice = EspeakSynthesiser("m3" if name == "caller" else "f2", 175)
    said = [np.frombuffer(voice.speak(s), "<i2") for s in sentences]
    audio = np.zeros(8000 * (seconds + 30), "<i2")
    at, n = int(8000 * offset), 0
    while at < 8000 * seconds:
        piece = said[n % len(said)]
        audio[at : at + len(piece)] = piece[: len(audio) - at]
        at += 8000 * 6
        n += 1
    (folder / f"{name}.wav").write_bytes(wav.dump(wav.WavAudio(8000, 1, audio.tobytes())))
    return audio


def _baresip(folder: Path, name: str, sip_port: int, control: int, account: str) -> "subprocess.Popen[bytes]":
    config = folder / name
    config.mkdir()
    (config / "config").write_text(
        f"poll_method epoll\nsip_listen 127.0.0.1:{sip_port}\nsnd_path {config}\n"
        f"audio_source aufile,{folder}/{name}.wav\naudio_alert aufile,/dev/null\naudio_srate 8000-8000\n"
        "audio_channels 1-1\naudio_buffer 20-160\nrtp_ports 10000-10100\nrtp_timeout 60\n"
        "module_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule g711.so\nmodule aufile.so\nmodule sndfile.so\n"
        "module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
        f"ctrl_tcp_listen 127.0.0.1:{control}\n")
    (config / "accounts").write_text(account + "\n")
    (config / "contacts").write_text("")
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(["baresip", "-f", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _command(control: int, command: str, params: str = "") -> None:
    message = json.dumps({"command": command, "params": params, "token": "x"})
    with socket.create_connection(("127.0.0.1", control), 5) as link:
        link.sendall(f"{len(message)}:{message},".encode())
        link.settimeout(2)
        link.recv(500)


def _dial(control: int, hotline: Hotline, number: str, folder: Path) -> None:
    """Ring the hotline. A phone answers commands before its account is up, and then drops them: dial until it rings."""
    wait_for(lambda: accepts(control), 20, "baresip to open its control port")
    for _ in range(5):
        _command(control, "dial", f"sip:hotline@{hotline.sip}")
        until = time.monotonic() + 4
        while time.monotonic() < until:
            if hotline.calls(number):
                return
            time.sleep(0.1)
    pytest.fail(f"the phone never rang the hotline: {(folder / 'caller.log').read_text()[-1500:]}")


def _best_snr(source: np.ndarray, heard: np.ndarray) -> float:
    """SNR in dB of half-second windows against the source at their best lag: the median."""
    found = []
    ref = source.astype(float)
    for at in range(0, len(heard) - 4000, 4000):
        window = heard[at : at + 4000].astype(float)
        if (window**2).mean() < 500**2:
            continue
        size = 1 << int(np.ceil(np.log2(len(ref) + 4000)))
        score = np.fft.irfft(np.fft.rfft(ref, size) * np.conj(np.fft.rfft(window, size)), size)[: len(ref) - 4000]
        energy = np.sqrt(np.maximum(np.convolve(ref**2, np.ones(4000), "valid")[: len(score)], 1))
        lag = int(np.argmax(score / energy))
        clean = ref[lag : lag + 4000]
        noise = ((clean - window) ** 2).sum()
        found.append(10 * np.log10((clean**2).sum() / max(noise, 1)))
    assert len(found) >= 4, "almost nothing was heard"
    return float(np.median(found))


@pytest.mark.peer("baresip")
def test_baresip_talks_to_baresip(hotline: Hotline, tmp_path: Path) -> None:
    """Real phones on both ends: relayed audio within G.711's own noise, both sides recorded."""
    name, number = "1002", "13800000003"
    ports = [free_port() for _ in range(2)]
    sip_ports = [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)]
    said = {
        "caller": _speech(tmp_path, "caller", ["我要转电信那边便宜", "太贵了", "帮我办理拆机"], CALL_S, 7),
        "agent": _speech(tmp_path, "agent", ["请问您为什么想停呢", "我们现在有一个优惠"], CALL_S, 4),
    }
    with hotline.log_in(name) as client:
        client.post("/desk/line", data={"line": f"sip:{name}@127.0.0.1:{sip_ports[1]}"})
        client.post("/desk/presence", data={"event": "go_ready"})
    phones = [
        _baresip(tmp_path, "agent", sip_ports[1], ports[1],
                 f"<sip:{name}@127.0.0.1:{sip_ports[1]}>;regint=0;answermode=auto;audio_codecs=pcmu"),
        _baresip(tmp_path, "caller", sip_ports[0], ports[0],
                 f"<sip:{number}@127.0.0.1:{sip_ports[0]}>;regint=0;audio_codecs=pcmu"),
    ]
    try:
        _dial(ports[0], hotline, number, tmp_path)
        call = hotline.wait_call(number, lambda c: c["phase"] == "talking", 20)
        time.sleep(CALL_S)
        _command(ports[0], "hangup")
        call = hotline.wait_call(number, lambda c: c["phase"] == "wrap_up" and c["recording_seconds"], 15)
        time.sleep(1)
    finally:
        for phone in phones:
            phone.terminate()
            phone.wait(5)
        hotline.finish(name)
    assert call["recording_seconds"] == pytest.approx(CALL_S, abs=12)
    recording = wav.load(hotline.api("GET", f"/api/v1/calls/{call['id']}/recording").content)
    for channel, side in enumerate(("caller", "agent")):
        snr = _best_snr(said[side], np.frombuffer(recording.channel(channel), "<i2"))
        assert snr >= 35, f"recording of the {side}: {snr:.1f} dB"
    for side, other in (("caller", "agent"), ("agent", "caller")):
        (dump,) = (tmp_path / side).glob("*-dec.wav")
        snr = _best_snr(said[other], np.frombuffer(wav.load(dump.read_bytes()).channel(0), "<i2"))
        assert snr >= 35, f"the {side} heard the {other} at {snr:.1f} dB"
    assert call["case"]["reason"] in ("competitor", "price")
    assert len(_texts(call, "caller")) >= CALL_S // 8 and len(_texts(call, "agent")) >= CALL_S // 8


def test_g711_itself_gives_about_37_db() -> None:
    rng = np.random.default_rng(1)
    speech = (rng.laplace(0, 1500, 80000)).clip(-32000, 32000).astype("<i2")
    coded = np.frombuffer(g711.decode(0, g711.encode(0, speech.tobytes())), "<i2")
    noise = ((speech.astype(float) - coded) ** 2).sum()
    assert 35 < 10 * np.log10((speech.astype(float) ** 2).sum() / noise) < 39
