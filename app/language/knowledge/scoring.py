"""How well understanding does on labelled utterances: the figures of tests.csv."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.language.knowledge.noise import Noise
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.understood import Situation

WISHES = frozenset({"suspend", "cancel", "switch"})


@dataclass(frozen=True, slots=True)
class LabelledUtterance:
    """What a caller says and what is meant; ``faq`` is empty where no entry is the answer, and
    holds several ids, the best first, where each is a full answer (``a|b``)."""

    text: str
    family: str
    kind: str
    faq: str = ""
    #: What was asked before it, as a section of the short replies; empty: nothing.
    expecting: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """The entries that answer it."""
        return tuple(self.faq.split("|")) if self.faq else ()

    def answered_by(self, entry: str) -> bool:
        return entry in self.answers

    @property
    def wish(self) -> bool:
        """Whether the caller wants to stop (not: asks about it, denies it)."""
        return self.family == "disconnect" and self.kind in WISHES


@dataclass(frozen=True, slots=True)
class Verdict:
    """One labelled utterance as it was understood; ``said`` is the text with its noise.

    ``first``: the best FAQ entry with its probability, shown or not.
    """

    row: LabelledUtterance
    said: str
    intent: str
    action: str
    confidence: float
    ranked: tuple[str, ...] = ()
    first_score: float = 0.0

    @property
    def family_right(self) -> bool:
        return self.intent.partition(".")[0] == self.row.family

    @property
    def false_disconnect(self) -> bool:
        family, _, kind = self.intent.partition(".")
        acts = family == "disconnect" and self.action == "act" and kind in WISHES
        return acts and not self.row.wish

    @property
    def lost_disconnect(self) -> bool:
        return self.row.wish and not self.intent.startswith("disconnect.")

    @property
    def right(self) -> bool:
        """Whether the family is right and, if an entry is the answer, that entry came first."""
        return self.family_right and self.answered_in(1) and not self.false_disconnect

    def answered_in(self, first: int) -> bool:
        """Whether one of the first entries is an answer, or none is wanted."""
        return not self.row.faq or any(map(self.row.answered_by, self.ranked[:first]))


@dataclass(slots=True)
class Score:
    """Shares are 0 to 1. ``false_disconnects`` and ``lost_disconnects`` hold the texts.

    ``calibration_error``: of the FAQ's confidence (expected calibration error, ten bins).
    """

    utterances: int = 0
    family_f1: dict[str, float] = field(default_factory=dict)
    false_disconnects: list[str] = field(default_factory=list)
    lost_disconnects: list[str] = field(default_factory=list)
    no_wishes: int = 0
    faq_top1: float = 0.0
    faq_top3: float = 0.0
    foreign_answered: float = 0.0
    calibration_error: float = 0.0

    @property
    def macro_f1(self) -> float:
        return sum(self.family_f1.values()) / max(1, len(self.family_f1))


def family_f1(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """F1 by family of pairs (meant, understood)."""
    right: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    understood: Counter[str] = Counter()
    for wanted, found in pairs:
        meant[wanted] += 1
        understood[found] += 1
        right[wanted] += wanted == found
    return {f: 2 * right[f] / (meant[f] + understood[f]) for f in meant}


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error of (probability, was it right)."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in pairs:
        groups.setdefault(min(int(probability * bins), bins - 1), []).append((probability, right))
    gaps = (abs(sum(p for p, _ in g) - sum(r for _, r in g)) for g in groups.values())
    return sum(gaps) / max(1, len(pairs))


def judge(
    engine: UnderstandingEngine, rows: Sequence[LabelledUtterance], noise_rate: float = 0.0
) -> Iterator[Verdict]:
    """Run all rows, with simulated recognition errors where a rate is given."""
    noise = Noise(seed=3)
    said = [noise(row.text, noise_rate) if noise_rate else row.text for row in rows]
    engine.prepare(said)
    for row, text in zip(rows, said, strict=True):
        heard = engine.understand(text, Situation(expecting=row.expecting))
        hits = engine.answers(text) if row.faq or row.family == "none" else []
        yield Verdict(
            row, text, heard.intent, heard.action, heard.confidence,
            tuple(hit.entry.id for hit, _ in hits), hits[0][1] if hits else 0.0,
        )  # fmt: skip


def sum_up(verdicts: Sequence[Verdict], answer_from: float = 0.7) -> Score:
    """``answer_from``: from which probability on a question counts as answered."""
    asked = [v for v in verdicts if v.row.faq]
    foreign = [v for v in verdicts if v.row.family == "none" and not v.row.faq]
    return Score(
        utterances=len(verdicts),
        family_f1=family_f1((v.row.family, v.intent.partition(".")[0]) for v in verdicts),
        false_disconnects=[v.said for v in verdicts if v.false_disconnect],
        lost_disconnects=[v.said for v in verdicts if v.lost_disconnect],
        no_wishes=sum(not v.row.wish for v in verdicts),
        faq_top1=sum(v.answered_in(1) for v in asked) / max(1, len(asked)),
        faq_top3=sum(v.answered_in(3) for v in asked) / max(1, len(asked)),
        foreign_answered=sum(v.first_score >= answer_from for v in foreign) / max(1, len(foreign)),
        calibration_error=calibration_error(
            [(v.first_score, bool(v.row.faq) and v.answered_in(1)) for v in (*asked, *foreign)]
        ),
    )


def score(
    engine: UnderstandingEngine, rows: Sequence[LabelledUtterance], noise_rate: float = 0.0
) -> Score:
    """The figures of all rows."""
    return sum_up(list(judge(engine, rows, noise_rate)))
