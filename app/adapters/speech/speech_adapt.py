"""The embedded speech model with a language model of the operator's own words."""

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import jieba

from app.adapters.speech.sherpa_models import ABOUT, is_sherpa
from app.adapters.speech.speech_graph import SHERPA, Readings, write_graph
from app.language.knowledge.content import Knowledge
from app.language.texts.hot_words import own_words
from app.language.texts.learned_words import Learned
from app.language.texts.pronounce import Phones, pronounceable, readings
from app.language.texts.spoken_texts import Values, agents_texts, callers_texts, colloquial
from app.language.texts.trigram import END, START, Trigram

#: General words of jieba's dictionary that are in the graph, by unigram only, and their share.
BACKGROUND_WORDS = 12_800
BACKGROUND_SHARE = 0.05
#: How often a caller's sentence counts against a sampled one.
CALLER_WEIGHT, COLLOQUIAL_WEIGHT, AGENT_WEIGHT = 10, 1, 1
STAMP, LEARNED = "holdline.json", "learned.json"
_ALWAYS = "零一二三四五六七八九十百千万幺两点半"

Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """What is said on this operator's line; ``spellings``: pinyin of words read unusually;
    ``learned``: counts of what callers said."""

    knowledge: Knowledge
    scripts: Sequence[str]
    places: Sequence[str]
    plans: Sequence[str]
    spellings: dict[str, str]
    learned: Learned = field(default_factory=Learned)


@dataclass(frozen=True, slots=True)
class Adapted:
    folder: Path
    words: int
    sentences: int
    graph_bytes: int


def adapt(
    base: Path, target: Path, material: Material, now: datetime, progress: Progress
) -> Adapted:
    """A new model folder: the acoustic part of ``base``, a graph of the material. CPU: a minute.

    Written beside and moved at the end: ``target`` is whole or not there. Raises OSError.
    """
    progress(5, "texts")
    own = [*own_words(material.knowledge, material.places), *material.learned.names]
    sentences = sentences_of(material, cutter_of(own))
    progress(20, "language model")
    background = _background()
    known = {word for sentence in sentences for word in sentence} | material.learned.words()
    vocabulary = {*known, *own, *_ALWAYS, *(c for word in known for c in word)}
    spoken_as = _readings({*vocabulary, *background}, material.spellings)
    kept = [[word for word in s if word in spoken_as] for s in sentences]
    background = {word: weight for word, weight in background.items() if word in spoken_as}
    model = Trigram(
        kept, vocabulary & spoken_as.keys(), background, BACKGROUND_SHARE,
        _sayable(material.learned, spoken_as),
    )  # fmt: skip
    progress(40, "graph")
    stamp = {"base": base.name, "made_at": now.isoformat(), "words": len(spoken_as),
             "sentences": len(kept)}  # fmt: skip
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        size = _write(base, part, model, spoken_as)
        (part / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        if material.learned.grams:
            (part / LEARNED).write_text(material.learned.to_json(), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    progress(100, "done")
    return Adapted(target, len(spoken_as), len(kept), size)


def learned_in(folder: Path) -> Learned:
    """The counts that a model was made with; none where it was made without."""
    try:
        return Learned.from_json((folder / LEARNED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Learned()


def _sayable(learned: Learned, spoken_as: Readings) -> dict[tuple[str, ...], int]:
    """Counts of what is only of words that the model can say."""
    marks = {START, END}
    return {
        gram: count
        for gram, count in learned.grams.items()
        if all(word in marks or word in spoken_as for word in gram)
    }


def _write(base: Path, part: Path, model: Trigram, spoken_as: Readings) -> int:
    """The acoustic files of the base and the new graph, in the layout of its engine."""
    part.mkdir(parents=True)
    if is_sherpa(base):
        for file in (*base.glob("*.onnx"), base / "tokens.txt", base / ABOUT):
            shutil.copy(file, part / file.name)
        return write_graph(part, model.acceptor(), spoken_as, SHERPA)
    for name in ("am", "conf"):
        shutil.copytree(base / name, part / name)
    return write_graph(part / "graph", model.acceptor(), spoken_as)


def cutter_of(own: Sequence[str]) -> jieba.Tokenizer:
    """Cuts sentences into words; the operator's own are never cut to pieces."""
    jieba.setLogLevel(logging.ERROR)
    cutter = jieba.Tokenizer()
    for word in own:
        cutter.add_word(word)
    return cutter


def sentences_of(material: Material, cutter: jieba.Tokenizer) -> list[list[str]]:
    """What is said on the line, in words."""
    asked = callers_texts(material.knowledge)
    callers = asked * CALLER_WEIGHT + colloquial(asked * COLLOQUIAL_WEIGHT)
    agents = agents_texts(material.knowledge, material.scripts) * AGENT_WEIGHT
    values = Values(material.places, material.plans).sample()
    return [list(cutter.cut(text, HMM=False)) for text in (*callers, *agents, *values)]


def _background() -> dict[str, float]:
    weights: dict[str, float] = {}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, *_ = line.decode("utf-8").split()
            weights[word] = float(count)
    frequent = sorted(weights, key=lambda word: -weights[word])
    return {word: weights[word] for word in frequent[:BACKGROUND_WORDS] if pronounceable(word)}


def _readings(words: set[str], spellings: dict[str, str]) -> dict[str, tuple[Phones, ...]]:
    return {word: found for word in sorted(words) if (found := readings(word, spellings))}
