"""FAQ retrieval: one centroid an entry, fused with the closest similar question by sound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from app.language import sound
from app.language.encode import Encoder
from app.language.normalise import normalise

RATIO_WEIGHT = 0.5
#: What it counts that query and entry are about the same kind of intent.
TOPIC_WEIGHT = 0.4
#: A question that an entry lists to the letter (by sound) is its own.
SAME_RATIO, SAME_BONUS = 0.995, 0.3
#: The fused score at which an answer is as likely right as wrong, and how sharp the change is.
MIDDLE, STEEPNESS = 0.44, 16.7

#: Probabilities of intent kinds: one row a text, or one text's alone.
Topics = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """An answer that agent and robot share. ``similar`` are further ways to ask."""

    id: str
    family: str
    question: str
    similar: tuple[str, ...]
    spoken: str
    answer: str
    valid_from: date | None = None
    valid_until: date | None = None
    handover: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.question, *self.similar)

    def valid_on(self, day: date) -> bool:
        after = self.valid_from is None or day >= self.valid_from
        return after and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class FaqHit:
    """An entry with its probability of being the answer and the text that was closest.

    ``same``: that text is the question itself, by sound.
    """

    entry: FaqEntry
    score: float
    matched: str
    same: bool = False


class FaqIndex:
    """Built once from entries; ``search`` is safe from any thread.

    ``more`` are further texts of an entry by its id: the phrases of the intent that it answers.
    """

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        encoder: Encoder,
        topics: Callable[[csr_matrix], Topics],
        more: Mapping[str, Sequence[str]],
    ) -> None:
        self.entries = tuple(entries)
        self._texts = [
            (normalise(t).text, at)
            for at, e in enumerate(entries)
            for t in (*e.texts, *more.get(e.id, ()))
        ]
        self._codes = [sound.half_syllables(text) for text, _ in self._texts]
        if not self._texts:
            return
        self._owner = np.array([at for _, at in self._texts], dtype=np.int32)
        rows = encoder.rows([text for text, _ in self._texts])
        shape = (len(self.entries), len(self._texts))
        members = (np.ones(len(self._owner), np.float32), (self._owner, np.arange(shape[1])))
        member_matrix = csr_matrix(members, shape=shape)
        self._centroids = normalize(member_matrix @ rows).T.tocsr()
        self._topics = normalize(np.asarray(member_matrix @ np.sqrt(topics(rows)))).T

    def search(self, text: str, row: csr_matrix, topics: Topics, limit: int = 3) -> list[FaqHit]:
        """The best entries for a normal form, its encoded row and its intent probabilities."""
        if not self.entries or not text:
            return []
        cosine = np.asarray((row @ self._centroids).todense(), dtype=np.float32)[0]
        code = sound.half_syllables(text)
        ratios = process.cdist([code], self._codes, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
        best_ratio = np.zeros(len(self.entries), np.float32)
        np.maximum.at(best_ratio, self._owner, ratios)
        topic = np.sqrt(topics) @ self._topics
        fused = cosine + RATIO_WEIGHT * best_ratio + TOPIC_WEIGHT * topic
        fused /= 1 + RATIO_WEIGHT + TOPIC_WEIGHT
        fused[best_ratio > SAME_RATIO] += SAME_BONUS
        order = np.argsort(-fused)[:limit]
        return [self._hit(int(at), float(fused[at]), ratios) for at in order]

    def _hit(self, at: int, fused: float, ratios: np.ndarray) -> FaqHit:
        own = np.flatnonzero(self._owner == at)
        closest = int(own[np.argmax(ratios[own])])
        score = 1.0 / (1.0 + float(np.exp(-STEEPNESS * (fused - MIDDLE))))
        same = bool(ratios[closest] > SAME_RATIO)
        return FaqHit(self.entries[at], round(score, 3), self._texts[closest][0], same)
