"""FAQ retrieval: one centroid an entry, fused with the closest similar question by sound.

The sentence model has no say here: its points were tried (closest text, standardised per query) and
found fewer answers than words, sound and topic alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix

from app.language.understanding import sound
from app.language.understanding.learned import Floats, Learned

RATIO_WEIGHT = 0.5
#: What it counts that query and entry are about the same kind of intent.
TOPIC_WEIGHT = 0.2
#: What the trained embedding counts, where there is one.
EMBEDDING_WEIGHT = 0.4
#: A question that an entry lists to the letter (by sound) is its own.
SAME_RATIO, SAME_BONUS = 0.995, 0.3

#: What can be recorded when the robot speaks an answer whose words promise something.
DEEDS = ("callback", "fault", "service", "complaint", "danger", "withdraw")
#: An answer after which a person is wanted, and that says no more, has somebody ring back.
HANDOVER_DEED = "callback"

#: Probabilities of intent kinds: one row a text, or one text's alone.
Topics = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """An answer that agent and robot share. ``similar`` are further ways to ask; ``deed``: what
    is recorded when the robot speaks it (one of DEEDS), empty where its words promise nothing."""

    id: str
    family: str
    question: str
    similar: tuple[str, ...]
    spoken: str
    answer: str
    valid_from: date | None = None
    valid_until: date | None = None
    handover: bool = False
    deed: str = ""

    def __post_init__(self) -> None:
        if self.handover and not self.deed:
            object.__setattr__(self, "deed", HANDOVER_DEED)

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.question, *self.similar)

    def valid_on(self, day: date) -> bool:
        after = self.valid_from is None or day >= self.valid_from
        return after and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class FaqHit:
    """An entry that may be the answer: its score, its lead, and the text that was closest.

    ``lead``: how far it is above the best of the others (below zero where it is not the first);
    ``same``: that text is the question itself, by sound.
    """

    entry: FaqEntry
    height: float
    lead: float
    matched: str
    same: bool = False


def embed(rows: csr_matrix, projection: Floats) -> Floats:
    """Rows of length 1 in the embedding's space; zero where nothing is known of a text."""
    found = np.asarray(rows @ projection, dtype=np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1e-9), dtype=np.float32)


def fuse(cosine: Floats, ratio: Floats, topic: Floats, embedded: Floats | None) -> Floats:
    """One score an entry, 0 to 1, of what speaks for it."""
    total = cosine + RATIO_WEIGHT * ratio + TOPIC_WEIGHT * topic
    weight = 1 + RATIO_WEIGHT + TOPIC_WEIGHT
    if embedded is not None:
        total = total + EMBEDDING_WEIGHT * np.maximum(embedded, 0)
        weight += EMBEDDING_WEIGHT
    return np.asarray(total / weight, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Heights:
    """How well each entry fits a query, ``fused`` [E], and how near each text sounds, ``ratios``
    [T]."""

    fused: Floats
    ratios: Floats


class FaqIndex:
    """Built once from entries and what was learned of them; safe from any thread."""

    def __init__(self, entries: Sequence[FaqEntry], learned: Learned) -> None:
        self.entries = tuple(entries)
        self._learned = learned
        self._codes = [sound.half_syllables(text) for text in learned.texts]
        families = np.array([entry.family for entry in self.entries])
        self._own = {family: np.flatnonzero(families == family) for family in set(families)}

    def heights(self, text: str, row: csr_matrix, topics: Topics) -> Heights:
        """How well the entries fit a normal form, its encoded row and its intent probabilities."""
        ratios = self._ratios(text)
        best = np.zeros(len(self.entries), np.float32)
        if not self.entries:
            return Heights(best, ratios)
        np.maximum.at(best, self._learned.owner, ratios)
        fused = self._fused(row, topics, best)
        fused[best > SAME_RATIO] += SAME_BONUS
        return Heights(fused, ratios)

    def best_of(self, found: Heights, day: date | None = None, limit: int = 3) -> list[FaqHit]:
        """The best entries. ``day``: entries that are not valid on it are left out."""
        fused = found.fused.copy()
        if day is not None:
            fused[[not entry.valid_on(day) for entry in self.entries]] = -1.0
        order = np.argsort(-fused)[: limit + 1]
        kept = [rank for rank in range(min(limit, len(order))) if fused[order[rank]] > 0]
        return [self._hit(order, rank, fused, found.ratios) for rank in kept]

    def by_family(self, found: Heights, families: Sequence[str]) -> Floats:
        """The height of the best entry of each family."""
        best = np.zeros(len(families), np.float32)
        for at, family in enumerate(families):
            own = self._own.get(family)
            if own is not None:
                best[at] = max(0.0, float(found.fused[own].max()))
        return best

    def _ratios(self, text: str) -> Floats:
        if not self._codes:
            return np.zeros(0, np.float32)
        code = sound.half_syllables(text)
        found = process.cdist([code], self._codes, scorer=fuzz.ratio, dtype=np.float32)[0]
        return np.asarray(found / 100, dtype=np.float32)

    def _fused(self, row: csr_matrix, topics: Topics, best_ratio: Floats) -> Floats:
        learned = self._learned
        cosine = np.asarray((row @ learned.centroids).todense(), dtype=np.float32)[0]
        topic = np.sqrt(topics) @ learned.topics
        embedded = None
        if learned.embedded.size:
            embedded = (embed(row, learned.projection) @ learned.embedded)[0]
        return fuse(cosine, best_ratio, topic, embedded)

    def _hit(self, order: np.ndarray, rank: int, fused: Floats, ratios: Floats) -> FaqHit:
        at = int(order[rank])
        rival = max((float(fused[other]) for other in order if other != at), default=0.0)
        own = np.flatnonzero(self._learned.owner == at)
        closest = int(own[np.argmax(ratios[own])])
        height = float(fused[at])
        same = bool(ratios[closest] > SAME_RATIO)
        return FaqHit(self.entries[at], height, height - rival, self._learned.texts[closest], same)
