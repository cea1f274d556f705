"""The tape of a call: a track a party, frame by frame, and a stereo WAV that survives a crash.

In the file the caller is left, everybody else and what we play are mixed on the right. The media
thread appends, the recorder thread flushes, the link thread reads from any frame on: from memory
track by track, or older frames from the file.
"""

import logging
import threading
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from app.domain.calls.ids import CALLER, PROMPTS, LegId
from app.media import wav
from app.media.g711 import FRAME_BYTES, SILENT_PCM
from app.media.mixer import added

log = logging.getLogger(__name__)

_KEEP_FRAMES = 500
_KEEP_UNWRITTEN_FRAMES = 3000
_STEREO_FRAME_BYTES = 2 * FRAME_BYTES


class TapeChunk(NamedTuple):
    """Consecutive frames from ``first`` on, PCM16 of each track, all equal in length."""

    first: int
    tracks: Mapping[LegId, bytes]


def interleave(left: bytes, right: bytes) -> bytes:
    """Two mono streams of equal length as one stereo stream."""
    both = np.stack((np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")), axis=1)
    return both.tobytes()


class Tape:
    """Frames are numbered from 0 at the answer; ``frames`` is how many there are.

    A track begins with the first frame that names it, and is forgotten when none of the frames
    in memory does. Frames from the file have two: the caller, and the right side under the name
    of the first leg that was dialled then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        self.error: str | None = None
        self.paused = False
        self._base = 0
        self._written = 0
        self._tracks: dict[LegId, bytearray] = {CALLER: bytearray()}
        self._named_until: dict[LegId, int] = {}
        #: From which frame on the file's right side is whose.
        self._right: list[tuple[int, LegId]] = []
        self._lock = threading.Lock()
        #: The recorder may be writing while the end of the call closes the file.
        self._writing = threading.Lock()
        self._file: BinaryIO | None = None

    @classmethod
    def from_file(cls, path: Path, right: LegId) -> "Tape":
        """A finished tape of an earlier run, for reading. Raises OSError where it is missing."""
        tape = cls(path)
        size = path.stat().st_size - wav.HEADER_BYTES
        tape.frames = tape._base = tape._written = max(0, size // _STEREO_FRAME_BYTES)
        tape._right = [(0, right)]
        return tape

    def open(self) -> None:
        """Create the file with a header. Raises OSError (full disk, no permission)."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("w+b", buffering=0)
        try:
            file.write(wav.header(0, 2))
        except OSError:
            file.close()
            raise
        self._file = file

    def append(self, frames: Mapping[LegId, bytes]) -> None:
        """Add one frame of every track; those that are not named are silent (media thread)."""
        if self.paused:
            frames = dict.fromkeys(frames, SILENT_PCM)
        with self._lock:
            here, self.frames = self.frames, self.frames + 1
            for name in frames:
                if name not in self._tracks:
                    self._tracks[name] = bytearray((here - self._base) * FRAME_BYTES)
                self._named_until[name] = self.frames
            for name, track in self._tracks.items():
                track.extend(frames.get(name, SILENT_PCM))

    def flush(self) -> None:
        """Write what is new and the header's sizes (recorder thread).

        A failing disk is noted in ``error`` once; the call goes on without a recording.
        """
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            start = (self._written - self._base) * FRAME_BYTES
            new = {name: bytes(track[start:]) for name, track in self._tracks.items()}
        if self._file is not None and self.error is None and new[CALLER]:
            self._note_right(new)
            left = new.pop(CALLER)
            self._write(left, _mixed(new, len(left)))
        self._forget_old()

    def _note_right(self, tracks: Mapping[LegId, bytes]) -> None:
        dialled = next((name for name in tracks if name not in (CALLER, PROMPTS)), PROMPTS)
        if not self._right or self._right[-1][1] != dialled:
            self._right.append((self._written, dialled))

    def _write(self, left: bytes, right: bytes) -> None:
        assert self._file is not None  # noqa: S101
        frames = self._written + len(left) // FRAME_BYTES
        try:
            self._file.seek(wav.HEADER_BYTES + self._written * _STEREO_FRAME_BYTES)
            data = interleave(left, right)
            if self._file.write(data) != len(data):
                raise OSError("short write")
            self._file.seek(0)
            self._file.write(wav.header(frames * _STEREO_FRAME_BYTES, 2))
        except OSError as error:
            self.error = error.strerror or str(error)
            log.warning("recording stopped: %s", self.error)
            return
        self._written = frames

    def _forget_old(self) -> None:
        keep_from = self.frames - _KEEP_FRAMES
        if self.error is None and self._file is not None:
            keep_from = min(keep_from, self._written)
        else:
            keep_from = self.frames - _KEEP_UNWRITTEN_FRAMES
        with self._lock:
            drop = keep_from - self._base
            if drop > 0:
                self._base += drop
                for name, track in tuple(self._tracks.items()):
                    del track[: drop * FRAME_BYTES]
                    if name != CALLER and self._named_until[name] <= self._base:
                        del self._tracks[name]

    def read(self, first: int, limit: int) -> TapeChunk | None:
        """At most ``limit`` frames from ``first`` on; None where there is nothing newer.

        What neither memory nor file holds any more is skipped.
        """
        with self._lock:
            if first >= self.frames:
                return None
            if first >= self._base:
                start = (first - self._base) * FRAME_BYTES
                span = slice(start, start + limit * FRAME_BYTES)
                return TapeChunk(first, {n: bytes(t[span]) for n, t in self._tracks.items()})
            base = self._base
        return self._read_file(first, min(limit, base - first)) or self.read(base, limit)

    def _read_file(self, first: int, frames: int) -> TapeChunk | None:
        right, until = self._right_at(first)
        frames = min(frames, until - first)
        if frames <= 0:
            return None
        try:
            with self.path.open("rb") as source:
                source.seek(wav.HEADER_BYTES + first * _STEREO_FRAME_BYTES)
                data = source.read(frames * _STEREO_FRAME_BYTES)
        except OSError as error:
            log.warning("a recording cannot be read again: %s", error.strerror)
            return None
        stereo = np.frombuffer(data, "<i2").reshape(-1, 2)
        return TapeChunk(first, {CALLER: stereo[:, 0].tobytes(), right: stereo[:, 1].tobytes()})

    def _right_at(self, frame: int) -> tuple[LegId, int]:
        """Whose the right side of the file is at a frame, and until which."""
        spans = [*self._right, (self._written, PROMPTS)]
        for (start, name), (end, _) in pairwise(spans):
            if start <= frame < end:
                return name, end
        return PROMPTS, self._written

    def close(self) -> None:
        """Write the rest and close the file; ``read`` goes on working."""
        with self._writing:
            self._flush()
            if self._file is not None:
                self._file.close()
                self._file = None


def _mixed(tracks: Mapping[LegId, bytes], length: int) -> bytes:
    """The right side: whoever is not silent, as one."""
    silence = bytes(length)
    heard = [track for track in tracks.values() if track != silence]
    return added(heard) if heard else silence


class Recorder:
    """The thread that flushes all tapes five times a second, away from SIP and media."""

    INTERVAL_S = 0.2

    def __init__(self) -> None:
        self._tapes: set[Tape] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, tape: Tape) -> None:
        with self._lock:
            self._tapes.add(tape)

    def finish(self, tape: Tape) -> None:
        """Close a tape; what was appended before is on disk when this returns."""
        with self._lock:
            self._tapes.discard(tape)
        tape.close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=2)
        for tape in tuple(self._tapes):
            self.finish(tape)

    def _run(self) -> None:
        while not self._stop.wait(self.INTERVAL_S):
            with self._lock:
                tapes = tuple(self._tapes)
            for tape in tapes:
                tape.flush()
