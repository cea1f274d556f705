"""From frames of one side to partial and final texts: voice activity gates the recogniser."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.media.g711 import FRAME_BYTES, FRAME_MS
from app.media.segments import (
    SegmentRules,
    SpeechEnded,
    SpeechSegmenter,
    SpeechStarted,
    levels,
)
from app.service.ports import Recogniser, Word

Patience = Callable[[str], int]
#: Longer stretches give the language model more to go by.
WHOLE_FILE_PAUSE_MS = 700
#: Who goes on this soon after an utterance was ended was cut short, and is given longer from then
#: on, until this many utterances in a row were whole.
CUT_SHORT_MS, SLOW_TALKER_MS, WHOLE_AGAIN = 500, 110, 4
#: Quiet after which an utterance may well be over: whoever hears it again begins with it.
PAUSE_MS = 240
_CHUNK_FRAMES = 5
#: An utterance begins at most so long before it is noticed.
_LOOKBACK_MS = 400
_FIRST_WAIT_S, _LONGEST_WAIT_S = 2, 30


@dataclass(frozen=True, slots=True)
class Partial:
    """What is understood so far of the utterance that is being spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """An utterance; times are milliseconds of the recording, words relative to ``start_ms``."""

    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    #: The utterance itself with the quiet at both ends, to be heard again.
    pcm16: bytes = field(default=b"", repr=False, compare=False)
    #: Whether nothing was said any more since the last ``Pause`` of this utterance.
    as_paused: bool = field(default=False, compare=False)
    #: The name of the model that heard it.
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """A side has just fallen silent; ``pcm16`` is the utterance so far."""

    pcm16: bytes = field(repr=False)


