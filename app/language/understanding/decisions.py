"""What is decided on an utterance, from what is thought of it: a family, a kind, and whether that
is acted on or asked about first.

A stop is acted on only where the opinion and the cue words agree (decision 0007); what may be one
is asked about rather than lost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from app.language.understanding.bands import Bands
from app.language.understanding.lexicon import Hit, Lexicon, is_ordinary
from app.language.understanding.modality import modality
from app.language.understanding.normalise import Normalised
from app.language.understanding.understood import Evidence
from app.language.understanding.views import Opinion

DISCONNECT = "disconnect"
WISHES = ("suspend", "cancel", "switch")
#: What cannot wait, and the lexicon's section of its cue words.
ALARMS: Mapping[str, str] = {"fault.danger": "danger", "human.crisis": "crisis"}
#: From which probability on an alarm is believed where a cue word is said, and where none is; how
#: many characters around the word are asked about.
_ALARM_WITH_CUE, _ALARM, _AROUND = 0.3, 0.5, 8
#: Before a word of danger: 没有冒烟, 不烫手.
_DENIED = re.compile("(?:没有?|不|未|别)(?:在|再|是|怎么)?$")
#: How much likelier rules over the words make a kind of disconnect, and how much less likely asking
#: and denying are where the rules hear a plain wish.
_RULED, _UNRULED = {"negated": 40.0, "enquiry": 3.0}, 0.4


Near = Callable[[str], Opinion]


@dataclass(frozen=True, slots=True)
class Decision:
    """``action`` is act, clarify or none."""

    family: str
    kind: str
    confidence: float
    action: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Deciding:
    """The rules of one knowledge base; calls are pure. ``is_written``: whether characters are
    ordinary as they stand, and no misheard cue."""

    lexicon: Lexicon
    bands: Bands
    is_written: Callable[[str], bool] = field(default=lambda _: False)

    def decide(
        self, normal: Normalised, opinion: Opinion, strangeness: float, near: Near
    ) -> Decision:
        """``strangeness``: the share of the words' neighbouring syllables that nothing known holds;
        ``near``: what is thought of a piece of the words."""
        alarm = self._alarm(normal, opinion, near)
        if alarm is not None:
            return alarm
        if opinion.of(DISCONNECT) >= self.bands.hint:
            cues = self._cues(normal.text)
            decision = self._disconnect(normal, opinion, cues, strangeness)
            if decision is not None:
                return decision
        return self._plain(normal, opinion)

    def _alarm(self, normal: Normalised, opinion: Opinion, near: Near) -> Decision | None:
        """A word of danger counts where what stands around it sounds like danger, whatever else is
        told in the same breath."""
        for kind, section in ALARMS.items():
            words = self.lexicon.alarms.get(section)
            said = words.find(normal.text) if words is not None else []
            hits = [hit for hit in said if not _DENIED.search(normal.text[: hit.start])]
            around = [near(normal.text[max(0, h.start - _AROUND) : h.end + _AROUND]) for h in hits]
            heard = max((one.of_kind(kind) for one in around), default=0.0)
            probability = opinion.of_kind(kind)
            if said and not hits:
                return Decision("none", "other", 1.0 - probability, "none", ())
            if probability >= _ALARM or (hits and max(heard, probability) >= _ALARM_WITH_CUE):
                return _alarmed(normal, kind, hits, max(probability, heard))
        return None

    def _cues(self, text: str) -> list[Hit]:
        """Cues of the whole family; what a kind lists hints at the family as well."""
        found: dict[tuple[int, int], Hit] = {}
        for name in (DISCONNECT, "switch", "suspend", "cancel"):
            for hit in self.lexicon.cues[name].find(text):
                if hit.how != "text" and is_ordinary(text, hit, self.is_written):
                    continue
                found.setdefault((hit.start, hit.end), hit)
        return list(found.values())

    def _plain(self, normal: Normalised, opinion: Opinion) -> Decision:
        """A stop is never decided here: only where the opinion and cue words agree."""
        others = {name: p for name, p in opinion.by_family().items() if name != DISCONNECT}
        family = max(others, key=lambda name: others[name])
        confidence = others[family]
        found = (evidence("classifier", normal, 0, len(normal.text), confidence),)
        kind = opinion.best_kind(family)
        if family == "none":
            return Decision(family, kind, confidence, "none", found)
        if confidence < self.bands.clarify:
            return Decision("none", "other", opinion.of("none"), "none", found)
        action = "act" if confidence >= self.bands.act else "clarify"
        return Decision(family, kind, confidence, action, found)

    def _disconnect(
        self, normal: Normalised, opinion: Opinion, cues: list[Hit], strangeness: float
    ) -> Decision | None:
        """Act only where opinion and rules agree, clarify where one of them hears it."""
        probability = opinion.of(DISCONNECT)
        rival = max(p for name, p in opinion.by_family().items() if name != DISCONNECT)
        other = self._is_of_something_else(normal.text)
        mood, words = modality(normal.text)
        kind, wish = self._kind(opinion, mood)
        if probability < rival and (
            other or not self._may_be_lost(probability * wish, rival, cues)
        ):
            return None
        doubtful = strangeness > self.bands.strange or other or wish < self.bands.wish
        agreed = bool(cues) and probability >= self.bands.act and not doubtful
        if kind in WISHES:
            action = "act" if agreed and mood == "wish" else "clarify"
        else:
            sure = probability >= self.bands.act and mood != "reported"
            action = "act" if sure else "clarify"
        found = [evidence(f"cue_{hit.how}", normal, hit.start, hit.end, 1.0) for hit in cues[:3]]
        found.append(evidence("classifier", normal, 0, len(normal.text), probability))
        if words:
            at = normal.text.find(words)
            found.append(evidence(f"modality_{mood}", normal, at, at + len(words), 1.0))
        return Decision(DISCONNECT, kind, probability, action, tuple(found))

    def _may_be_lost(self, wish: float, rival: float, cues: list[Hit]) -> bool:
        """Whether a wish that is likely the lesser meaning is asked about: a word of it is said, or
        the greater meaning is no sure one."""
        return wish >= self.bands.hint and (bool(cues) or rival < self.bands.act)

    def _is_of_something_else(self, text: str) -> bool:
        """A film package may be unwanted without anybody leaving."""
        other = self.lexicon.not_service.find(text)
        return bool(other) and not self.lexicon.service.find(text)

    def _kind(self, opinion: Opinion, mood: str) -> tuple[str, float]:
        """The likeliest kind, the rules' opinion included, and the share of all wishes."""
        shares = {
            name.partition(".")[2]: float(p)
            for name, p in zip(opinion.layout.kinds, opinion.kinds, strict=True)
            if name.startswith(f"{DISCONNECT}.")
        }
        if mood in shares:
            shares[mood] *= _RULED.get(mood, 1.0)
        for name in ("negated", "enquiry") if mood == "wish" else ():
            shares[name] *= _UNRULED
        total = max(sum(shares.values()), 1e-9)
        kind = max(shares, key=lambda name: shares[name])
        return kind, sum(shares.get(name, 0.0) for name in WISHES) / total


