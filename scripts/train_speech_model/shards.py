"""Features with their labels on disk, in shards: a run that was cut off goes on at the next one."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.language.texts.pronounce import PHONE_AT, Phones

from .features import mfcc

FRAMES_A_PHONE = 3


class Utterance(NamedTuple):
    """``frames``: [count, 40] half floats; ``labels``: phone numbers."""

    frames: np.ndarray
    labels: np.ndarray


def utterance(samples: np.ndarray, phones: Phones) -> Utterance | None:
    """None where the audio is too short to hold its phones."""
    frames = mfcc(samples)
    if len(frames) < FRAMES_A_PHONE * len(phones) + FRAMES_A_PHONE:
        return None
    labels = np.array([PHONE_AT[phone] for phone in phones], np.int16)
    return Utterance(frames.astype(np.float16), labels)


def make(
    folder: Path, name: str, jobs: Sequence[Any], work: Callable[[Any], Utterance | None],
    size: int, workers: int,
) -> None:  # fmt: skip
    """Shards ``name-000.npz`` and on; those that are there already are not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(jobs), size)
    workforce = _Workforce(work, workers)
    for number, start in enumerate(starts):
        path = folder / f"{name}-{number:03d}.npz"
        if not path.exists():
            made = workforce.run(jobs[start : start + size])
            _save(path, [each for each in made if each is not None])
        print(f"{name}: {number + 1} of {len(starts)} shards", flush=True)
    workforce.end()


class _Workforce:
    """Processes that outlive a crash in native code: the job that kills its process is left out."""

    def __init__(self, work: Callable[[Any], Utterance | None], workers: int) -> None:
        self._work, self._workers = work, workers
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, get_context("spawn"))

    def end(self) -> None:
        self._pool.shutdown()

    def run(self, jobs: Sequence[Any]) -> list[Utterance | None]:
        try:
            return list(self._pool.map(self._work, jobs, chunksize=max(1, len(jobs) // 50)))
        except BrokenProcessPool:
            self._pool = self._start()
        if len(jobs) == 1:
            print(f"left out, it kills its process: {jobs[0]}", flush=True)
            return []
        half = len(jobs) // 2
        return self.run(jobs[:half]) + self.run(jobs[half:])


def _save(path: Path, utterances: Sequence[Utterance]) -> None:
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        frames=np.concatenate([u.frames for u in utterances]),
        frame_counts=[len(u.frames) for u in utterances],
        labels=np.concatenate([u.labels for u in utterances]),
        label_counts=[len(u.labels) for u in utterances],
    )
    part.replace(path)


def load(folder: Path, names: Sequence[str]) -> Iterator[Utterance]:
    """All utterances of the named sets."""
    for name in names:
        for path in sorted(folder.glob(f"{name}-[0-9]*.npz")):
            if ".part" in path.name:
                continue
            with np.load(path) as arrays:
                frames, labels = arrays["frames"], arrays["labels"]
                at = np.concatenate([[0], np.cumsum(arrays["frame_counts"])])
                to = np.concatenate([[0], np.cumsum(arrays["label_counts"])])
            for number in range(len(at) - 1):
                yield Utterance(
                    frames[at[number] : at[number + 1]], labels[to[number] : to[number + 1]]
                )
