"""Human recordings of syllables and words, joined to strings and to the operator's sentences.

A folder holds sound files named by what is said (``ma3.mp3``, ``cmn-一下.mp3``), or a ``manifest.tsv``
(file, text, …). One folder is one speaker.
"""

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from pypinyin import Style, lazy_pinyin

from app.language.texts.pronounce import Phones, pronounceable, syllable_phones, word_phones
from app.language.understanding.sound import is_han

from . import shards, texts
from .channel import resampled, stretched, telephone
from .recipe import Recipe

_PREFIX = "cmn-"
_SOUNDS = {".mp3", ".wav", ".flac", ".ogg"}
_WORKING_HZ = 16_000
_SYLLABLE = re.compile(r"[a-zü:]+[1-5]?")
_SHORTEST_S = 0.1
_LONGEST_WORD = 8
#: Recordings of the published sets that hold only one of the words of their text.
_MISLABELLED = {"他们她们", "他她它"}


class RecordingsError(Exception):
    """A folder cannot be used; the text says why."""


class Recording(NamedTuple):
    path: Path
    #: Han characters, or a toned syllable in pinyin.
    said: str
    phones: Phones


class Speaker(NamedTuple):
    name: str
    recordings: tuple[Recording, ...]

    @property
    def of_words(self) -> bool:
        return any(len(r.phones) > 2 for r in self.recordings)


class Splice(NamedTuple):
    """Recordings of one speaker, one after the other."""

    recordings: tuple[Recording, ...]
    seed: int


def speakers(folders: Sequence[Path]) -> list[Speaker]:
    """Raises RecordingsError for a folder that is missing or holds nothing that can be read."""
    return [_speaker(folder) for folder in folders]


def _speaker(folder: Path) -> Speaker:
    if not folder.is_dir():
        raise RecordingsError(
            f"there is no folder {folder}: give folders with recordings to --speech"
        )
    manifest = folder / "manifest.tsv"
    if manifest.is_file():
        lines = manifest.read_text(encoding="utf-8").splitlines()
        named = [
            (folder / parts[0], parts[1]) for line in lines if len(parts := line.split("\t")) > 1
        ]
    else:
        files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SOUNDS)
        named = [(path, path.stem.removeprefix(_PREFIX).strip("_")) for path in files]
    found = [Recording(path, said, phones) for path, said in named
             if said not in _MISLABELLED and (phones := _phones(said))]  # fmt: skip
    if not found:
        raise RecordingsError(
            f"{folder} holds no recording that can be used: expected sound files named by what is said"
            " (ma3.mp3, 一下.mp3) or a manifest.tsv of file and text"
        )
    return Speaker(folder.name, tuple(found))


def _phones(said: str) -> Phones | None:
    if said and all(map(is_han, said)):
        return word_phones(said) if pronounceable(said) and len(said) <= _LONGEST_WORD else None
    return syllable_phones(said) if _SYLLABLE.fullmatch(said) else None


@lru_cache(maxsize=20_000)
def _audio(path: Path) -> np.ndarray | None:
    """Trimmed, at 16 kHz; None, said once, where it cannot be read."""
    try:
        samples, rate = soundfile.read(path, dtype="float32")
    except (soundfile.LibsndfileError, OSError) as error:
        print(f"left out {path}: {error}", file=sys.stderr)
        return None
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    mono = resampled(mono, rate, 0.5)
    if len(mono) < _SHORTEST_S * _WORKING_HZ:
        return None
    loud = np.convolve(np.abs(mono), np.ones(320) / 320, "same")
    kept = np.where(loud > 0.04 * loud.max())[0]
    return mono[max(0, kept[0] - 320) : kept[-1] + 320]


def joined(
    splice: Splice, chance: random.Random, slowest: float, fastest: float, varied: bool = True
) -> np.ndarray | None:
    """At 8000 Hz, each at its own pace; neighbours often run into each other.

    Not ``varied``: as recorded, with short gaps. None where a recording cannot be read.
    """
    # Half as slow as they were recorded: callers who dictate speak so.
    pace = chance.uniform(fastest, slowest) if varied and chance.random() < 0.5 else 1.0
    warp = chance.uniform(0.83, 1.2) if varied else 1.0
    out = np.zeros(0, np.float32)
    for recording in splice.recordings:
        samples = _audio(recording.path)
        if samples is None:
            return None
        piece = resampled(samples, _WORKING_HZ, warp)
        if not varied:
            gap = np.zeros(int(8000 * chance.uniform(0, 0.08)) if len(out) else 0, np.float32)
            out = np.concatenate([out, gap, piece / (np.abs(piece).max() + 1e-6) * 0.8])
            continue
        if pace != 1.0:
            piece = stretched(piece, pace * chance.uniform(0.85, 1.15))
        piece = piece / (np.abs(piece).max() + 1e-6) * chance.uniform(0.6, 1)
        out = _append(out, piece, chance)
    return out


