"""How well own calls are heard: errors in the words that people corrected."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.language.texts.error_rate import Errors, confusions, errors_of
from app.service.calls.queries import CorrectedUtterance
from app.service.calls.records import Utterance

#: With fewer characters a rate is chance: it is not shown.
LEAST_CHARACTERS: Final = 200
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWords:
    """One group of corrected utterances: the first final, and the text after the second pass."""

    name: str
    utterances: int = 0
    again: int = 0
    first: Errors = field(default_factory=Errors)
    revised: Errors = field(default_factory=Errors)

    @property
    def is_enough(self) -> bool:
        return self.first.characters >= LEAST_CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSentence:
    """A sentence that is still wrong, and where it is."""

    call_id: str
    utterance_id: int
    at: datetime
    side: str
    said: str
    heard: str
    wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """Groups by what heard them, by side, by day; what is confused most (said, heard, times)."""

    whole: HeardWords
    models: tuple[HeardWords, ...]
    sides: tuple[HeardWords, ...]
    days: tuple[HeardWords, ...]
    confused: tuple[tuple[str, str, int, str, int], ...]
    worst: tuple[WrongSentence, ...]


def model_names(said: Utterance) -> str:
    """``first`` or ``first + second``; empty where it was not kept (before this was known)."""
    names = (said.first_model, said.second_model if said.heard_again else "")
    return " + ".join(name for name in names if name)


def word_errors(
    corrected: Sequence[CorrectedUtterance], day_of: Callable[[datetime], date]
) -> WordErrors:
    """``day_of``: the day of a moment on the operator's calendar."""
    return WordErrors(
        whole=_group("", corrected),
        models=_groups(corrected, lambda each: model_names(each.utterance)),
        sides=_groups(corrected, lambda each: each.utterance.side),
        days=_groups(corrected, lambda each: day_of(each.started_at).isoformat())[::-1],
        confused=_confused(corrected), worst=_worst(corrected),
    )  # fmt: skip


def _groups(
    corrected: Iterable[CorrectedUtterance], name: Callable[[CorrectedUtterance], str]
) -> tuple[HeardWords, ...]:
    found: dict[str, list[CorrectedUtterance]] = {}
    for each in corrected:
        found.setdefault(name(each), []).append(each)
    return tuple(_group(key, found[key]) for key in sorted(found))


def _group(name: str, corrected: Sequence[CorrectedUtterance]) -> HeardWords:
    said = [each.utterance for each in corrected]
    return HeardWords(
        name=name, utterances=len(said), again=sum(u.heard_again for u in said),
        first=sum((errors_of(u.right_text, u.heard_first) for u in said), Errors()),
        revised=sum((errors_of(u.right_text, u.text) for u in said), Errors()),
    )  # fmt: skip


def _confused(
    corrected: Iterable[CorrectedUtterance],
) -> tuple[tuple[str, str, int, str, int], ...]:
    """With the call and the utterance of the newest example."""
    counts: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], Utterance] = {}
    for each in corrected:
        for pair, times in confusions(each.utterance.right_text, each.utterance.text).items():
            counts[pair] += times
            example.setdefault(pair, each.utterance)
    return tuple(
        (said, heard, times, example[said, heard].call_id, example[said, heard].id or 0)
        for (said, heard), times in counts.most_common(_MOST_SHOWN)
    )


def _worst(corrected: Iterable[CorrectedUtterance]) -> tuple[WrongSentence, ...]:
    found = [
        WrongSentence(
            call_id=u.call_id, utterance_id=u.id or 0, at=each.started_at, side=u.side,
            said=u.right_text, heard=u.text, wrong=errors_of(u.right_text, u.text).wrong,
        )
        for each in corrected
        for u in (each.utterance,)
    ]  # fmt: skip
    wrong = sorted((w for w in found if w.wrong), key=lambda w: -w.wrong)
    return tuple(wrong[:_MOST_SHOWN])
