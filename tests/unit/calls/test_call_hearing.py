"""Hearing both sides of a call goes on when the engine does not."""

import asyncio
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.domain.calls.ids import AGENT, CALLER
from app.link.codec import Audio
from app.media.g711 import FRAME_BYTES
from app.service.calls.call_hearing import CallHearing, Heard
from app.service.calls.hearing import Final, RecognitionGap
from app.service.ports import Content, Recogniser, RecogniserStream, Word
from tests.support.kept import present
from tests.support.live_calls import CALL


class _Stuck:
    """An engine that never comes back from its first audio."""

    name = "stuck"

    def __init__(self) -> None:
        self.release = threading.Event()

    def stream(self) -> RecogniserStream:
        return self

    def feed(self, pcm16: bytes) -> str:
        self.release.wait(60)
        return ""

    def finish(self) -> list[Word]:
        return []


class _Brain:
    """The part of the brain that hearing needs; ``sound`` replaces the engine that is stuck."""

    def __init__(self, content: Content, stuck: Recogniser, sound: Recogniser) -> None:
        self.recogniser, self.sound, self._content = stuck, sound, content
        self.pool: Executor = ThreadPoolExecutor(1)
        self.renewed = 0

    def renew_pool(self, stuck: Executor) -> None:
        if stuck is self.pool:
            self.renewed += 1
            self.recogniser = self.sound
            self.pool = ThreadPoolExecutor(1)
            stuck.shutdown(wait=False)

    def content(self) -> Content:
        return self._content

    def local(self) -> datetime:
        return datetime(2026, 3, 2, 10, 0)


def _chunks(pcm16: bytes, first: int) -> list[Audio]:
    step = 5 * FRAME_BYTES
    pcm16 += bytes(-len(pcm16) % step)
    return [Audio(CALL, first + at // FRAME_BYTES, {CALLER: pcm16[at : at + step], AGENT: bytes(step)}) for at in range(0, len(pcm16), step)]


def test_a_stalled_engine_costs_one_gap(content: Content, recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    stuck = _Stuck()
    brain = _Brain(content, stuck, recogniser)
    said = bytes(8000) + voice.speak("我要报停") + bytes(16000)

    async def run() -> tuple[list[Heard], list[Heard], list[Heard]]:
        hearing = CallHearing(brain, stalled_s=0.3)
        hearing.hear(CALLER, 0)
        hearing.hear(AGENT, 0)
        first = [h for audio in _chunks(said, 0) for h in await hearing.feed([audio])]
        frame = (len(said) + FRAME_BYTES - 1) // FRAME_BYTES // 5 * 5 + 5
        quiet = bytes(FRAME_BYTES * 200)
        again = [h for audio in _chunks(quiet, frame) for h in await hearing.feed([audio])]
        later = [h for audio in _chunks(said, frame + 200) for h in await hearing.feed([audio])]
        return first, again, [*later, *await hearing.flush(frame + 1000)]

    try:
        first, _, later = asyncio.run(run())
    finally:
        stuck.release.set()
    gaps = [h for h in first if isinstance(h.what, RecognitionGap)]
    assert {h.side for h in gaps} == {"caller", "agent"} and brain.renewed == 1
    assert all("stalled" in h.what.why for h in gaps if isinstance(h.what, RecognitionGap))
    finals = [h for h in later if isinstance(h.what, Final)]
    assert [(h.side, h.text, present(h.understanding).intent) for h in finals] == [("caller", "我要报停", "disconnect.suspend")]


def test_audio_comes_in_pieces_of_any_size(content: Content, recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    """Several messages are heard as one stretch; a missing track is silence."""
    brain = _Brain(content, recogniser, recogniser)
    said = bytes(8000) + voice.speak("我要报停") + bytes(16000)

    async def run(pieces: int) -> list[tuple[str, str]]:
        hearing = CallHearing(brain)
        hearing.hear(CALLER, 0)
        hearing.hear(AGENT, 0)
        chunks = [Audio(a.call, a.first_frame, {CALLER: a.tracks[CALLER]}) for a in _chunks(said, 0)]
        heard = [h for at in range(0, len(chunks), pieces) for h in await hearing.feed(chunks[at : at + pieces])]
        return [(h.side, h.text) for h in heard if isinstance(h.what, Final)]

    assert asyncio.run(run(1)) == asyncio.run(run(4)) == [("caller", "我要报停")]


def test_a_track_that_is_missing_is_silence_and_time_goes_on(content: Content, recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    """An agent's track ends with the leg and begins again with the next: words keep their place in the call."""
    brain = _Brain(content, recogniser, recogniser)
    said = bytes(8000) + voice.speak("我要报停") + bytes(16000)
    gap = [Audio(CALL, at, {CALLER: bytes(5 * FRAME_BYTES)}) for at in range(0, 500, 5)]
    after = [replace(audio, tracks={CALLER: bytes(5 * FRAME_BYTES), AGENT: audio.tracks[CALLER]}) for audio in _chunks(said, 500)]

    async def run() -> list[Heard]:
        hearing = CallHearing(brain)
        hearing.hear(AGENT, 0)
        return [h for audio in (*gap, *after) for h in await hearing.feed([audio])]

    (final,) = [h.what for h in asyncio.run(run()) if isinstance(h.what, Final)]
    assert 10_000 < final.start_ms < 11_500
