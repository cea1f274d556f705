"""One opinion out of several views of an utterance: its words, its meaning, the answers it finds.

The views' log probabilities are weighed and summed (a product of experts with fitted exponents);
the weights come from labelled sentences that nothing else learns from (``knowledge/calibrate``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.language.understanding.intents import LEAST, Layout, softmax, within
from app.language.understanding.learned import Calibration, Floats

#: Coefficients before the families' constants.
VIEWS = 3
#: How sure what a supervisor has written down is.
SURE = 0.97
#: By how much, in natural logarithms, yes and no are likelier after a question.
EXPECTED = 2.5


@dataclass(frozen=True, slots=True)
class Views:
    """What is thought of one text. ``families`` [F] and ``kinds`` [K] (within their family) by its
    words; ``meant_families`` and ``meant_kinds`` by its meaning, None without a sentence model;
    ``answers`` [F]: how high the best entry of each family is, 0 where none is found."""

    families: Floats
    kinds: Floats
    answers: Floats
    meant_families: Floats | None = None
    meant_kinds: Floats | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """Probabilities of the families [F] and of the kinds [K]; the kinds sum up to their family."""

    layout: Layout
    families: Floats
    kinds: Floats

    def of(self, family: str) -> float:
        """Probability of a family; 0 of one that is not known."""
        if family not in self.layout.families:
            return 0.0
        return float(self.families[self.layout.families.index(family)])

    def of_kind(self, kind: str) -> float:
        """Probability of a kind (``family.kind``); 0 of one that is not known."""
        if kind not in self.layout.kinds:
            return 0.0
        return float(self.kinds[self.layout.kinds.index(kind)])

    def sure_of(self, kind: str) -> "Opinion":
        """The same with next to no doubt about a kind; unchanged for one that is not known."""
        if kind not in self.layout.kinds:
            return self
        at = self.layout.kinds.index(kind)
        kinds, families = self.kinds * (1 - SURE), self.families * (1 - SURE)
        kinds[at] += SURE
        families[self.layout.of[at]] += SURE
        return replace(self, kinds=kinds, families=families)

    def by_family(self) -> dict[str, float]:
        return dict(zip(self.layout.families, map(float, self.families), strict=True))

    def best_kind(self, family: str) -> str:
        """The likeliest kind of a family, without the family's name."""
        own = [(p, k) for p, k in zip(self.kinds, self.layout.kinds, strict=True)
               if k.partition(".")[0] == family]  # fmt: skip
        return max(own)[1].partition(".")[2]


def logits(views: Sequence[Views], meaning: bool) -> Floats:
    """[N, F, VIEWS] of what the fitted coefficients weigh."""

    def logs(of: Floats) -> Floats:
        return np.log(np.maximum(of, LEAST))

    parts = []
    for one in views:
        meant = one.meant_families if meaning else None
        second = logs(meant) if meant is not None else np.zeros_like(one.families)
        parts.append(np.stack([logs(one.families), second, one.answers], axis=1))
    return np.asarray(np.stack(parts), dtype=np.float32)


def opinion(
    views: Views, layout: Layout, calibration: Calibration, expected: bool = False
) -> Opinion:
    """Weigh the views of one text. ``expected``: a question was asked before it."""
    meaning = views.meant_families is not None
    given = np.array(calibration.views if meaning else calibration.bare, dtype=np.float32)
    constants = given[VIEWS:] if len(given) > VIEWS else np.zeros(len(layout.families), np.float32)
    if expected:
        constants = constants + EXPECTED * np.isin(layout.families, ("affirm", "deny"))
    families = softmax(logits([views], meaning) @ given[:VIEWS] + constants)[0]
    kinds = np.log(np.maximum(views.kinds, LEAST)) * given[0]
    if views.meant_kinds is not None:
        kinds = kinds + np.log(np.maximum(views.meant_kinds, LEAST)) * given[1]
    member = layout.member
    shares = within(np.exp(kinds)[None], member)[0]
    return Opinion(layout, families, np.asarray(shares * families[layout.of], np.float32))