class LegHearing:
    """One side of a call. Blocking; used from one thread at a time.

    Only speech reaches the recogniser (silence costs as much as speech); the utterance ends by
    our own rule, and its final text is taken then. ``patience`` says how many milliseconds of
    quiet end what was said so far (longer for one who pauses); None leaves it to the rules.
    """

    def __init__(
        self, recogniser: Recogniser, first_frame: int, rules: SegmentRules | None = None,
        patience: Patience | None = None,
    ) -> None:  # fmt: skip
        self._patience = patience
        self._rules = rules or SegmentRules()
        self._segmenter = SpeechSegmenter(self._rules, first_frame)
        self._by = recogniser.name
        self._stream = recogniser.stream()
        lookback = self._rules.frames(self._rules.preroll_ms + self._rules.start_ms) + 1
        self._recent: deque[bytes] = deque(maxlen=lookback)
        self._pending: list[bytes] = []
        self._opened = first_frame
        self._ended: int | None = None
        self._slow = 0
        self._partial = ""
        self._early: list[Partial | Pause] = []
        self._audio: list[bytes] = []
        self._as_paused = False

    @property
    def frame(self) -> int:
        """The next frame that is expected."""
        return self._segmenter.frame

    @property
    def safe_frame(self) -> int:
        """Frames before this one need not be heard again."""
        return self._opened if self._segmenter.speaking else self._segmenter.frame

    @property
    def quiet_ms(self) -> int:
        """How long this side has been silent."""
        return 0 if self._segmenter.speaking else self._segmenter.quiet_frames * FRAME_MS

    @property
    def is_pausing(self) -> bool:
        """Whether this side has just fallen silent: the utterance may end any moment."""
        return self._segmenter.speaking and self._segmenter.quiet_frames > 0

    @property
    def speaking_ms(self) -> int:
        """How long this side has been speaking; 0 while it is silent."""
        frames = self._segmenter.frame - self._opened
        return frames * FRAME_MS if self._segmenter.speaking else 0

    def feed(self, first_frame: int, pcm16: bytes) -> list[Partial | Pause | Final]:
        """Take consecutive frames; those that were heard already are skipped."""
        heard: list[Partial | Pause | Final] = []
        fresh = pcm16[max(0, self.frame - first_frame) * FRAME_BYTES :]
        for number, level in enumerate(levels(fresh)):
            at = number * FRAME_BYTES
            final = self._frame(fresh[at : at + FRAME_BYTES], level)
            heard += self._early
            self._early.clear()
            if final is not None:
                heard.append(final)
        partial = self._decode()
        if partial is not None:
            heard.append(partial)
        return heard

    def flush(self) -> Final | None:
        """The rest, at the end of the call."""
        return self._finish(self._segmenter.close()) if self._segmenter.speaking else None

    def _frame(self, frame: bytes, level: float) -> Final | None:
        event = self._segmenter.feed_level(level)
        if isinstance(event, SpeechStarted):
            self._opened = event.frame
            self._learn_pace(event.frame)
            before = self._segmenter.frame - 1 - event.frame
            self._pending = list(self._recent)[-before:] if before > 0 else []
            self._audio = list(self._pending)
        if self._segmenter.speaking or isinstance(event, SpeechEnded):
            self._pending.append(frame)
            self._audio.append(frame)
            self._note_pause()
        if self._patience is not None and self._segmenter.asking:
            self._early += [partial] if (partial := self._decode()) is not None else []
            extra = SLOW_TALKER_MS if self._slow else 0
            self._segmenter.wait_ms = self._patience(self._partial) + extra
        self._recent.append(frame)
        return self._finish(event) if isinstance(event, SpeechEnded) else None

    def _note_pause(self) -> None:
        if not self._segmenter.quiet_frames:
            self._as_paused = False
        elif self._segmenter.quiet_frames == self._rules.frames(PAUSE_MS):
            self._as_paused = True
            self._early.append(Pause(b"".join(self._audio)))

    def _learn_pace(self, frame: int) -> None:
        """Whether the utterance before was ended in the middle of a sentence."""
        if self._ended is None:
            return
        cut_short = (frame - self._ended) * FRAME_MS < CUT_SHORT_MS
        self._slow = WHOLE_AGAIN if cut_short else max(0, self._slow - 1)

    def _decode(self) -> Partial | None:
        if not self._pending:
            return None
        text = self._stream.feed(b"".join(self._pending))
        self._pending = []
        if text == self._partial:
            return None
        self._partial = text
        return Partial(text)

    def _finish(self, ended: SpeechEnded) -> Final | None:
        self._decode()
        words: Sequence[Word] = self._stream.finish()
        had_partial, self._partial = bool(self._partial), ""
        self._ended = ended.last_speech_frame
        start_ms = self._opened * FRAME_MS
        end_ms = max(start_ms, ended.last_speech_frame * FRAME_MS)
        audio, self._audio = b"".join(self._audio), []
        as_paused, self._as_paused = self._as_paused, False
        if words or had_partial:
            return Final(start_ms, end_ms, tuple(words), audio, as_paused, self._by)
        return None


@dataclass(frozen=True, slots=True)
class RecognitionGap:
    """The engine failed; this side is not heard until the given frame. ``why`` is for the log."""

    until_frame: int
    why: str


class PatientHearing:
    """One side of one call that outlives its engine's faults: it waits, then begins anew.

    Blocking; used from one thread at a time. What is said in between is in the recording only.
    """

    def __init__(
        self, recogniser: Recogniser, first_frame: int, patience: Patience | None = None
    ) -> None:
        self._recogniser = recogniser
        self._patience = patience
        self._leg: LegHearing | None = None
        self._frame = first_frame
        self._again_at = first_frame
        self._faults = 0

    @property
    def frame(self) -> int:
        """The next frame that is expected."""
        return self._leg.frame if self._leg is not None else self._frame

    @property
    def safe_frame(self) -> int:
        """Frames before this one need not be heard again."""
        return self._leg.safe_frame if self._leg is not None else self._frame

    @property
    def quiet_ms(self) -> int:
        """How long this side has been silent; 0 while nobody listens."""
        return self._leg.quiet_ms if self._leg is not None else 0

    @property
    def is_pausing(self) -> bool:
        """Whether this side has just fallen silent."""
        return self._leg is not None and self._leg.is_pausing

    @property
    def speaking_ms(self) -> int:
        """How long this side has been speaking; 0 while it is silent or not heard."""
        return self._leg.speaking_ms if self._leg is not None else 0

    def feed(
        self, first_frame: int, pcm16: bytes
    ) -> list[Partial | Pause | Final | RecognitionGap]:
        """Take consecutive frames; those that were heard already are skipped."""
        end = first_frame + len(pcm16) // FRAME_BYTES
        if self._leg is None and end <= self._again_at:
            self._frame = max(self._frame, end)
            return []
        try:
            if self._leg is None:
                start = max(self._frame, first_frame)
                self._leg = LegHearing(self._recogniser, start, patience=self._patience)
            heard: list[Partial | Pause | Final | RecognitionGap] = [
                *self._leg.feed(first_frame, pcm16)
            ]
        except Exception as error:
            return [self._give_up(end, error)]
        if any(isinstance(each, Final) for each in heard):
            self._faults = 0
        return heard

    def flush(self) -> Final | RecognitionGap | None:
        """The rest, at the end of the call."""
        if self._leg is None:
            return None
        try:
            return self._leg.flush()
        except Exception as error:
            return self._give_up(self._leg.frame, error)

    def _give_up(self, frame: int, error: Exception) -> RecognitionGap:
        return self.wait(frame, f"{type(error).__name__}: {error}")

    def wait(self, frame: int, why: str, faults: int | None = None) -> RecognitionGap:
        """Hear nothing from this frame on for a while, longer with every fault (so far)."""
        self._faults = self._faults if faults is None else faults
        wait_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**self._faults)
        self._faults += 1
        self._leg = None
        self._frame = frame
        self._again_at = frame + wait_s * 1000 // FRAME_MS
        return RecognitionGap(self._again_at, why)


