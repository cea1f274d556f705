"""Understanding one utterance: intent, slots, FAQ, a decision and the evidence for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.language.understanding import sound
from app.language.understanding.bands import Bands
from app.language.understanding.decisions import (
    Deciding,
    Decision,
    doubted,
    reply,
)
from app.language.understanding.encode import Encoder
from app.language.understanding.faq import FaqEntry, FaqHit, FaqIndex, Heights
from app.language.understanding.hotlines import is_dictation, without_dictation
from app.language.understanding.intents import IntentClassifier, IntentKind, Layout, within
from app.language.understanding.learned import Floats, Learned
from app.language.understanding.lexicon import Lexicon
from app.language.understanding.mended import last_wish
from app.language.understanding.normalise import Normalised, normalise
from app.language.understanding.reasons import Reasons
from app.language.understanding.sentences import Remembered, SentenceModel
from app.language.understanding.slots import Slot, find_slots
from app.language.understanding.understood import (
    REASON,
    Evidence,
    FaqAnswer,
    Situation,
    Understanding,
)
from app.language.understanding.views import Opinion, Views, opinion

#: Said after a short reply, they change nothing about it: 没有啊 is 没有.
_SOFTENERS = "啊呀哦噢啦嘛哈"
#: A question that an entry lists to the letter is answered by it.
SAME_SCORE = 0.97
_ANY = Situation()


@dataclass(frozen=True, slots=True)
class Measured:
    """What the calibration is fitted on: the views of an utterance, and its best FAQ entries."""

    views: Views
    strangeness: float
    hits: tuple[FaqHit, ...]


@dataclass(frozen=True, slots=True)
class _Thought:
    """What is thought of one normal form."""

    opinion: Opinion
    views: Views
    found: Heights
    strangeness: float
    reasons: Floats | None = None


class UnderstandingEngine:
    """Built once from content; calls are pure and safe from any thread.

    ``model``: what knows sentences that the content does not hold; without it everything works.
    """

    def __init__(
        self,
        kinds: Sequence[IntentKind],
        lexicon: Lexicon,
        entries: Sequence[FaqEntry],
        learned: Learned,
        bands: Bands | None = None,
        model: SentenceModel | None = None,
    ) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self.bands = bands or Bands()
        self._lexicon = lexicon
        self._calibration = learned.calibration
        self._encoder = Encoder(learned.vocabulary, learned.idf, learned.pairs)
        self._classifier = IntentClassifier(learned.intents)
        self._faq = FaqIndex(entries, learned)
        self._deciding = Deciding(lexicon, self.bands, self._classifier.is_written)
        self._meaning = Meanings(model, self._classifier) if model is not None else None
        self._phrases = _by_sound(kinds)
        names = model.reasons if model is not None else ()
        self._reasons = Reasons(learned.reasons, lexicon.reasons, names)

    @property
    def layout(self) -> Layout:
        """The order of families and kinds in all probabilities."""
        return self._classifier.layout

    def understand(self, raw: str, situation: Situation | None = None) -> Understanding:
        """Decide on one utterance; an empty one is ``none`` with action ``none``."""
        situation = situation or _ANY
        normal = normalise(raw)
        short = self._short_reply(normal, situation.expecting)
        if short is None and not normal.text:
            return Understanding(raw, "none", "other", 1.0, "none")
        slots = find_slots(normal, self._lexicon, situation.now)
        if short is not None:
            slots += _if_told(self._reasons.listed(normal))
            return Understanding(raw, short.family, short.kind, short.confidence, short.action,
                                 _values(slots), (), short.evidence)  # fmt: skip
        if _only_facts(normal, slots) or is_dictation(normal.text):
            return Understanding(raw, "none", "facts", 1.0, "none", _values(slots), (),
                                 tuple(_slot_evidence(raw, slots)))  # fmt: skip
        meant = last_wish(normal)
        wish = self._wish(normal)
        thought = self._think(wish, situation)
        decision = self._deciding.decide(
            meant, thought.opinion, thought.strangeness, self._by_words
        )
        if situation.heard < self.bands.heard:
            decision = doubted(decision, normal, situation.heard)
        asked = situation.expecting == REASON
        slots += _if_told(self._reasons.told(
            normal, wish, thought.reasons, asked=asked, family=decision.family
        ))  # fmt: skip
        faq = self._answers(thought, situation)
        found = [*decision.evidence, *_slot_evidence(raw, slots), *_faq_evidence(faq)]
        answers = tuple(FaqAnswer(hit.entry.id, hit.entry.question, score) for hit, score in faq)
        return Understanding(
            raw, decision.family, decision.kind, decision.confidence, decision.action,
            _values(slots), answers, tuple(found),
        )  # fmt: skip

    def prepare(self, raws: Sequence[str]) -> None:
        """Tell what will be asked about: together it takes less time."""
        if self._meaning is not None:
            wishes = (self._wish(normalise(raw)) for raw in raws)
            self._meaning.prepare([wish for wish in wishes if wish])

    def answers(self, raw: str, limit: int = 3) -> list[tuple[FaqHit, float]]:
        """The best FAQ entries with their probabilities, also those too unlikely to be shown."""
        thought = self._think(self._wish(normalise(raw)))
        hits = self._faq.best_of(thought.found, limit=limit)
        return [(hit, self._probability(hit, thought)) for hit in hits]

    def likely(self, raw: str, limit: int = 5) -> list[str]:
        """The likeliest intent kinds of an utterance, whatever was decided."""
        kinds = self._think(self._wish(normalise(raw))).opinion.kinds
        return [self._classifier.labels[at] for at in (-kinds).argsort()[:limit]]

    def measure(self, raw: str) -> Measured | None:
        """Raw figures of an utterance, None for an empty one or a short reply."""
        normal = normalise(raw)
        if not normal.text or self._short_reply(normal, "") is not None:
            return None
        thought = self._think(self._wish(normal))
        hits = tuple(self._faq.best_of(thought.found))
        return Measured(thought.views, thought.strangeness, hits)

    def _short_reply(self, normal: Normalised, expecting: str) -> Decision | None:
        """嗯 alone is a filler, and yet an answer where a question was asked."""
        text = normal.text or "".join(c for c in normal.raw if c.isalnum())
        if not text:
            return None
        said = {text, text.rstrip(_SOFTENERS)} - {""}
        for state in (expecting, "any"):
            for meant, replies in self._lexicon.short_replies.get(state, {}).items():
                if not said.isdisjoint(replies):
                    return reply(meant, state, normal)
        return None

    def _wish(self, normal: Normalised) -> str:
        """What is wanted: the words after the last correction, without dictated numbers, cues
        that were misheard as they are written."""
        return self._lexicon.as_meant(
            without_dictation(last_wish(normal).text), self._classifier.is_written
        )

    # -- what is thought of it ---------------------------------------------------------------

    def _think(self, text: str, situation: Situation = _ANY) -> _Thought:
        """All views of a normal form: first words and meaning, then the answers that fit them.
        Where something was asked before it, it is likelier an answer; what is unfinished is heard
        by its words alone."""
        families, kinds = self._classifier.probabilities([text])
        none = np.zeros(families.shape[1], np.float32)
        meant_families, meant_kinds, reasons = None, None, None
        if self._meaning is not None and not situation.unfinished:
            meant_families, meant_kinds, reasons = self._meaning.of(text)
        views = Views(families[0], kinds[0], none, meant_families, meant_kinds)
        first = opinion(views, self.layout, self._calibration)
        found = self._faq.heights(text, self._encoder.rows([text]), first.kinds)
        heights = self._faq.by_family(found, self.layout.families)
        views = replace(views, answers=heights)
        last = opinion(views, self.layout, self._calibration, situation.expects_reply)
        own = self._phrases.get(sound.folded_syllables(text))
        if own is not None:
            last = last.sure_of(own)
        return _Thought(last, views, found, self._encoder.strangeness(text), reasons)

    def _by_words(self, text: str) -> Opinion:
        """What the words alone say of a piece of an utterance."""
        families, kinds = self._classifier.probabilities([text])
        return opinion(Views(families[0], kinds[0], np.zeros_like(families[0])),
                       self.layout, self._calibration)  # fmt: skip

    def _answers(self, thought: _Thought, situation: Situation) -> list[tuple[FaqHit, float]]:
        """Answers worth showing, with their probabilities."""
        day = situation.now.date() if situation.now is not None else None
        hits = self._faq.best_of(thought.found, day)
        found = [(hit, self._probability(hit, thought)) for hit in hits]
        return [(hit, score) for hit, score in found if score >= self.bands.faq_show]

    def _probability(self, hit: FaqHit, thought: _Thought) -> float:
        """What sounds foreign, or most likely means nothing to us, is less likely answered."""
        own = _own(thought)
        p = self._calibration.answer(hit.height, hit.lead, own, thought.strangeness)
        if hit.same and hit.lead >= 0:
            return round(max(p, SAME_SCORE), 3)
        return round(p if hit.entry.family == "none" else p * min(1.0, 2 * own), 3)


def _by_sound(kinds: Sequence[IntentKind]) -> dict[str, str]:
    """Phrases by their sound: who says one to the letter means its kind, whatever else is known.
    What two kinds list is left out."""
    found: dict[str, str] = {}
    for kind in kinds:
        for phrase in kind.phrases:
            code = sound.folded_syllables(normalise(phrase).text)
            found[code] = kind.id if found.get(code, kind.id) == kind.id else ""
    return {code: kind for code, kind in found.items() if code and kind}


class Meanings:
    """A sentence model's opinion in the order of the engine's kinds."""

    def __init__(self, model: SentenceModel, classifier: IntentClassifier) -> None:
        self._known = Remembered(model)
        layout = classifier.layout
        self._member = layout.member
        at = {kind: n for n, kind in enumerate(model.kinds)}
        self._from = np.array([at.get(kind, -1) for kind in layout.kinds])

    def prepare(self, texts: Sequence[str]) -> None:
        self._known.prepare(texts)

    def of(self, text: str) -> tuple[Floats, Floats, Floats]:
        """Probabilities of the families, of the kinds within them, and of the model's reasons. A
        kind that the model does not know has none."""
        known = self._known.of(text)
        kinds = np.where(self._from >= 0, known.kinds[self._from], 0.0).astype(np.float32)
        families = kinds @ self._member
        return families, within(kinds[None], self._member)[0], known.reasons


def _values(slots: Sequence[Slot]) -> dict[str, str]:
    """Of several values of one name the first counts."""
    return {slot.name: slot.value for slot in reversed(slots)}


def _if_told(slot: Slot | None) -> list[Slot]:
    return [slot] if slot is not None else []


def _own(thought: _Thought) -> float:
    """Probability that an utterance means something to the operator."""
    return 1.0 - thought.opinion.of("none")


def _only_facts(normal: Normalised, slots: Sequence[Slot]) -> bool:
    """晚上八点半: an answer to a question, and no wish."""
    told = [s for s in slots if s.name in ("when", "amount", "address", "estate")]
    left = [at for at in normal.offsets if not any(s.start <= at < s.end for s in told)]
    return bool(told) and len(left) <= 1


def _slot_evidence(raw: str, slots: Sequence[Slot]) -> list[Evidence]:
    spans = {(slot.start, slot.end) for slot in slots if slot.end > slot.start}
    return [Evidence("slot", raw[start:end], 1.0, start, end) for start, end in sorted(spans)]


def _faq_evidence(found: Sequence[tuple[FaqHit, float]]) -> list[Evidence]:
    """Which of the entry's texts was closest (it is no part of the utterance)."""
    return [Evidence(f"faq:{hit.entry.id}", hit.matched, score) for hit, score in found[:1]]