def _alarmed(normal: Normalised, kind: str, hits: list[Hit], probability: float) -> Decision:
    family, _, name = kind.partition(".")
    found = [evidence(f"cue_{hit.how}", normal, hit.start, hit.end, 1.0) for hit in hits[:3]]
    found.append(evidence("classifier", normal, 0, len(normal.text), probability))
    return Decision(family, name, probability, "act", tuple(found))


def doubted(decision: Decision, normal: Normalised, heard: float) -> Decision:
    """What may have been misheard stops nobody unasked. ``heard``: the recogniser's confidence."""
    if decision.family != DISCONNECT or decision.action != "act":
        return decision
    low = evidence("low_confidence", normal, 0, len(normal.text), heard)
    return replace(decision, action="clarify", evidence=(*decision.evidence, low))


def reply(meant: str, state: str, normal: Normalised) -> Decision:
    """What a short reply means in a state of the conversation."""
    rule = "short_reply" if state == "any" else f"short_reply_{state}"
    found = (Evidence(rule, normal.raw, 1.0, 0, len(normal.raw)),)
    if meant in ("affirm", "deny"):
        return Decision(meant, meant, 1.0, "act", found)
    return Decision("none", meant, 1.0, "none", found)


def evidence(rule: str, normal: Normalised, start: int, end: int, score: float) -> Evidence:
    """Evidence at a span of the normal form, told by its place in the raw text."""
    raw_start, raw_end = normal.raw_span(max(0, start), end)
    return Evidence(rule, normal.raw[raw_start:raw_end], float(score), raw_start, raw_end)
