"""One bridge against a scripted brain: orders out, facts in, early media, a link that breaks the rules."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from app.media import tones
from app.service import link
from tests.support.hotline import ROOT
from tests.support.servers import free_port, wait_for
from tests.support.sip import AgentPhone, Caller


class ScriptedBrain:
    """Accepts the bridge, remembers its facts and audio, sends what a test says."""

    def __init__(self, port: int) -> None:
        self.facts: list[link.Control] = []
        self.audio: list[link.Audio] = []
        self.connection: ServerConnection | None = None
        self.server: Server = serve(self._serve, "127.0.0.1", port, compression=None)  # type: ignore[assignment]
        import threading
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _serve(self, connection: ServerConnection) -> None:
        connection.recv()
        connection.send(link.Control("welcome", "", {"resume": {}}).encode())
        self.connection = connection
        try:
            for message in connection:
                if isinstance(message, str):
                    self.facts.append(link.decode_control(message, link.FACTS))
                else:
                    self.audio.append(link.decode_binary(message))  # type: ignore[arg-type]
        except ConnectionClosed:
            return

    def order(self, kind: str, call: str = "", **data: object) -> None:
        assert self.connection is not None
        self.connection.send(link.Control(kind, call, data).encode())

    def prompt(self, key: str, pcm16: bytes) -> None:
        assert self.connection is not None
        self.connection.send(link.PromptAudio(key, pcm16).encode())

    def wait(self, kind: str, seconds: float = 5) -> link.Control:
        wait_for(lambda: any(f.kind == kind for f in self.facts), seconds, f"{kind} in {self.facts}")
        return next(f for f in self.facts if f.kind == kind)


@pytest.fixture
def brain(tmp_path: Path) -> Iterator[tuple[ScriptedBrain, str]]:
    port, sip = free_port(), f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    scripted = ScriptedBrain(port)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOLDLINE_HOME": str(tmp_path),
                   "HOLDLINE_HTTP": f"127.0.0.1:{port}", "HOLDLINE_SIP": sip, "HOLDLINE_RTP_PORTS": "39000-39099"}
    with (tmp_path / "log").open("wb") as log:
        bridge = subprocess.Popen([sys.executable, "-m", "app", "bridge"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    wait_for(lambda: scripted.connection is not None, 15, "the bridge")
    yield scripted, sip
    bridge.terminate()
    bridge.wait(8)
    scripted.server.shutdown()
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_180_183_with_early_media_and_200(brain: tuple[ScriptedBrain, str]) -> None:
    scripted, sip = brain
    caller = Caller(sip, "13800000001")
    caller.invite()
    call = scripted.wait("offered").call
    scripted.order("ring", call)
    caller.wait_status(180)
    scripted.order("ring", call, early=True)
    progress = caller.wait_status(183)
    assert re.search(r"m=audio \d+ RTP/AVP 0 101", progress)
    scripted.prompt("ab" * 32, tones.beep())
    scripted.order("play", call, key="ab" * 32, token="t1")
    scripted.wait("played")
    assert caller.rtp_packets > 25, "no early media"
    scripted.order("answer", call)
    caller.wait_status(200)
    assert [s for s in caller.statuses() if s != 100][:2] == [180, 183]
    caller.ack()
    scripted.wait("recording_started")
    wait_for(lambda: len(scripted.audio) > 5, 3, "audio")
    frames = [(a.first_frame, a.frames) for a in scripted.audio]
    assert all(first == sum(n for _, n in frames[:i]) for i, (first, _) in enumerate(frames))
    scripted.order("hang_up", call)
    caller.wait_request("BYE")
    ended = scripted.wait("ended")
    wait_for(lambda: sum(a.frames for a in scripted.audio) == ended.get("frames"), 5, "the whole tape")


def test_dial_connect_and_dtmf_through(brain: tuple[ScriptedBrain, str]) -> None:
    scripted, sip = brain
    caller, phone = Caller(sip, "13800000001"), AgentPhone()
    caller.invite()
    call = scripted.wait("offered").call
    scripted.order("answer", call)
    caller.ack()
    scripted.order("dial", call, uri=phone.uri("1001"), name="x", timeout_s=5)
    scripted.wait("agent_answered")
    time.sleep(0.3)
    assert phone.rtp_packets == 0, "the agent hears something before the connection"
    scripted.order("connect", call)
    scripted.wait("connected")
    caller.send_rtp(0.6)
    assert phone.rtp_packets >= 25
    scripted.order("record", call, on=False)
    scripted.order("drop_agent", call)
    phone.wait_request("BYE")
    caller.bye()
    assert scripted.wait("hung_up").get("leg") == "caller"


def test_nonsense_from_the_brain_is_survived(brain: tuple[ScriptedBrain, str]) -> None:
    scripted, sip = brain
    assert scripted.connection is not None
    for message in ("{", '{"v": 9}', '{"v": 1, "type": "explode"}', b"\x07", b"",
                    '{"v": 1, "type": "hang_up", "call": "%s"}' % ("0" * 32)):
        scripted.connection.send(message)
    caller = Caller(sip, "13800000001")
    caller.invite()
    scripted.order("reject", scripted.wait("offered").call, code=603, reason="Decline")
    caller.wait_status(603)
