"""Understanding one utterance: intent, slots, FAQ, a decision and the evidence for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.language.understanding.bands import Bands
from app.language.understanding.encode import Encoder
from app.language.understanding.faq import FaqEntry, FaqHit, FaqIndex, Topics
from app.language.understanding.intents import IntentClassifier, IntentKind
from app.language.understanding.learned import Learned
from app.language.understanding.lexicon import Hit, Lexicon
from app.language.understanding.modality import modality
from app.language.understanding.normalise import Normalised, normalise
from app.language.understanding.slots import Slot, find_slots
from app.language.understanding.understood import (
    Evidence,
    FaqAnswer,
    Situation,
    Understanding,
)

NONE = "none.other"
DISCONNECT = "disconnect"
#: Dictated digits say nothing of what is wanted.
_DICTATED = re.compile("[0-9零〇一幺二两三四五六七八九]{4,}")
#: Said after a short reply, they change nothing about it: 没有啊 is 没有.
_SOFTENERS = "啊呀哦噢啦嘛哈"
#: A question that an entry lists to the letter is answered by it.
SAME_SCORE = 0.97


@dataclass(frozen=True, slots=True)
class Measured:
    """What the calibration is fitted on: the family decided for and its raw probability.

    ``own``: probability that the utterance means something; ``hits``: the best FAQ entries.
    """

    family: str
    probability: float
    own: float
    strangeness: float
    hits: tuple[FaqHit, ...]


@dataclass(frozen=True, slots=True)
class _Decision:
    family: str
    kind: str
    confidence: float
    action: str
    evidence: tuple[Evidence, ...]


class UnderstandingEngine:
    """Built once from content; calls are pure and safe from any thread."""

    def __init__(
        self,
        kinds: Sequence[IntentKind],
        lexicon: Lexicon,
        entries: Sequence[FaqEntry],
        learned: Learned,
        bands: Bands | None = None,
    ) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self.bands = bands or Bands()
        self._lexicon = lexicon
        self._calibration = learned.calibration
        self._encoder = Encoder(learned.vocabulary, learned.idf, learned.pairs)
        self._classifier = IntentClassifier(
            learned.labels, learned.common, learned.weights, learned.bias, len(learned.vocabulary)
        )
        self._faq = FaqIndex(entries, learned)

    def understand(self, raw: str, situation: Situation | None = None) -> Understanding:
        """Decide on one utterance; an empty one is ``none`` with action ``none``."""
        situation = situation or Situation()
        normal = normalise(raw)
        short = self._short_reply(normal, situation.expecting)
        if short is None and not normal.text:
            return Understanding(raw, "none", "other", 1.0, "none")
        slots = find_slots(normal, self._lexicon, situation.now)
        values = {slot.name: slot.value for slot in reversed(slots)}
        if short is not None:
            return Understanding(raw, short.family, short.kind, short.confidence, short.action,
                                 values, (), short.evidence)  # fmt: skip
        if _only_facts(normal, slots):
            return Understanding(raw, "none", "facts", 1.0, "none", values, (),
                                 tuple(_slot_evidence(raw, slots)))  # fmt: skip
        row = self._encoder.rows([_DICTATED.sub("", normal.text)])
        probabilities = self._classifier.probabilities(row)[0]
        decision = self._decide(normal, probabilities)
        if situation.heard < self.bands.heard:
            decision = _doubted(decision, normal, situation.heard)
        faq = self._search(normal.text, row, probabilities, situation)
        evidence = [*decision.evidence, *_slot_evidence(raw, slots), *_faq_evidence(faq)]
        answers = tuple(FaqAnswer(hit.entry.id, hit.entry.question, score) for hit, score in faq)
        return Understanding(
            raw, decision.family, decision.kind, decision.confidence, decision.action,
            values, answers, tuple(evidence),
        )  # fmt: skip

    def answers(self, raw: str, limit: int = 3) -> list[tuple[FaqHit, float]]:
        """The best FAQ entries with their probabilities, also those too unlikely to be shown."""
        text = normalise(raw).text
        row = self._encoder.rows([text])
        topics = self._classifier.probabilities(row)[0]
        hits = self._faq.search(text, row, topics, limit=limit)
        return [(hit, self._probability(hit, text, topics)) for hit in hits]

    def likely(self, raw: str, limit: int = 5) -> list[str]:
        """The likeliest intent kinds of an utterance, whatever was decided."""
        row = self._encoder.rows([normalise(raw).text])
        probabilities = self._classifier.probabilities(row)[0]
        order = (-probabilities).argsort()[:limit]
        return [self._classifier.labels[at] for at in order]

    def measure(self, raw: str) -> Measured | None:
        """Raw figures of an utterance, None for an empty one or a short reply."""
        normal = normalise(raw)
        if not normal.text or self._short_reply(normal, "") is not None:
            return None
        row = self._encoder.rows([normal.text])
        topics = self._classifier.probabilities(row)[0]
        decision = self._decide(normal, topics)
        family = self._families(topics).get(decision.family, 0.0)
        hits = tuple(self._faq.search(normal.text, row, topics))
        return Measured(decision.family, family, self._own(topics),
                        self._encoder.strangeness(normal.text), hits)  # fmt: skip

    def _short_reply(self, normal: Normalised, expecting: str) -> _Decision | None:
        """嗯 alone is a filler, and yet an answer where a question was asked."""
        text = normal.text or "".join(c for c in normal.raw if c.isalnum())
        if not text:
            return None
        said = {text, text.rstrip(_SOFTENERS)} - {""}
        for state in (expecting, "any"):
            for meant, replies in self._lexicon.short_replies.get(state, {}).items():
                if not said.isdisjoint(replies):
                    return _reply(meant, state, normal)
        return None

    # -- intent ------------------------------------------------------------------------------

    def _decide(self, normal: Normalised, probabilities: Topics) -> _Decision:
        raw = self._families(probabilities)
        families = {name: self._calibration.family(p) for name, p in raw.items()}
        cues = self._cues(normal.text)
        if cues or families[DISCONNECT] >= self.bands.clarify:
            decision = self._disconnect(normal, families, cues, self._wish_share(probabilities))
            if decision is not None:
                return decision
        return self._plain(normal, probabilities, families)

    def _families(self, probabilities: Topics) -> dict[str, float]:
        families: dict[str, float] = {}
        for label, probability in zip(self._classifier.labels, probabilities, strict=True):
            family = label.partition(".")[0]
            families[family] = families.get(family, 0.0) + float(probability)
        return families

    def _wish_share(self, probabilities: Topics) -> float:
        """How much of the family's probability is a wish, and neither negated nor asked."""
        wish = total = 0.0
        for label, probability in zip(self._classifier.labels, probabilities, strict=True):
            family, _, kind = label.partition(".")
            if family == DISCONNECT:
                total += float(probability)
                wish += float(probability) if kind not in ("negated", "enquiry") else 0.0
        return wish / max(total, 1e-9)

    def _own(self, topics: Topics) -> float:
        """Probability that an utterance means something to the operator."""
        return 1.0 - float(topics[self._classifier.labels.index(NONE)])

    def _cues(self, text: str) -> list[Hit]:
        """Cues of the whole family; what a kind lists hints at the family as well."""
        found: dict[tuple[int, int], Hit] = {}
        for name in (DISCONNECT, "switch", "suspend", "cancel"):
            for hit in self._lexicon.cues[name].find(text):
                found.setdefault((hit.start, hit.end), hit)
        return list(found.values())

    def _plain(
        self, normal: Normalised, probabilities: Any, families: dict[str, float]
    ) -> _Decision:
        """A stop is never decided here: only where classifier and cue words agree."""
        others = {name: p for name, p in families.items() if name != DISCONNECT}
        family = max(others, key=lambda name: others[name])
        labels = self._classifier.labels
        own = [at for at, label in enumerate(labels) if label.partition(".")[0] == family]
        best = max(own, key=lambda at: float(probabilities[at]))
        confidence = families[family]
        evidence = (_evidence("classifier", normal, 0, len(normal.text), confidence),)
        if family == "none" or confidence < self.bands.clarify:
            return _Decision("none", "other", confidence, "none", evidence)
        action = "act" if confidence >= self.bands.act else "clarify"
        return _Decision(family, labels[best].partition(".")[2], confidence, action, evidence)

    def _disconnect(
        self, normal: Normalised, families: dict[str, float], cues: list[Hit], wish_share: float
    ) -> _Decision | None:
        """Act only where classifier and rules agree, clarify where one of them hears it."""
        probability = families[DISCONNECT]
        rival = max((p for name, p in families.items() if name != DISCONNECT), default=0.0)
        leaves = bool(self._lexicon.cues["switch"].find(normal.text))
        if probability < self.bands.clarify and rival >= self.bands.act and not leaves:
            return None
        if not cues and probability < rival:
            return None
        other = self._is_of_something_else(normal.text)
        if other and rival >= self.bands.clarify:
            return None
        mood, words = modality(normal.text)
        foreign = self._encoder.strangeness(normal.text) > self.bands.strange
        doubtful = foreign or other or (mood == "wish" and wish_share < self.bands.wish)
        agreed = bool(cues) and probability >= self.bands.act and not doubtful
        evidence = [
            _evidence(f"cue_{hit.how}", normal, hit.start, hit.end, 1.0) for hit in cues[:3]
        ]
        evidence.append(_evidence("classifier", normal, 0, len(normal.text), probability))
        if words:
            at = normal.text.find(words)
            evidence.append(_evidence(f"modality_{mood}", normal, at, at + len(words), 1.0))
        kind = self._kind(normal.text, mood)
        action = "act" if agreed and mood != "reported" else "clarify"
        confidence = max(probability, 0.5 if cues else 0.0)
        return _Decision(DISCONNECT, kind, confidence, action, tuple(evidence))

    def _is_of_something_else(self, text: str) -> bool:
        """A film package may be unwanted without anybody leaving."""
        other = self._lexicon.not_service.find(text)
        return bool(other) and not self._lexicon.service.find(text)

    def _kind(self, text: str, mood: str) -> str:
        if mood in ("negated", "enquiry"):
            return mood
        for kind in ("switch", "suspend"):
            if self._lexicon.cues[kind].find(text):
                return kind
        return "cancel"

    # -- FAQ ---------------------------------------------------------------------------------

    def _search(
        self, text: str, row: Any, topics: Topics, situation: Situation
    ) -> list[tuple[FaqHit, float]]:
        """Answers worth showing, with their probabilities."""
        day = situation.now.date() if situation.now is not None else None
        hits = self._faq.search(text, row, topics, day)
        found = [(hit, self._probability(hit, text, topics)) for hit in hits]
        return [(hit, score) for hit, score in found if score >= self.bands.faq_show]

    def _probability(self, hit: FaqHit, text: str, topics: Topics) -> float:
        """What sounds foreign is less likely answered by any entry."""
        strangeness = self._encoder.strangeness(text)
        p = self._calibration.answer(hit.height, hit.lead, self._own(topics), strangeness)
        return round(max(p, SAME_SCORE) if hit.same and hit.lead >= 0 else p, 3)


