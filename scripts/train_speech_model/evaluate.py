"""How well a model hears: unheard synthetic voices, and human speakers (left out, or trained on)."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein

from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.language.texts.spoken_texts import callers_texts, spoken
from app.language.understanding import sound
from app.language.understanding.sound import is_han
from app.service.calls.hearing import words_of

from . import texts
from .channel import telephone
from .human import Recording, Speaker, Splice, Splicer, joined
from .recipe import NAME, Recipe
from .synthesize import HELD_OUT

MOST = 240
_SPEEDS = (170, 185, 160, 175, 190, 165, 180, 175)


class Spoken(NamedTuple):
    text: str
    pcm16: bytes


class Score(NamedTuple):
    """Rates of one test set."""

    name: str
    utterances: int
    character_errors: float
    syllable_errors: float
    exact: float

    def line(self) -> str:
        return (f"{self.name:56} {self.utterances:4} utterances  CER {self.character_errors:.3f}"
                f"  toneless syllables {self.syllable_errors:.3f}  exact {self.exact:.3f}")  # fmt: skip


def score(name: str, recogniser: VoskRecogniser, said: Iterable[Spoken]) -> Score:
    """Character and toneless syllable error rates (edit distance), utterances without error."""
    wrong = characters = wrong_syllables = syllables = exact = count = 0
    for text, pcm16 in said:
        heard = "".join(word.word for word in words_of(recogniser, pcm16))
        right, found = sound.syllables(text), sound.syllables(heard)
        wrong += Levenshtein.distance(text, heard)
        wrong_syllables += Levenshtein.distance(right, found)
        characters, syllables = characters + len(text), syllables + len(right)
        exact += text == heard
        count += 1
    return Score(
        name,
        count,
        wrong / max(1, characters),
        wrong_syllables / max(1, syllables),
        exact / max(1, count),
    )


def _on_the_line(samples: np.ndarray, chance: random.Random) -> bytes:
    around = np.zeros(4000, np.float32)
    return (
        telephone(np.concatenate([around, samples, around]), chance, quiet=True)
        .astype("<i2")
        .tobytes()
    )


def _synthetic(count: int, seed: int) -> Iterator[Spoken]:
    said = [text for row in texts.tests() if 4 <= len(text := spoken(row)) <= 22]
    chance = random.Random(seed)
    chance.shuffle(said)
    for at, text in enumerate(said[:count]):
        voice = EspeakSynthesiser(HELD_OUT[at % len(HELD_OUT)], _SPEEDS[at % len(_SPEEDS)])
        samples = np.frombuffer(voice.speak(text), "<i2").astype(np.float32) / 32768
        yield Spoken(text, _on_the_line(samples, chance))


def _recorded(recordings: Sequence[Recording], seed: int) -> Iterator[Spoken]:
    """As they are: at the speaker's own pace."""
    chance = random.Random(seed)
    for recording in recordings:
        samples = joined(Splice((recording,), 0), chance, 1, 1, varied=False)
        if samples is not None:
            yield Spoken(recording.said, _on_the_line(samples, chance))


def _spliced(speaker: Speaker, said: Sequence[str], count: int, seed: int) -> Iterator[Spoken]:
    chance = random.Random(seed)
    order = sorted({text for text in said if 4 <= len(text) <= 16})
    chance.shuffle(order)
    splicer, made = Splicer(speaker), 0
    for text in order:
        splice = splicer.splice(text, chance)
        samples = joined(splice, chance, 1, 1, varied=False) if splice is not None else None
        if samples is not None:
            made += 1
            yield Spoken(text, _on_the_line(samples, chance))
        if made >= count:
            return


def evaluate(recipe: Recipe, model: Path, people: Sequence[Speaker], out: set[str]) -> list[Score]:
    """Every test set that the recordings allow; also written to ``evaluation.json``."""
    full = VoskRecogniser(model / NAME)
    most = MOST if recipe.name != "tiny" else 2
    scores = [score("synthetic voices, unseen text", full, _synthetic(most, recipe.seed))]
    knowledge = texts.knowledge()
    seen, unseen = callers_texts(knowledge), [spoken(text) for text in texts.tests()]
    for person in people:
        who = person.name + ("" if person.name in out else " (trained on)")
        if not person.of_words:
            continue
        loop = model / f"loop-{person.name}"
        words = set(json.loads((loop / "words.json").read_text(encoding="utf-8")))
        chosen = [r for r in person.recordings if r.said in words]
        chosen = list({r.said: r for r in chosen}.values())[:most]
        scores.append(
            score(
                f"{who}: words in a loop of {len(words)}",
                VoskRecogniser(loop),
                _recorded(chosen, recipe.seed),
            )
        )
        natural = [r for r in person.recordings if len(r.phones) >= 6 and is_han(r.said[0])][:most]
        scores.append(
            score(f"{who}: three characters and more, open", full, _recorded(natural, recipe.seed))
        )
        for what, said in (("seen", seen), ("unseen", unseen)):
            spliced = _spliced(person, said, most, recipe.seed)
            scores.append(score(f"{who}: spliced sentences, {what}", full, spliced))
    for each in scores:
        print(each.line(), flush=True)
    report = json.dumps([each._asdict() for each in scores], ensure_ascii=False, indent=1)
    (model / "evaluation.json").write_text(report, encoding="utf-8")
    return scores
