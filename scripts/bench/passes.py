"""Both passes over the same speech, as a call hears it: the first final, and what the second makes of it.

The second pass is the application's own: its worker with Whisper, and the fusion of the two hearings.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from app.domain.calls.ids import CALLER
from app.language.knowledge.scoring import LabelledUtterance
from app.language.texts.error_rate import Errors, errors_of
from app.language.understanding.decisions import DISCONNECT
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.patience import patience_ms
from app.language.understanding.understood import Situation, Understanding
from app.media.g711 import FRAME_BYTES
from app.service.calls.call_hearing import Heard
from app.service.calls.hearing import Final, LegHearing
from app.service.calls.reheard import FirstHearing, revised
from app.service.ports import Recogniser, Word
from app.service.second_pass import Reheard, SecondPass, Urgency
from scripts.bench.processes import usage

_BYTES_A_SECOND = 16_000
_CHUNK = 3 * FRAME_BYTES
#: Kinds of a disconnect that ask for nothing.
_NO_WISH = ("negated", "enquiry")
_PASSES = ("first", "revised")
HEAD = (
    "| speech | utterances | pass | toneless | CER | family right (from the text) | first FAQ as for the text | false stops | stops lost |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


class Case(NamedTuple):
    """What is said, by whom, in which state of the conversation, and how it sounds (PCM16)."""

    row: LabelledUtterance
    voice: str
    expecting: str
    pcm16: bytes


class Hearing(NamedTuple):
    """The finals of one pass."""

    text: str
    finals: tuple[Understanding, ...]

    @property
    def meant(self) -> Understanding | None:
        """The first final that means something."""
        told = [each for each in self.finals if each.family != "none" or each.faq]
        return next(iter([*told, *self.finals]), None)


class Twice(NamedTuple):
    """Both hearings of one case, and the second pass's own words with their score."""

    first: Hearing
    revised: Hearing
    reheard: tuple[Reheard, ...] = ()


def is_stop(heard: Understanding) -> bool:
    """Whether it would be acted on as a wish to stop."""
    return heard.family == DISCONNECT and heard.action == "act" and heard.kind not in _NO_WISH


def _joined(words: Iterable[Word]) -> str:
    return "".join(word.word for word in words)


