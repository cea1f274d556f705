"""A WAV file that somebody sends, as the words in it."""

from app.domain.refusal import Invalid, RefusalCode
from app.media import wav
from app.media.resample import to_line_rate
from app.service.calls.hearing import words_of
from app.service.ports import Word
from app.web.deps import WebDeps

LONGEST_BYTES = 8_000_000


def hear_file(deps: WebDeps, data: bytes) -> tuple[Word, ...]:
    """What is said in a WAV file, by the line's own recogniser. Blocking. Raises Invalid."""
    if len(data) > LONGEST_BYTES:
        raise Invalid(RefusalCode.AUDIO, "the recording is too long")
    try:
        audio = wav.load(data)
        pcm16 = to_line_rate(audio.channel(0), audio.rate_hz)
    except (wav.WavError, ValueError) as error:
        raise Invalid(RefusalCode.AUDIO, f"the recording cannot be read: {error}") from None
    return words_of(deps.recogniser, pcm16)
