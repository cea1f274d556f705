"""A back-off trigram as an acceptor: absolute discounting, interpolated with a background unigram.

Ney, Essen, Kneser (1994): On structuring probabilistic dependences in stochastic language
modelling.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ORDER = 3
#: How often what own callers said counts against a sampled sentence, and at most of all words.
LEARNED_WEIGHT, LEARNED_SHARE = 10, 0.25
DISCOUNT = 0.6
#: Mass of a word of the vocabulary that no sentence holds; of background words far less.
FLOOR, BACKGROUND_FLOOR = 0.3, 1e-3
START, END = "<s>", "</s>"

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acceptor:
    """``arcs``: (from, to, word, cost), word None for a back-off; state 0 is the start.

    Costs are negative natural logarithms of probabilities.
    """

    arcs: tuple[tuple[int, int, str | None, float], ...]
    finals: tuple[tuple[int, float], ...]
    states: int


class Trigram:
    """Counts of sentences of words; ``acceptor`` is what a decoder's graph is made of."""

    def __init__(
        self, sentences: Iterable[Sequence[str]], vocabulary: Iterable[str],
        background: Mapping[str, float], background_share: float,
        learned: Mapping[Gram, int] | None = None,
    ) -> None:  # fmt: skip
        """``vocabulary`` holds every word of the sentences; ``background``: weights of general
        words, mixed into the unigram by its share; ``learned``: counts that come without
        sentences, of words of the vocabulary."""
        self._counts: list[Counter[Gram]] = [Counter() for _ in range(ORDER)]
        for sentence in sentences:
            self._count((START, *sentence, END))
        self._add_learned(learned or {})
        words = sorted({*vocabulary, *background})
        self._tables = [self._unigram([*words, END], background, background_share)]
        self._backoff: list[dict[Gram, float]] = [{}]
        for length in range(1, ORDER):
            self._add_order(length)

    def _count(self, words: Gram) -> None:
        for at in range(1, len(words)):
            for length in range(min(ORDER, at + 1)):
                self._counts[length][words[at - length : at + 1]] += 1

    def _add_learned(self, learned: Mapping[Gram, int]) -> None:
        own = sum(self._counts[0].values())
        more = sum(count for gram, count in learned.items() if len(gram) == 1)
        weight = min(LEARNED_WEIGHT, LEARNED_SHARE * own / more) if more else 0.0
        for gram, count in learned.items():
            self._counts[len(gram) - 1][gram] += max(1, round(weight * count))

    def _unigram(
        self, words: Sequence[str], background: Mapping[str, float], share: float
    ) -> dict[Gram, float]:
        counts = self._counts[0]

        def floor(word: str) -> float:
            own = not background or counts[(word,)] or len(word) == 1
            return FLOOR if own else BACKGROUND_FLOOR

        total = sum(counts.values()) + sum(map(floor, words))
        mass = sum(background.values()) or 1.0
        mixed = share if background else 0.0
        own = {word: (counts[(word,)] + floor(word)) / total for word in words}
        return {(w,): (1 - mixed) * p + mixed * background.get(w, 0) / mass for w, p in own.items()}

    def _add_order(self, length: int) -> None:
        contexts: dict[Gram, list[tuple[str, int]]] = defaultdict(list)
        for gram, count in self._counts[length].items():
            contexts[gram[:-1]].append((gram[-1], count))
        table: dict[Gram, float] = {}
        backoff: dict[Gram, float] = {}
        for context, followers in contexts.items():
            # Learned counts leave out what few callers said: that too is left to the back-off.
            kept = sum(count for _, count in followers)
            total = max(kept, self._counts[length - 1][context])
            left = (total - kept + DISCOUNT * len(followers)) / total
            backoff[context] = left
            for word, count in followers:
                lower = self.probability((*context[1:], word))
                table[(*context, word)] = max(count - DISCOUNT, 0) / total + left * lower
        self._tables.append(table)
        self._backoff.append(backoff)

    def probability(self, gram: Gram) -> float:
        """Of the last word after the others, backing off where they were never seen together."""
        context, weight = gram[:-1], 1.0
        while True:
            whole = (*context, gram[-1])
            if whole in self._tables[len(context)]:
                return weight * self._tables[len(context)][whole]
            if not context:
                return 0.0
            weight *= self._backoff[len(context)].get(context, 1.0)
            context = context[1:]

    def acceptor(self) -> Acceptor:
        """States are contexts of at most two words; the start is that of a sentence's beginning."""
        contexts = [(START,), ()]
        contexts += [c for table in self._backoff[1:] for c in table if c != (START,)]
        state = {context: at for at, context in enumerate(contexts)}

        def known(context: Gram) -> int:
            while context not in state:
                context = context[1:]
            return state[context]

        arcs: list[tuple[int, int, str | None, float]] = []
        finals: list[tuple[int, float]] = []
        for table in self._tables:
            for gram, p in table.items():
                context, word = gram[:-1], gram[-1]
                if context not in state:
                    continue
                if word == END:
                    finals.append((state[context], -math.log(p)))
                else:
                    arcs.append((state[context], known(gram[-(ORDER - 1) :]), word, -math.log(p)))
        for table in self._backoff[1:]:
            arcs += [(state[c], known(c[1:]), None, -math.log(max(left, 1e-6)))
                     for c, left in table.items()]  # fmt: skip
        return Acceptor(tuple(arcs), tuple(finals), len(state))