class _WholeSide:
    """One side of a whole file, in pieces of any length. Nobody waits: pauses may be longer."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._hearing = LegHearing(recogniser, 0, SegmentRules(end_ms=WHOLE_FILE_PAUSE_MS))
        self._rest = b""

    @property
    def safe_ms(self) -> int:
        """What comes later begins here or later."""
        return self._hearing.safe_frame * FRAME_MS - _LOOKBACK_MS

    def feed(self, pcm16: bytes) -> list[Final]:
        pcm16 = self._rest + pcm16
        whole = len(pcm16) - len(pcm16) % FRAME_BYTES
        self._rest = pcm16[whole:]
        step = _CHUNK_FRAMES * FRAME_BYTES
        heard = [
            each for at in range(0, whole, step)
            for each in self._hearing.feed(self._hearing.frame, pcm16[at : min(at + step, whole)])
        ]  # fmt: skip
        return [each for each in heard if isinstance(each, Final)]

    def flush(self) -> list[Final]:
        finals = self.feed(bytes(-len(self._rest) % FRAME_BYTES))
        last = self._hearing.flush()
        return [*finals, last] if last is not None else finals


def finals_of_sides(
    recogniser: Recogniser, pieces: Iterable[Sequence[bytes]]
) -> Iterator[tuple[int, Final]]:
    """All utterances of a file and whose they are (the number of the channel), in the order in
    which they begin. ``pieces`` have the same time of every channel; no more than one of them and
    what was said in it is held. Blocking."""
    sides: list[_WholeSide] = []
    said: list[tuple[int, int, Final]] = []
    for piece in pieces:
        sides = sides or [_WholeSide(recogniser) for _ in piece]
        for number, (side, pcm16) in enumerate(zip(sides, piece, strict=True)):
            said += [(final.start_ms, number, final) for final in side.feed(pcm16)]
        safe_ms = min(side.safe_ms for side in sides)
        yield from _in_order(each for each in said if each[0] < safe_ms)
        said = [each for each in said if each[0] >= safe_ms]
    said += [(f.start_ms, number, f) for number, side in enumerate(sides) for f in side.flush()]
    yield from _in_order(said)


def _in_order(said: Iterable[tuple[int, int, Final]]) -> Iterator[tuple[int, Final]]:
    for _, number, final in sorted(said, key=lambda each: each[:2]):
        yield number, final


def finals_of(recogniser: Recogniser, pcm16: bytes) -> Iterator[Final]:
    """All utterances of one side's whole audio. Blocking."""
    return (final for _, final in finals_of_sides(recogniser, [[pcm16]]))


def words_of(recogniser: Recogniser, pcm16: bytes) -> tuple[Word, ...]:
    """All words of one side's whole audio. Blocking."""
    return tuple(word for final in finals_of(recogniser, pcm16) for word in final.words)
