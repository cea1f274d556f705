"""How well understanding does on labelled utterances: the figures of tests.csv."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.language.engine import Understanding, UnderstandingEngine
from app.language.noise import Noise

WISHES = frozenset({"suspend", "cancel", "switch"})


@dataclass(frozen=True, slots=True)
class LabelledUtterance:
    """What a caller says and what is meant; ``faq`` is empty where no entry is the answer."""

    text: str
    family: str
    kind: str
    faq: str = ""

    @property
    def wish(self) -> bool:
        """Whether the caller wants to stop (not: asks about it, denies it)."""
        return self.family == "disconnect" and self.kind in WISHES


@dataclass(slots=True)
class Score:
    """Shares are 0 to 1. ``false_disconnects`` and ``lost_disconnects`` hold the texts."""

    utterances: int = 0
    family_f1: dict[str, float] = field(default_factory=dict)
    false_disconnects: list[str] = field(default_factory=list)
    lost_disconnects: list[str] = field(default_factory=list)
    no_wishes: int = 0
    faq_top1: float = 0.0
    faq_top3: float = 0.0
    foreign_answered: float = 0.0

    @property
    def macro_f1(self) -> float:
        return sum(self.family_f1.values()) / max(1, len(self.family_f1))


def _acts_on_wish(heard: Understanding) -> bool:
    return heard.family == "disconnect" and heard.action == "act" and heard.kind in WISHES


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


def score(
    engine: UnderstandingEngine, rows: Sequence[LabelledUtterance], noise_rate: float = 0.0,
    answer_from: float = 0.7,
) -> Score:  # fmt: skip
    """Run all rows, with simulated recognition errors where a rate is given.

    ``answer_from``: from which probability on a question counts as answered.
    """
    noise = Noise(seed=3)
    found = Score(utterances=len(rows))
    pairs: list[tuple[str, str]] = []
    top: Counter[str] = Counter()
    foreign = sum(row.family == "none" for row in rows)
    asked = sum(bool(row.faq) for row in rows)
    for row in rows:
        text = noise(row.text, noise_rate) if noise_rate else row.text
        heard = engine.understand(text)
        pairs.append((row.family, heard.family))
        if row.wish and heard.family != "disconnect":
            found.lost_disconnects.append(text)
        elif not row.wish and _acts_on_wish(heard):
            found.false_disconnects.append(text)
        ranked = [hit.entry.id for hit in engine.answers(text)] if row.faq else []
        top["first"] += ranked[:1] == [row.faq]
        top["three"] += row.faq in ranked
        foreign_answer = row.family == "none" and heard.faq and heard.faq[0].score >= answer_from
        top["foreign"] += bool(foreign_answer)
    found.no_wishes = sum(not row.wish for row in rows)
    found.family_f1 = family_f1(pairs)
    found.faq_top1, found.faq_top3 = top["first"] / max(1, asked), top["three"] / max(1, asked)
    found.foreign_answered = top["foreign"] / max(1, foreign)
    return found
