"""The tape of a call: both sides frame by frame, written to a stereo WAV that survives a crash.

Left is the caller, right the agent (or what we play). The media thread appends, the recorder
thread flushes, the link thread reads from any frame on: from memory, or from the file.
"""

import logging
import threading
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from app.media import wav
from app.media.g711 import FRAME_BYTES

log = logging.getLogger(__name__)

_KEEP_FRAMES = 500
_KEEP_UNWRITTEN_FRAMES = 3000
_STEREO_FRAME_BYTES = 2 * FRAME_BYTES


class TapeChunk(NamedTuple):
    """Consecutive frames from ``first`` on, PCM16 of each side."""

    first: int
    caller: bytes
    agent: bytes


def interleave(left: bytes, right: bytes) -> bytes:
    """Two mono streams of equal length as one stereo stream."""
    both = np.stack((np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")), axis=1)
    return both.tobytes()


class Tape:
    """Frames are numbered from 0 at the answer; ``frames`` is how many there are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        self.error: str | None = None
        self.paused = False
        self._base = 0
        self._written = 0
        self._left = bytearray()
        self._right = bytearray()
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None

    @classmethod
    def from_file(cls, path: Path) -> "Tape":
        """A finished tape of an earlier run, for reading. Raises OSError where it is missing."""
        tape = cls(path)
        size = path.stat().st_size - wav.HEADER_BYTES
        tape.frames = tape._base = tape._written = max(0, size // _STEREO_FRAME_BYTES)
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

    def append(self, caller: bytes, agent: bytes) -> None:
        """Add one frame of each side (media thread)."""
        if self.paused:
            caller = agent = bytes(FRAME_BYTES)
        with self._lock:
            self._left += caller
            self._right += agent
            self.frames += 1

    def flush(self) -> None:
        """Write what is new and the header's sizes (recorder thread).

        A failing disk is noted in ``error`` once; the call goes on without a recording.
        """
        with self._lock:
            start = (self._written - self._base) * FRAME_BYTES
            left, right = bytes(self._left[start:]), bytes(self._right[start:])
        if self._file is not None and self.error is None and left:
            self._write(left, right)
        self._forget_old()

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
                del self._left[: drop * FRAME_BYTES]
                del self._right[: drop * FRAME_BYTES]
                self._base += drop

    def read(self, first: int, limit: int) -> TapeChunk | None:
        """At most ``limit`` frames from ``first`` on; None where there is nothing newer.

        What neither memory nor file holds any more is skipped.
        """
        with self._lock:
            if first >= self.frames:
                return None
            if first >= self._base:
                start = (first - self._base) * FRAME_BYTES
                end = start + limit * FRAME_BYTES
                return TapeChunk(first, bytes(self._left[start:end]), bytes(self._right[start:end]))
            base = self._base
        return self._read_file(first, min(limit, base - first)) or self.read(base, limit)

    def _read_file(self, first: int, frames: int) -> TapeChunk | None:
        frames = min(frames, self._written - first)
        if frames <= 0:
            return None
        with self.path.open("rb") as source:
            source.seek(wav.HEADER_BYTES + first * _STEREO_FRAME_BYTES)
            data = source.read(frames * _STEREO_FRAME_BYTES)
        stereo = np.frombuffer(data, "<i2").reshape(-1, 2)
        return TapeChunk(first, stereo[:, 0].tobytes(), stereo[:, 1].tobytes())

    def close(self) -> None:
        """Write the rest and close the file; ``read`` goes on working."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None


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
