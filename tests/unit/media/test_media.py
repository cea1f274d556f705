"""G.711, RTP, jitter buffer, segments, WAV, SDP."""

import random
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media import g711, rtp, sdp, tones, wav
from app.media.g711 import FRAME_BYTES, PCMA, PCMU
from app.media.jitter import JitterBuffer
from app.media.segments import SegmentRules, SpeechEnded, SpeechSegmenter, SpeechStarted

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import audioop

ALL_SAMPLES = np.arange(-32768, 32768, dtype="<i2").tobytes()
LAWS = {PCMU: (audioop.lin2ulaw, audioop.ulaw2lin), PCMA: (audioop.lin2alaw, audioop.alaw2lin)}


@pytest.mark.parametrize("law", LAWS)
def test_g711_is_the_reference_for_every_sample_and_code(law: int) -> None:
    encode, decode = LAWS[law]
    assert g711.encode(law, ALL_SAMPLES) == encode(ALL_SAMPLES, 2)
    assert g711.decode(law, bytes(range(256))) == decode(bytes(range(256)), 2)


def test_transcoding_equals_decoding_and_encoding() -> None:
    codes = bytes(range(256))
    assert g711.transcode(PCMU, PCMU, codes) is codes
    for a, b in ((PCMU, PCMA), (PCMA, PCMU)):
        assert g711.transcode(a, b, codes) == g711.encode(b, g711.decode(a, codes))


@given(st.integers(0, 63), st.booleans(), st.integers(0, 65535), st.integers(0, 2**32 - 1),
       st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=400))
def test_rtp_round_trip(kind: int, marker: bool, seq: int, ts: int, ssrc: int, data: bytes) -> None:
    packet = rtp.RtpPacket(kind, marker, seq, ts, ssrc, data)
    assert rtp.parse(rtp.serialise(packet)) == packet


@given(st.binary(max_size=300))
def test_any_datagram_is_parsed_or_refused(datagram: bytes) -> None:
    try:
        packet = rtp.parse(datagram)
    except rtp.RtpError:
        return
    assert packet is None or packet.payload


def test_rtp_extension_padding_and_rtcp() -> None:
    head = bytes([0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])
    extension = b"\xbe\xde\x00\x01abcd"
    packet = rtp.parse(head + extension + b"xyz")
    assert packet is not None and packet.payload == b"xyz"
    padded = bytes([0xA0]) + head[1:] + b"xyz\x00\x02"
    assert rtp.parse(padded).payload == b"xyz"  # type: ignore[union-attr]
    assert rtp.parse(bytes([0x80, 200]) + bytes(20)) is None
    with pytest.raises(rtp.RtpError, match="cut short"):
        rtp.parse(head)
    with pytest.raises(rtp.RtpError, match="version 1"):
        rtp.parse(bytes([0x40]) + bytes(20))


@given(st.sampled_from(rtp.DIGITS), st.booleans(), st.integers(0, 65535))
def test_telephone_event_round_trip(digit: str, end: bool, duration: int) -> None:
    event = rtp.TelephoneEvent(digit, end, duration)
    assert rtp.parse_event(rtp.serialise_event(event)) == event
    assert rtp.parse_event(b"\x20\x00\x00\x00") is None


def _drain(buffer: JitterBuffer, ticks: int) -> list[bytes]:
    return [p for p in (buffer.pop() for _ in range(ticks)) if p is not None]


@given(st.integers(0, 65535), st.randoms(use_true_random=False))
def test_reordered_and_doubled_packets_come_out_once_in_order(first: int, rng: random.Random) -> None:
    buffer = JitterBuffer()
    got: list[bytes] = []
    sent = [bytes([n]) for n in range(60)]
    for group in range(0, 60, 3):
        burst = list(range(group, group + 3)) + [group]
        rng.shuffle(burst)
        for n in burst:
            buffer.put((first + n) % 65536, sent[n])
        got += _drain(buffer, 3)
    got += _drain(buffer, 10)
    assert [p for p in got if p in sent] == sorted(got)
    assert len(set(got)) == len(got) >= 57


def test_loss_makes_a_hole_and_a_jump_starts_anew() -> None:
    buffer = JitterBuffer()
    for n in (0, 1, 2, 4, 5):
        buffer.put(n, bytes([n]))
    assert [buffer.pop() for _ in range(6)] == [b"\0", b"\1", b"\2", None, b"\4", b"\5"]
    assert buffer.lost == 1
    buffer.put(6, b"6")
    buffer.put(5000, b"x")
    assert buffer.resyncs == 1 and len(buffer) == 1


