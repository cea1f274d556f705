"""One bridge against a scripted brain: orders out, facts in, early media, a link that breaks the rules."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from app.domain.calls.ids import AGENT, CALLER, CallId, LegId
from app.domain.calls.modes import Mode, matrix
from app.link import codec
from app.link import messages as link
from app.media import tones
from tests.support.hotline import ROOT
from tests.support.servers import free_port, wait_for
from tests.support.sip import AgentPhone, Caller

F = TypeVar("F")
SECOND = LegId("agent-2")


class ScriptedBrain:
    """Accepts the bridge, remembers its facts and audio, sends what a test says."""

    def __init__(self, port: int) -> None:
        self.facts: list[link.Fact] = []
        self.audio: list[codec.Audio] = []
        self.connection: ServerConnection | None = None
        self.server: Server = serve(self._serve, "127.0.0.1", port, compression=None)
        import threading
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _serve(self, connection: ServerConnection) -> None:
        connection.recv()
        connection.send(codec.encode(link.Welcome()))
        self.connection = connection
        try:
            for message in connection:
                if isinstance(message, str):
                    self.facts.append(codec.decode_fact(message))
                else:
                    self.audio += codec.decode_binary(message)  # type: ignore[arg-type]
        except ConnectionClosed:
            return

    def order(self, order: link.Order) -> None:
        assert self.connection is not None
        self.connection.send(codec.encode(order))

    def prompt(self, key: str, pcm16: bytes) -> None:
        assert self.connection is not None
        self.connection.send(codec.encode_prompt(codec.PromptAudio(key, pcm16)))

    def wait(self, kind: type[F], seconds: float = 5) -> F:
        wait_for(lambda: any(isinstance(f, kind) for f in self.facts), seconds, f"{kind} in {self.facts}")
        return next(f for f in self.facts if isinstance(f, kind))


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
    call = scripted.wait(link.Offered).call
    scripted.order(link.Ring(call=call))
    caller.wait_status(180)
    scripted.order(link.Ring(call=call, early=True))
    progress = caller.wait_status(183)
    assert re.search(r"m=audio \d+ RTP/AVP 0 101", progress)
    scripted.prompt("ab" * 32, tones.beep())
    scripted.order(link.Play(call=call, key="ab" * 32, token="t1"))
    scripted.wait(link.PromptPlayed)
    assert caller.rtp_packets > 25, "no early media"
    scripted.order(link.Answer(call=call))
    caller.wait_status(200)
    assert [s for s in caller.statuses() if s != 100][:2] == [180, 183]
    caller.ack()
    scripted.wait(link.RecordingStarted)
    wait_for(lambda: len(scripted.audio) > 5, 3, "audio")
    frames = [(a.first_frame, a.frames) for a in scripted.audio]
    assert all(first == sum(n for _, n in frames[:i]) for i, (first, _) in enumerate(frames))
    scripted.order(link.HangUp(call=call))
    caller.wait_request("BYE")
    ended = scripted.wait(link.Ended)
    wait_for(lambda: sum(a.frames for a in scripted.audio) == ended.summary.frames, 5, "the whole tape")


def test_dial_connect_and_dtmf_through(brain: tuple[ScriptedBrain, str]) -> None:
    scripted, sip = brain
    caller, phone = Caller(sip, "13800000001"), AgentPhone()
    caller.invite()
    call = scripted.wait(link.Offered).call
    scripted.order(link.Answer(call=call))
    caller.ack()
    scripted.order(link.Dial(call=call, leg=AGENT, uri=phone.uri("1001"), name="x", timeout_s=5))
    scripted.wait(link.LegAnswered)
    time.sleep(0.3)
    assert phone.rtp_packets == 0, "the agent hears something before the connection"
    scripted.order(link.Connect(call=call, hears={CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}))
    scripted.wait(link.Connected)
    caller.send_rtp(0.6)
    assert phone.rtp_packets >= 25
    scripted.order(link.Record(call=call, on=False))
    scripted.order(link.DropLeg(call=call, leg=AGENT))
    phone.wait_request("BYE")
    caller.bye()
    assert scripted.wait(link.LegHungUp).leg == CALLER


def _all_speak(seconds: float, *speaking: tuple[Caller | AgentPhone, int]) -> None:
    with ThreadPoolExecutor(len(speaking)) as mouths:
        for done in [mouths.submit(phone.send_tone, seconds, hz) for phone, hz in speaking]:
            done.result()


def test_a_call_of_three_and_a_whisper(brain: tuple[ScriptedBrain, str]) -> None:
    """Caller and two agents' phones, over real SIP and RTP: all hear the other two; a whisper reaches one only."""
    scripted, sip = brain
    caller, agent, second = Caller(sip, "13800000001"), AgentPhone(), AgentPhone()
    caller.invite()
    call = scripted.wait(link.Offered).call
    scripted.order(link.Answer(call=call))
    caller.ack()
    scripted.order(link.Dial(call=call, leg=AGENT, uri=agent.uri("1001")))
    scripted.order(link.Dial(call=call, leg=SECOND, uri=second.uri("1002")))
    wait_for(lambda: {f.leg for f in scripted.facts if isinstance(f, link.LegAnswered)} == {AGENT, SECOND}, 5, "both phones")
    tones = {CALLER: 450, AGENT: 1000, SECOND: 2500}
    phones: dict[LegId, Caller | AgentPhone] = {CALLER: caller, AGENT: agent, SECOND: second}
    everyone = [(phones[leg], hz) for leg, hz in tones.items()]
    for mode in (Mode.WHISPER, Mode.BARGE):
        hears = matrix(mode, CALLER, AGENT, SECOND)
        scripted.order(link.Connect(call=call, hears=hears))
        wait_for(lambda: any(isinstance(f, link.Connected) and f.hears == hears for f in scripted.facts), 5, "the matrix")  # noqa: B023
        _all_speak(2, *everyone)
        for listener, phone in phones.items():
            for speaker, hz in tones.items():
                level = phone.level_db(hz)
                if speaker in hears[listener]:
                    assert level > -6, (mode, listener, speaker, level)
                elif speaker != listener:
                    assert level < -40, (mode, listener, speaker, level)
    assert set(scripted.audio[-1].tracks) >= set(tones)
    second.bye()
    assert scripted.wait(link.LegHungUp).leg == SECOND
    _all_speak(1.5, *everyone[:2])
    assert caller.level_db(1000) > -6 and caller.level_db(2500) < -40 and agent.level_db(450) > -6
    scripted.order(link.HangUp(call=call))
    caller.wait_request("BYE")
    agent.wait_request("BYE")
    assert scripted.wait(link.Ended).summary.right in (AGENT, SECOND)


def test_nonsense_from_the_brain_is_survived(brain: tuple[ScriptedBrain, str]) -> None:
    scripted, sip = brain
    assert scripted.connection is not None
    for message in ("{", '{"v": 9}', '{"v": 2, "type": "explode"}', b"\x07", b"", '{"v": 2, "type": "dial"}',
                    '{"v": 1, "type": "hang_up"}', codec.encode(link.HangUp(call=CallId("0" * 32)))):
        scripted.connection.send(message)
    caller = Caller(sip, "13800000001")
    caller.invite()
    scripted.order(link.Reject(call=scripted.wait(link.Offered).call, code=603, reason="Decline"))
    caller.wait_status(603)
