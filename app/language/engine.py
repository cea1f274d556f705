"""Understanding one utterance: intent, slots, FAQ, a decision and the evidence for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.language.encode import Encoder
from app.language.faq import FaqEntry, FaqHit, FaqIndex, Topics
from app.language.intents import IntentClassifier, IntentKind, training_rows
from app.language.lexicon import Hit, Lexicon
from app.language.modality import modality
from app.language.normalise import Normalised, normalise
from app.language.slots import find_slots

NONE = "none.other"
DISCONNECT = "disconnect"


@dataclass(frozen=True, slots=True)
class Bands:
    """Policy: from which probability on to act, and from which on to ask.

    ``strange``: with a greater share of unknown syllable pairs nothing is disconnected unasked.
    """

    act: float = 0.45
    clarify: float = 0.32
    faq_show: float = 0.30
    strange: float = 0.6


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: ``rule`` names the step, ``text`` the words, ``start``:``end`` their raw place."""

    rule: str
    text: str
    score: float = 0.0
    start: int = 0
    end: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "text": self.text, "score": round(self.score, 3),
                "start": self.start, "end": self.end}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The decision on an utterance; ``as_json`` is the published form."""

    text: str
    family: str
    kind: str
    confidence: float
    action: str
    slots: dict[str, str] = field(default_factory=dict)
    faq: tuple[FaqAnswer, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def intent(self) -> str:
        return f"{self.family}.{self.kind}"

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text, "intent": self.intent, "family": self.family, "kind": self.kind,
            "confidence": round(self.confidence, 3), "action": self.action, "slots": self.slots,
            "faq": [{"id": f.id, "question": f.question, "score": f.score} for f in self.faq],
            "evidence": [e.as_json() for e in self.evidence],
        }  # fmt: skip


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
        bands: Bands | None = None,
    ) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self.bands = bands or Bands()
        self._lexicon = lexicon
        texts, _ = training_rows(kinds)
        texts += [normalise(text).text for entry in entries for text in entry.texts]
        self._encoder = Encoder(texts)
        self._classifier = IntentClassifier(kinds, self._encoder)
        more = {kind.faq: kind.phrases for kind in kinds if kind.faq}
        topics = self._classifier.probabilities
        self._faq = FaqIndex(entries, self._encoder, topics, more)

    def understand(self, raw: str) -> Understanding:
        """Decide on one utterance; an empty one is ``none`` with action ``none``."""
        normal = normalise(raw)
        if not normal.text:
            return Understanding(raw, "none", "other", 1.0, "none")
        slots = find_slots(raw, normal.text, self._lexicon)
        short = self._short_reply(normal)
        if short is not None:
            return Understanding(raw, short.family, short.kind, short.confidence, short.action,
                                 slots.values, (), short.evidence)  # fmt: skip
        row = self._encoder.rows([normal.text])
        probabilities = self._classifier.probabilities(row)[0]
        decision = self._decide(normal, probabilities)
        faq = self._search(normal.text, row, probabilities)
        evidence = [*decision.evidence, *self._slot_evidence(normal, slots.words)]
        return Understanding(
            raw, decision.family, decision.kind, decision.confidence, decision.action,
            slots.values, faq, tuple(evidence),
        )  # fmt: skip

    def answers(self, raw: str, limit: int = 3) -> list[FaqHit]:
        """The best FAQ entries for an utterance, also those too unlikely to be shown."""
        text = normalise(raw).text
        row = self._encoder.rows([text])
        return self._faq.search(text, row, self._classifier.probabilities(row)[0], limit)

    def _short_reply(self, normal: Normalised) -> _Decision | None:
        for family, replies in self._lexicon.short_replies.items():
            if normal.text in replies:
                evidence = (_evidence("short_reply", normal, 0, len(normal.text), 1.0),)
                if family in ("affirm", "deny"):
                    return _Decision(family, family, 1.0, "act", evidence)
                return _Decision("none", family, 1.0, "none", evidence)
        return None

    # -- intent ------------------------------------------------------------------------------

    def _decide(self, normal: Normalised, probabilities: Topics) -> _Decision:
        families: dict[str, float] = {}
        for label, probability in zip(self._classifier.labels, probabilities, strict=True):
            family = label.partition(".")[0]
            families[family] = families.get(family, 0.0) + float(probability)
        cues = self._cues(normal.text)
        if cues or families[DISCONNECT] >= self.bands.clarify:
            decision = self._disconnect(normal, families, cues)
            if decision is not None:
                return decision
        return self._plain(normal, probabilities, families)

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
        family = max(families, key=lambda name: families[name])
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
        self, normal: Normalised, families: dict[str, float], cues: list[Hit]
    ) -> _Decision | None:
        """Act only where classifier and rules agree, clarify where one of them hears it."""
        probability = families[DISCONNECT]
        rival = max((p for name, p in families.items() if name != DISCONNECT), default=0.0)
        leaves = bool(self._lexicon.cues["switch"].find(normal.text))
        if probability < self.bands.clarify and rival >= self.bands.act and not leaves:
            return None
        if not cues and probability < rival:
            return None
        mood, words = modality(normal.text)
        foreign = self._encoder.strangeness(normal.text) > self.bands.strange
        agreed = bool(cues) and probability >= self.bands.act and not foreign
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

    def _kind(self, text: str, mood: str) -> str:
        if mood in ("negated", "enquiry"):
            return mood
        for kind in ("switch", "suspend"):
            if self._lexicon.cues[kind].find(text):
                return kind
        return "cancel"

    # -- FAQ and slots -----------------------------------------------------------------------

    def _search(self, text: str, row: Any, topics: Topics) -> tuple[FaqAnswer, ...]:
        """Answers worth showing; what sounds foreign is less likely answered by any entry."""
        own = 1.0 - float(topics[self._classifier.labels.index(NONE)])
        own *= 1.0 - self._encoder.strangeness(text) / 2
        hits = self._faq.search(text, row, topics)
        found = [
            FaqAnswer(h.entry.id, h.entry.question, round(h.score * (1.0 if h.same else own), 3))
            for h in hits
        ]
        return tuple(answer for answer in found if answer.score >= self.bands.faq_show)

    def _slot_evidence(self, normal: Normalised, words: Sequence[str]) -> list[Evidence]:
        found = []
        for word in words:
            at = normal.text.find(word)
            if at >= 0:
                found.append(_evidence("slot", normal, at, at + len(word), 1.0))
        return found


def _evidence(rule: str, normal: Normalised, start: int, end: int, score: float) -> Evidence:
    raw_start, raw_end = normal.raw_span(max(0, start), end)
    return Evidence(rule, normal.raw[raw_start:raw_end], float(score), raw_start, raw_end)