def _append(before: np.ndarray, piece: np.ndarray, chance: random.Random) -> np.ndarray:
    if not len(before):
        return piece
    if chance.random() < 0.35:
        gap = np.zeros(int(8000 * chance.choice((0, chance.uniform(0, 0.08)))), np.float32)
        return np.concatenate([before, gap, piece])
    overlap = min(int(8000 * chance.uniform(0.01, 0.05)), len(before) // 3, len(piece) // 3)
    ramp = np.linspace(0, 1, overlap, dtype=np.float32)
    both = before[-overlap:] * (1 - ramp) + piece[:overlap] * ramp if overlap else before[:0]
    return np.concatenate([before[: len(before) - overlap], both, piece[overlap:]])


def _record(splice: Splice) -> shards.Utterance | None:
    chance = random.Random(splice.seed)
    np.random.seed(splice.seed % (1 << 32))
    short = all(len(r.phones) == 2 for r in splice.recordings)
    samples = joined(splice, chance, 1.05, 0.4 if short else 0.6)
    if samples is None or not len(samples):
        return None
    phones = tuple(phone for r in splice.recordings for phone in r.phones)
    return shards.utterance(telephone(samples, chance), phones)


def strings(speaker: Speaker, repeats: int, seed: int) -> list[Splice]:
    """Every recording ``repeats`` times, in strings of one to six."""
    chance = random.Random(seed)
    made: list[Splice] = []
    for _ in range(repeats):
        left = list(speaker.recordings)
        chance.shuffle(left)
        while left:
            count = chance.randint(1, 3 if speaker.of_words else 6)
            made.append(Splice(tuple(left[:count]), chance.randrange(1 << 31)))
            left = left[count:]
    return made


class Splicer:
    """Sentences put together from one speaker's recordings."""

    def __init__(self, speaker: Speaker) -> None:
        self._by_word: dict[str, list[Recording]] = defaultdict(list)
        self._by_toned: dict[str, list[Recording]] = defaultdict(list)
        self._by_phones: dict[Phones, list[Recording]] = defaultdict(list)
        for recording in speaker.recordings:
            if is_han(recording.said[0]):
                self._by_word[recording.said].append(recording)
            else:
                self._by_toned[recording.said].append(recording)
            if len(recording.phones) == 2:
                self._by_phones[recording.phones].append(recording)

    def splice(self, text: str, chance: random.Random) -> Splice | None:
        """None where the speaker never said one of its syllables."""
        found: list[Recording] = []
        at = 0
        toned = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
        while at < len(text):
            longest = next(
                (n for n in range(_LONGEST_WORD, 0, -1) if text[at : at + n] in self._by_word), 0
            )
            if longest:
                choice = self._by_word[text[at : at + longest]]
            else:
                longest = 1
                syllable = syllable_phones(toned[at])
                choice = self._by_toned.get(toned[at]) or self._by_phones.get(syllable or (), [])
            if not choice:
                return None
            found.append(chance.choice(choice))
            at += longest
        return Splice(tuple(found), chance.randrange(1 << 31))

    def all(self, said: Iterable[str], count: int, seed: int) -> list[Splice]:
        """The first ``count`` sentences that can be put together."""
        chance = random.Random(seed)
        made: list[Splice] = []
        for text in said:
            splice = self.splice(text, chance)
            if splice is not None:
                made.append(splice)
            if len(made) >= count:
                break
        return made


def record(recipe: Recipe, work: Path, people: Sequence[Speaker], workers: int) -> None:
    """A set for every speaker, named by the folder."""
    said = texts.domain(recipe.spliced_sentences * 4, recipe.seed + 1)
    for speaker in people:
        repeats = recipe.repeats_of_words if speaker.of_words else recipe.repeats_of_syllables
        few = len(speaker.recordings) < 500
        jobs = strings(speaker, repeats * (4 if few else 1), recipe.seed)
        jobs += Splicer(speaker).all(said, recipe.spliced_sentences, recipe.seed)
        random.Random(recipe.seed).shuffle(jobs)
        if recipe.name == "tiny":
            jobs = jobs[: 2 * recipe.shard]
        shards.make(work / "data", speaker.name, jobs, _record, recipe.shard, workers)
