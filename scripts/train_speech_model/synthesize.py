"""Synthetic speech: domain sentences and general phrases by many voices of espeak-ng."""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.adapters.voice.tts_espeak import EspeakSynthesiser, SynthesisError
from app.language.texts.pronounce import word_phones

from . import shards, texts
from .channel import resampled, telephone
from .recipe import Recipe

#: Voices that models are measured with: no training sample is spoken by them.
HELD_OUT = ("m5", "f4", "klatt3", "linda", "michael", "steph", "anika", "adam")
VOICES = (
    "m1",
    "m2",
    "m3",
    "m4",
    "m6",
    "m7",
    "m8",
    "f1",
    "f2",
    "f3",
    "f5",
    "klatt",
    "klatt2",
    "klatt4",
    "klatt5",
    "klatt6",
    "Alex",
    "Alicia",
    "Andrea",
    "Andy",
    "Annie",
    "antonio",
    "aunty",
    "belinda",
    "benjamin",
    "boris",
    "caleb",
    "david",
    "Denis",
    "diogo",
    "ed",
    "edward",
    "edward2",
    "Gene",
    "Gene2",
    "gustave",
    "Henrique",
    "Hugo",
    "iven",
    "iven2",
    "iven3",
    "iven4",
    "Jacky",
    "john",
    "kaukovalta",
    "Lee",
    "marcelo",
    "Marco",
    "Mario",
    "max",
    "michel",
    "miguel",
    "mike",
    "Mr",
    "norbert",
    "Nguyen",
    "pablo",
    "paul",
    "pedro",
    "quincy",
    "robert",
    "RicishayMax",
    "RicishayMax2",
    "sandro",
    "shelby",
    "steph2",
    "steph3",
    "Storm",
    "travis",
    "Tweaky",
    "victor",
    "zac",
    "grandpa",
    "grandma",
)
_SLOWEST, _FASTEST = 150, 330


class Job(NamedTuple):
    text: str
    voice: str
    seed: int


def _speak(job: Job) -> shards.Utterance | None:
    phones = word_phones(job.text)
    if phones is None:
        return None
    chance = random.Random(job.seed)
    np.random.seed(job.seed % (1 << 32))
    voice = EspeakSynthesiser(
        job.voice,
        chance.randint(_SLOWEST, _FASTEST),
        chance.randint(15, 85),
        chance.randint(30, 80),
    )
    try:
        samples = np.frombuffer(voice.speak(job.text), "<i2").astype(np.float32) / 32768
    except SynthesisError:
        return None
    warp = chance.choice((1.0, chance.uniform(0.85, 1.18)))
    return shards.utterance(telephone(resampled(samples, 8000, warp), chance), phones)


def synthesize(recipe: Recipe, work: Path, workers: int) -> None:
    """The set ``synthetic`` in the work folder."""
    said = texts.domain(recipe.domain_sentences, recipe.seed)
    said += texts.general(recipe.general_phrases, recipe.seed)
    chance = random.Random(recipe.seed)
    jobs = [Job(text, chance.choice(VOICES), number) for number, text in enumerate(said)]
    chance.shuffle(jobs)
    shards.make(work / "data", "synthetic", jobs, _speak, recipe.shard, workers)
