"""Natural synthetic speech: sentences by the voices of Kokoro-82M and blends of two of them.

Rendering is the expensive part (about as long as the speech), so renderings are kept on disk at
8000 Hz; each is then used several times at other paces and over other lines. The labels are the
project's own phones of the text: where the synthesiser would read it differently, it is left out.
"""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import jieba
import numpy as np

from app.language.texts.pronounce import Phones, word_phones
from app.language.understanding.sound import is_han

from . import shards, texts
from .channel import resampled, stretched, telephone
from .everyday import Everyday
from .layers import RATE_HZ
from .natural_voices import Job, Renderer, keep, voices
from .recipe import Recipe

_SLOWEST, _FASTEST = 0.85, 1.25
_LONGEST = 34


class Copy(NamedTuple):
    """A rendering over one more line."""

    text: str
    path: Path
    seed: int


def said_as_labelled(text: str) -> Phones | None:
    """The phones, where they are the same word by word (as the synthesiser reads) and as a whole."""
    spoken = "".join(filter(is_han, text))
    whole = word_phones(spoken)
    parts = [word_phones(word) for word in jieba.cut(text) if is_han(word[0])]
    by_word = [phone for part in parts for phone in part or ()]
    return whole if whole is not None and list(whole) == by_word else None


def _said(count: int, seed: int) -> list[str]:
    """Half of the domain, the rest general; the first of more are the same as of fewer."""
    chance, everyday = random.Random(seed + 11), Everyday(seed)
    domain = texts.domain(2 * count + 2000, seed + 1)
    phrases = texts.general(count + 1000, seed + 2)
    kept_back = set(texts.tests())
    said: list[str] = []
    while len(said) < count:
        kind = chance.random()
        if kind < 0.5:
            text = domain.pop(0) + ("，" + domain.pop(0) if chance.random() < 0.3 else "")
        elif kind < 0.57:
            text = everyday.short()
        elif kind < 0.70:
            text = phrases.pop(0)
        else:
            text = everyday.several()
        if len(text) <= _LONGEST and text not in kept_back and said_as_labelled(text):
            said.append(text)
    return said


def _voice(known: list[str], chance: random.Random) -> str:
    """Mandarin voices more often than others, blends of any two."""
    mandarin = [name for name in known if name.startswith("z")]
    kind = chance.random()
    if kind < 0.4 and mandarin:
        return chance.choice(mandarin)
    if kind < 0.75 or len(known) < 2:
        return chance.choice(known)
    return "+".join(sorted(chance.sample(known, 2)))


def jobs(recipe: Recipe, known: list[str]) -> list[Job]:
    """What is rendered for a recipe."""
    chance = random.Random(recipe.seed + 5)
    made = []
    for number, text in enumerate(_said(recipe.kokoro_sentences, recipe.seed)):
        speed = round(chance.uniform(_SLOWEST, _FASTEST), 2)
        made.append(Job(text, _voice(known, chance), speed, number))
    return made


class _Rendering(NamedTuple):
    model: Path
    job: Job
    path: Path


@cache
def _renderer(model: Path) -> Renderer:
    return Renderer(model)


def _render(wanted: _Rendering) -> None:
    keep(_renderer(wanted.model), wanted.job, wanted.path)


def render(wanted: Sequence[Job], model: Path, kept: Path, workers: int) -> None:
    """What is not in ``kept`` yet; cut off, it goes on there. Raises OSError without the model."""
    missing = [
        _Rendering(model, job, path) for job in wanted if not (path := job.cached(kept)).exists()
    ]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for number, _ in enumerate(pool.map(_render, missing), 1):
            if number % 50 == 0 or number == len(missing):
                print(f"kokoro: {number} of {len(missing)} renderings", flush=True)


def _speak(copy: Copy) -> shards.Utterance | None:
    """A rendering at another pace and size of speaker, over a line."""
    phones = said_as_labelled(copy.text)
    if phones is None:
        return None
    chance = random.Random(copy.seed)
    np.random.seed(copy.seed % (1 << 32))
    samples = np.frombuffer(copy.path.read_bytes(), "<i2").astype(np.float32) / 32768
    samples = stretched(samples, chance.choice((1.0, chance.uniform(0.85, 1.2))))
    warp = chance.choice((1.0, chance.uniform(0.88, 1.14)))
    return shards.utterance(telephone(resampled(samples, RATE_HZ, warp), chance), phones)


def synthesize(recipe: Recipe, work: Path, model: Path, kept: Path, workers: int) -> None:
    """The set ``kokoro`` in the work folder. Raises OSError without the synthesiser's files."""
    wanted = jobs(recipe, voices(model))
    render(wanted, model, kept, workers)
    copies = [
        Copy(job.text, job.cached(kept), job.seed * recipe.kokoro_copies + number)
        for number in range(recipe.kokoro_copies)
        for job in wanted
    ]
    shards.make(work / "data", "kokoro", copies, _speak, recipe.shard, workers)