def _only_facts(normal: Normalised, slots: Sequence[Slot]) -> bool:
    """晚上八点半: an answer to a question, and no wish."""
    told = [s for s in slots if s.name in ("when", "amount", "address", "estate")]
    left = [at for at in normal.offsets if not any(s.start <= at < s.end for s in told)]
    return bool(told) and len(left) <= 1


def _doubted(decision: _Decision, normal: Normalised, heard: float) -> _Decision:
    """What may have been misheard stops nobody unasked."""
    if decision.family != DISCONNECT or decision.action != "act":
        return decision
    evidence = (*decision.evidence, _evidence("low_confidence", normal, 0, len(normal.text), heard))
    return replace(decision, action="clarify", evidence=evidence)


def _reply(meant: str, state: str, normal: Normalised) -> _Decision:
    rule = "short_reply" if state == "any" else f"short_reply_{state}"
    evidence = (Evidence(rule, normal.raw, 1.0, 0, len(normal.raw)),)
    if meant in ("affirm", "deny"):
        return _Decision(meant, meant, 1.0, "act", evidence)
    return _Decision("none", meant, 1.0, "none", evidence)


def _slot_evidence(raw: str, slots: Sequence[Slot]) -> list[Evidence]:
    spans = {(slot.start, slot.end) for slot in slots if slot.end > slot.start}
    return [Evidence("slot", raw[start:end], 1.0, start, end) for start, end in sorted(spans)]


def _faq_evidence(found: Sequence[tuple[FaqHit, float]]) -> list[Evidence]:
    """Which of the entry's texts was closest (it is no part of the utterance)."""
    return [Evidence(f"faq:{hit.entry.id}", hit.matched, score) for hit, score in found[:1]]


def _evidence(rule: str, normal: Normalised, start: int, end: int, score: float) -> Evidence:
    raw_start, raw_end = normal.raw_span(max(0, start), end)
    return Evidence(rule, normal.raw[raw_start:raw_end], float(score), raw_start, raw_end)
