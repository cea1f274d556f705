"""Hearing with the real recogniser on real synthetic speech: finals, times, two streams, restart."""

import pytest

from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.language.understanding.patience import (
    DICTATING_MS,
    OPEN_MS,
    ORDINARY_MS,
    WHOLE_MS,
    patience_ms,
)
from app.media.g711 import FRAME_BYTES
from app.service.calls.hearing import Final, LegHearing, Partial, Pause
from app.service.ports import Content

SENTENCES = ("我要报停", "太贵了", "我家电视没信号")
GAP_MS = 900


def _audio(voice: EspeakSynthesiser) -> tuple[bytes, list[tuple[int, int]]]:
    audio, spans = bytes(16 * 600), []
    for sentence in SENTENCES:
        said = voice.speak(sentence)
        said = said[: len(said) - len(said) % FRAME_BYTES]
        spans.append((len(audio) // 16, (len(audio) + len(said)) // 16))
        audio += said + bytes(16 * GAP_MS)
    return audio, spans


def _run(hearing: LegHearing, audio: bytes, first: int = 0, chunk: int = 3) -> list[Partial | Pause | Final]:
    heard: list[Partial | Pause | Final] = []
    for at in range(first * FRAME_BYTES, len(audio), chunk * FRAME_BYTES):
        heard += hearing.feed(at // FRAME_BYTES, audio[at : at + chunk * FRAME_BYTES])
    return heard


def _text(final: Final) -> str:
    return "".join(word.word for word in final.words)


def test_finals_with_times(recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    audio, spans = _audio(voice)
    heard = _run(LegHearing(recogniser, 0), audio)
    finals = [h for h in heard if isinstance(h, Final)]
    assert [_text(f) for f in finals] == list(SENTENCES)
    for final, (start, end) in zip(finals, spans, strict=True):
        assert start - 300 <= final.start_ms <= start + 200
        assert end - 250 <= final.end_ms <= end + 100
        assert all(0 <= w.start <= w.end <= (end - start) / 1000 + 1 for w in final.words)
        assert all(0 < w.confidence <= 1 for w in final.words)
    partials = [h.text for h in heard if isinstance(h, Partial)]
    assert any(p and "我家电视没信号".startswith(p) for p in partials)


def test_chunk_size_does_not_matter(recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    audio, _ = _audio(voice)
    texts = []
    for chunk in (1, 5, 50):
        hearing = LegHearing(recogniser, 0)
        finals = [h for h in _run(hearing, audio, chunk=chunk) if isinstance(h, Final)]
        texts.append([(_text(f), f.start_ms) for f in finals])
    assert texts[0] == texts[1] == texts[2]


def test_after_a_restart_hearing_goes_on_where_words_end(
    recogniser: VoskRecogniser, voice: EspeakSynthesiser
) -> None:
    audio, spans = _audio(voice)
    first = LegHearing(recogniser, 0)
    cut = (spans[1][0] + 200) // 20  # in the middle of the second sentence
    before = [h for h in _run(first, audio[: cut * FRAME_BYTES], chunk=1) if isinstance(h, Final)]
    assert [_text(f) for f in before] == ["我要报停"]
    again = LegHearing(recogniser, first.safe_frame)
    after = [h for h in _run(again, audio, first=first.safe_frame - 40) if isinstance(h, Final)]
    assert [_text(f) for f in after] == ["太贵了", "我家电视没信号"]


def test_silence_never_reaches_the_recogniser(recogniser: VoskRecogniser) -> None:
    hearing = LegHearing(recogniser, 0)
    assert _run(hearing, bytes(FRAME_BYTES * 500)) == []
    assert hearing.quiet_ms == 10_000 and hearing.flush() is None


def test_the_end_of_a_call_ends_the_utterance(
    recogniser: VoskRecogniser, voice: EspeakSynthesiser
) -> None:
    said = voice.speak("我要报停")
    hearing = LegHearing(recogniser, 0)
    assert not [h for h in _run(hearing, said[: len(said) // 320 * 320]) if isinstance(h, Final)]
    last = hearing.flush()
    assert last is not None and _text(last) == "我要报停"


@pytest.mark.parametrize(("text", "wait"), [
    ("我要报停", WHOLE_MS), ("我的电话是一三八零零", DICTATING_MS), ("一三八零零一三八零零零", ORDINARY_MS), ("因为", OPEN_MS), ("", ORDINARY_MS),
    ("我想", OPEN_MS), ("阿姨的花开了", ORDINARY_MS)])
def test_how_long_to_wait(content: Content, text: str, wait: int) -> None:
    assert patience_ms(content.engine, text) == wait


def test_a_whole_sentence_ends_sooner_and_dictation_later(recogniser: VoskRecogniser, voice: EspeakSynthesiser, content: Content) -> None:
    def patience(text: str) -> int:
        return patience_ms(content.engine, text)

    def frames_after(text: str) -> int:
        """From the end of the audio to the final, counted in audio."""
        said = voice.speak(text)
        speech = bytes(16000) + said[: len(said) - len(said) % FRAME_BYTES]
        hearing = LegHearing(recogniser, 0, patience=patience)
        for at in range(0, len(speech) + 32000, FRAME_BYTES):
            frame = (speech + bytes(32000))[at : at + FRAME_BYTES]
            finals = [h for h in hearing.feed(at // FRAME_BYTES, frame) if isinstance(h, Final)]
            if finals:
                return finals[0].end_ms and at // FRAME_BYTES - finals[0].end_ms // 20
        raise AssertionError("no final")

    assert frames_after("我要报停") * 20 <= 260
    assert frames_after("我的电话是一三八零零") * 20 >= 800


def test_a_number_in_two_breaths_is_one_utterance(recogniser: VoskRecogniser, voice: EspeakSynthesiser, content: Content) -> None:
    parts = [voice.speak(text) for text in ("我的电话是一三八", "零零一三八", "零零零零")]
    audio = bytes(16000) + b"".join(part[: len(part) - len(part) % FRAME_BYTES] + bytes(16 * 560) for part in parts) + bytes(32000)
    hearing = LegHearing(recogniser, 0, patience=lambda text: patience_ms(content.engine, text))
    finals = [h for h in _run(hearing, audio) if isinstance(h, Final)]
    assert len(finals) == 1 and _text(finals[0]).endswith("零零零零"), [_text(f) for f in finals]


def test_who_is_cut_short_is_given_longer(recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    """Three parts with pauses of 320 ms: the first is cut at 250 ms, then the speaker is known to pause."""
    pause = bytes(16 * 320 - 16 * 320 % FRAME_BYTES)
    parts = [voice.speak(text).rstrip(b"\0") for text in ("我要报停", "太贵了", "我家电视没信号")]
    audio = bytes(16 * 600) + pause.join(part + bytes(-len(part) % FRAME_BYTES) for part in parts) + bytes(16 * 900)
    audio += bytes(-len(audio) % FRAME_BYTES)
    hearing = LegHearing(recogniser, 0, patience=lambda _: ORDINARY_MS)
    finals = [h for h in _run(hearing, audio) if isinstance(h, Final)]
    assert [_text(f) for f in finals] == ["我要报停", "太贵了我家电视没信号"]


def test_a_pause_and_the_final_hold_the_audio_to_be_heard_again(recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    audio, spans = _audio(voice)
    heard = [h for h in _run(LegHearing(recogniser, 0), audio) if not isinstance(h, Partial)]
    finals = [h for h in heard if isinstance(h, Final)]
    for final in finals:
        begin = final.start_ms * 16
        assert final.pcm16 == audio[begin : begin + len(final.pcm16)], "the very audio, from its first frame"
        paused = [h for h in heard[: heard.index(final)] if isinstance(h, Pause) and final.pcm16.startswith(h.pcm16)]
        assert bool(paused) == final.as_paused
    assert any(final.as_paused for final in finals) and len(finals) == len(spans)


def test_who_goes_on_after_a_pause_has_not_finished(recogniser: VoskRecogniser, voice: EspeakSynthesiser) -> None:
    said = voice.speak("我家电视没信号")
    said = said[: len(said) - len(said) % FRAME_BYTES]
    audio = bytes(9600) + said + bytes(16 * 280) + said + bytes(16 * 900)
    heard = _run(LegHearing(recogniser, 0, patience=lambda _: 600), audio)
    pauses = [h for h in heard if isinstance(h, Pause)]
    finals = [h for h in heard if isinstance(h, Final)]
    assert len(finals) == 1 and len(pauses) >= 2 and finals[0].as_paused
    assert len(pauses[-1].pcm16) > len(pauses[0].pcm16) + len(said) // 2