class Listener:
    """Hears cases by both passes; ``second`` None: by the first alone."""

    def __init__(
        self, first: Recogniser, second: SecondPass | None, engine: UnderstandingEngine
    ) -> None:
        self._first, self._second, self._engine = first, second, engine
        self._known: dict[bytes, Reheard | None] = {}
        #: CPU seconds of the first pass, and seconds of audio and of speech.
        self.first_cpu_s = self.audio_s = self.speech_s = 0.0

    def hear(self, case: Case) -> Twice:
        """Blocking."""
        finals = self._finals(case.pcm16)
        heard = [self._understood(final, case.expecting) for final in finals if final.words]
        told = tuple(each.understanding for each in heard if each.understanding is not None)
        first = Hearing("".join(each.text for each in heard), told)
        if self._second is None:
            return Twice(first, first)
        return self._again(self._second, first, heard)

    def _finals(self, pcm16: bytes) -> list[Final]:
        """As a call hears them: in small pieces, ended by the same rules."""
        began = time.process_time()
        hearing = LegHearing(self._first, 0, patience=lambda text: patience_ms(self._engine, text))
        pcm16 += bytes(-len(pcm16) % FRAME_BYTES)
        found = []
        for at in range(0, len(pcm16), _CHUNK):
            piece = hearing.feed(at // FRAME_BYTES, pcm16[at : at + _CHUNK])
            found += [each for each in piece if isinstance(each, Final)]
        last = hearing.flush()
        self.first_cpu_s += time.process_time() - began
        self.audio_s += len(pcm16) / _BYTES_A_SECOND
        return [*found, *([last] if last is not None else [])]

    def _understood(self, final: Final, expecting: str) -> Heard:
        situation = Situation(None, expecting, fmean(word.confidence for word in final.words))
        understood = self._engine.understand(_joined(final.words), situation)
        return Heard(CALLER, final, understood, situation=situation)

    def _again(self, second: SecondPass, first: Hearing, heard: Sequence[Heard]) -> Twice:
        text, told, reheard = "", [], []
        for each in heard:
            assert isinstance(each.what, Final)
            again = self._reheard(second, each.what.pcm16)
            words, understood = each.what.words, each.understanding
            if again is not None:
                reheard.append(again)
            if again is not None and again.text:
                before = FirstHearing(
                    words=words,
                    spoken_ms=each.what.end_ms - each.what.start_ms,
                    understanding=understood,
                    situation=each.situation,
                )
                revision = revised(self._engine, before, again)
                words, understood = revision.words, revision.understanding
            text += _joined(words)
            told += [understood] if understood is not None else []
        return Twice(first, Hearing(text, tuple(told)), tuple(reheard))

    def _reheard(self, second: SecondPass, pcm16: bytes) -> Reheard | None:
        """The same audio only once: the states of a conversation differ in what it means."""
        if pcm16 not in self._known:
            self.speech_s += len(pcm16) / _BYTES_A_SECOND
            self._known[pcm16] = second.hear(pcm16, Urgency.LATER).result()
        return self._known[pcm16]


@dataclass(slots=True)
class Score:
    """Sums over the utterances of one pass."""

    count: int = 0
    errors: Errors = field(default_factory=Errors)
    right: int = 0
    right_from_text: int = 0
    asked: int = 0
    answered: int = 0
    false_stops: list[str] = field(default_factory=list)
    stops: int = 0
    stops_lost: int = 0

    def add(self, case: Case, text: Understanding, heard: Hearing) -> None:
        """``text``: what is understood of the text itself in the same state."""
        meant = heard.meant
        self.count += 1
        self.errors += errors_of(case.row.text, heard.text)
        self.right_from_text += text.family == case.row.family
        self.right += meant is not None and meant.family == case.row.family
        if text.faq:
            self.asked += 1
            self.answered += any(
                each.faq and each.faq[0].id == text.faq[0].id for each in heard.finals
            )
        self._stops(case, heard)

    def _stops(self, case: Case, heard: Hearing) -> None:
        wants = case.row.family == DISCONNECT and case.row.kind not in _NO_WISH
        stopped = any(is_stop(each) for each in heard.finals)
        if stopped and not wants:
            self.false_stops.append(f"{case.row.text} -> {heard.text}")
        self.stops += wants
        self.stops_lost += wants and not any(each.family == DISCONNECT for each in heard.finals)

    def cells(self) -> str:
        count = max(1, self.count)
        faq = f"{self.answered / self.asked:.3f}" if self.asked else "-"
        return (
            f"{self.errors.toneless:.3f} | {self.errors.cer:.3f} | "
            f"{self.right / count:.3f} ({self.right_from_text / count:.3f}) | {faq} | "
            f"{len(self.false_stops)} | {self.stops_lost} of {self.stops}"
        )


class Table:
    """Rows by what was spoken; printed as it goes."""

    def __init__(self, engine: UnderstandingEngine, say: Callable[[str], None] = print) -> None:
        self._engine, self._say = engine, say
        say(HEAD)

    def rows(self, name: str, heard: Sequence[tuple[Case, Twice]]) -> None:
        """One line a pass; what was stopped without being wanted is told below."""
        first, again = Score(), Score()
        for case, twice in heard:
            text = self._engine.understand(case.row.text, Situation(None, case.expecting))
            first.add(case, text, twice.first)
            again.add(case, text, twice.revised)
        for what, score in zip(_PASSES, (first, again), strict=True):
            self._say(f"| {name} | {score.count} | {what} | {score.cells()} |")
        self.false_stops = [*first.false_stops, *again.false_stops]


def by_voice(heard: Sequence[tuple[Case, Twice]]) -> Iterator[tuple[str, list[tuple[Case, Twice]]]]:
    """The same, a voice at a time."""
    for name in dict.fromkeys(case.voice for case, _ in heard):
        yield name, [each for each in heard if each[0].voice == name]


def worker_cost(pid: int) -> tuple[float, int]:
    """CPU seconds and MB at most of a process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return usage(pid).cpu_s, int(peak.split()[1]) // 1024