def test_the_buffer_is_bounded() -> None:
    buffer = JitterBuffer()
    for n in range(5000):
        buffer.put(n, b"x")
        assert len(buffer) <= buffer.limit + 1
    assert buffer.trimmed > 0


def _frames(pcm16: bytes) -> list[bytes]:
    return [pcm16[i : i + FRAME_BYTES] for i in range(0, len(pcm16) - FRAME_BYTES + 1, FRAME_BYTES)]


def _noise(ms: int, level: int) -> bytes:
    rng = np.random.default_rng(5)
    return (rng.standard_normal(8 * ms) * level).astype("<i2").tobytes()


@pytest.mark.parametrize("level", [2, 40])
def test_speech_is_cut_out_of_quiet_and_of_line_noise(level: int) -> None:
    rules = SegmentRules()
    segmenter = SpeechSegmenter(rules)
    audio = _noise(1000, level) + _noise(800, 3000) + _noise(1000, level)
    events = [(n, e) for n, f in enumerate(_frames(audio)) if (e := segmenter.feed(f))]
    (_, started), (at, ended) = events
    assert isinstance(started, SpeechStarted) and isinstance(ended, SpeechEnded)
    assert started.frame * 20 == pytest.approx(1000 - rules.preroll_ms, abs=40)
    assert ended.last_speech_frame * 20 == pytest.approx(1800, abs=40)
    assert (at + 1) * 20 == pytest.approx(1800 + rules.end_ms, abs=40)


def test_endless_speech_is_cut() -> None:
    segmenter = SpeechSegmenter(SegmentRules(max_ms=1000))
    events = [e for f in _frames(_noise(3000, 3000)) if (e := segmenter.feed(f))]
    assert sum(isinstance(e, SpeechEnded) for e in events) == 3
    with pytest.raises(ValueError, match="320"):
        segmenter.feed(b"x")


def test_wav_round_trip_and_channels() -> None:
    left, right = np.arange(5, dtype="<i2"), np.arange(5, 10, dtype="<i2")
    audio = wav.WavAudio(8000, 2, np.stack((left, right), 1).tobytes())
    again = wav.load(wav.dump(audio))
    assert again == audio
    assert again.channel(1) == right.tobytes()


def test_a_wav_that_a_crash_left_behind_is_readable() -> None:
    audio = wav.WavAudio(8000, 2, bytes(4000))
    torn = wav.header(0, 2) + audio.pcm16 + b"\1"
    assert len(wav.load(torn).pcm16) == 4000


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a wav file at all", wav.header(0, 1)[:30],
                                  wav.header(0, 1).replace(b"\x10\x00data", b"\x08\x00data")])
def test_bad_wav_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(wav.WavError, match="expected"):
        wav.load(data)


OFFER = ("v=0\r\no=a 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
         "m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
         "m=video 4002 RTP/AVP 96\r\n")


def test_sdp_answer_keeps_the_lines_of_the_offer() -> None:
    session = sdp.parse(OFFER)
    assert (session.audio.choose(), session.audio.event_type) == (PCMA, 101)
    answer = sdp.answer(session, "127.0.0.1", 5000)
    assert "m=audio 5000 RTP/AVP 8 101" in answer and "m=video 0 RTP/AVP 96" in answer
    assert sdp.parse(answer).audio.port == 5000


@pytest.mark.parametrize(("direction", "expected", "held"), [
    ("sendonly", "recvonly", True), ("inactive", "inactive", True), ("sendrecv", "sendrecv", False)])
def test_sdp_hold(direction: str, expected: str, held: bool) -> None:
    session = sdp.parse(OFFER.replace("m=video", f"a={direction}\r\nm=video"))
    assert session.audio.on_hold is held
    assert f"a={expected}" in sdp.answer(session, "127.0.0.1", 1)


@pytest.mark.parametrize("text", [
    "", "m=audio", OFFER.replace("18 8 0", "18"), OFFER.replace("RTP/AVP 18", "RTP/SAVP 18"),
    OFFER.replace("IP4 10.0.0.1\r\nt", "IP4 example.org\r\nt"), OFFER.replace("4000", "99999")])
def test_sdp_that_cannot_be_answered(text: str) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_an_sdp_or_refused(text: str) -> None:
    try:
        sdp.parse(text)
    except sdp.SdpError:
        return


def test_tones_have_their_length() -> None:
    assert len(tones.ringback()) == 5 * 16000
    assert len(tones.beep()) == 16 * 610
    assert len(tones.music()) > 10 * 16000
