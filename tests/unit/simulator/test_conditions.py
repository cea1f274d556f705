"""How simulated callers speak, and over what."""

import socket

import numpy as np
import pytest

from app.adapters.voice.accents import ACCENTS, accented
from app.media.g711 import RATE_HZ
from app.simulator import conditions
from app.simulator.lossy_socket import LossySocket


def _speech() -> bytes:
    at = np.arange(2 * RATE_HZ) / RATE_HZ
    return bytes((8000 * np.sin(2 * np.pi * 220 * at) * (1 + np.sin(2 * np.pi * 3 * at)) / 2).astype("<i2").tobytes())


def _level(pcm16: bytes) -> float:
    return float(np.sqrt((np.frombuffer(pcm16, "<i2").astype(float) ** 2).mean()))


def _pitch_hz(pcm16: bytes) -> float:
    samples = np.frombuffer(pcm16, "<i2").astype(float)
    return float(np.abs(np.fft.rfft(samples)).argmax()) * RATE_HZ / len(samples)


def test_a_hasty_caller_needs_less_time_at_the_same_pitch() -> None:
    said = conditions.spoken(_speech(), ["hasty"])
    assert len(said) < 0.8 * len(_speech()) and abs(_pitch_hz(said) - 220) < 10


def test_an_old_caller_is_slower_and_deeper() -> None:
    said = conditions.spoken(_speech(), ["old"])
    assert 1.1 < len(said) / len(_speech()) < 1.3 and 180 < _pitch_hz(said) < 205


def test_level_clipping_and_echo() -> None:
    speech = _speech()
    assert _level(conditions.spoken(speech, ["quiet"])) == pytest.approx(_level(speech) / 10, rel=0.01)
    clipped = np.frombuffer(conditions.spoken(speech, ["clipped"]), "<i2")
    assert np.abs(clipped).max() <= 8001 and (np.abs(clipped) > 7990).mean() > 0.2
    echo = conditions.spoken(speech, ["echo"])
    tail = np.frombuffer(echo, "<i2")[len(speech) // 2 :]
    assert len(echo) > len(speech) and np.abs(tail).max() > 200


@pytest.mark.parametrize("name", ["noise", "street"])
def test_a_room_is_so_far_below_the_voice(name: str) -> None:
    room = conditions.room(_speech(), [name])
    assert 20 * np.log10(_level(room) / _level(_speech())) == pytest.approx(-14, abs=0.5)
    assert conditions.spoken(_speech(), [name]) == _speech() and conditions.room(_speech(), ["hasty"]) == b""


@pytest.mark.parametrize("name", conditions.NAMES)
@pytest.mark.parametrize("pcm16", [b"", bytes(2), bytes(3200), b"\xff\x7f" * 4000])
def test_nothing_much_is_no_fault(name: str, pcm16: bytes) -> None:
    assert len(conditions.spoken(pcm16, [name])) % 2 == 0
    assert len(conditions.room(pcm16, [name])) % 2 == 0


def test_packets_are_lost_at_the_socket_and_the_rest_arrives() -> None:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(1)
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    with LossySocket(bound, 0.25) as lossy, receiver:
        for number in range(100):
            assert lossy.sendto(bytes([number]), receiver.getsockname()) == 1
        came = 0
        try:
            while receiver.recv(16):
                came += 1
        except TimeoutError:
            pass
    assert 60 <= came <= 90


@pytest.mark.parametrize(("accent", "symbols", "instead"), [
    ("n-l", "ni↓xau↓", "li↓xau↓"),
    ("n-l", "fa↘n", "fa↘n"),
    ("zh-z", "ꭧʰɨ→fa↘n ʂau↓", "ʦʰɨ→fa↘n sau↓"),
    ("f-h", "fa↗ŋʦɨ", "xwa↗ŋʦɨ"),
])
def test_accents_change_initials_and_nothing_else(accent: str, symbols: str, instead: str) -> None:
    """你好, 饭, 吃饭少, 房子 as the synthesiser's own reading gives them."""
    assert accented(symbols, [accent]) == instead
    assert accented("an↘ai↘", list(ACCENTS)) == "an↘ai↘"
