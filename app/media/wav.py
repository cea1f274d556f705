"""WAV files of 16-bit PCM (RIFF): write the header, read what a crash left behind."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_RIFF = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _RIFF.size


class WavError(ValueError):
    """Not a WAV file that we can read; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class WavAudio:
    """Samples of a file: ``pcm16`` is interleaved little-endian."""

    rate_hz: int
    channels: int
    pcm16: bytes

    def channel(self, index: int) -> bytes:
        """PCM16 of one channel alone."""
        step = self.channels
        return memoryview(self.pcm16).cast("h")[index::step].tobytes()


def header(data_bytes: int, channels: int, rate_hz: int = 8000) -> bytes:
    """The 44-byte header of a PCM16 file with ``data_bytes`` bytes of samples."""
    frame = channels * 2
    return _RIFF.pack(
        b"RIFF", 36 + data_bytes, b"WAVE", b"fmt ", 16, 1, channels, rate_hz,
        rate_hz * frame, frame, 16, b"data", data_bytes,
    )  # fmt: skip


def dump(audio: WavAudio) -> bytes:
    """A complete WAV file: header and samples."""
    return header(len(audio.pcm16), audio.channels, audio.rate_hz) + audio.pcm16


#: A chunk before the samples that says to be larger than this is no header.
_MOST_HEADER_BYTES = 1 << 20


class WavReader:
    """A PCM16 file of any length, read a stretch at a time; also one whose header was never
    finished: what follows it are samples. Raises WavError for anything that is not 16-bit PCM with
    one or two channels, OSError where it cannot be read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        form = self._form_before_samples()
        encoding, self.channels, self.rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", form)
        if encoding not in (1, 0xFFFE) or bits != 16 or self.channels not in (1, 2):
            raise WavError(
                f"expected 16-bit PCM, mono or stereo; got format {encoding}, {bits} bit"
            )
        self._start = file.tell()
        self._step = 2 * self.channels
        #: How many samples each channel has.
        self.samples = (file.seek(0, 2) - self._start) // self._step

    def _form_before_samples(self) -> bytes:
        """The chunk ``fmt``; the file stands at its first sample then."""
        head = self._file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            raise WavError("expected a WAV file (RIFF/WAVE)")
        form = b""
        while len(chunk := self._file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                break
            body = self._file.read(size + (size & 1)) if size <= _MOST_HEADER_BYTES else b""
            form = form or (body if name == b"fmt " else b"")
        if len(form) < 16 or len(chunk) < 8:
            raise WavError("expected the chunks 'fmt ' and 'data'")
        return form

    def read(self, first: int, samples: int) -> WavAudio:
        """At most this number of samples of each channel from one on; fewer at the end."""
        first = max(0, min(first, self.samples))
        self._file.seek(self._start + first * self._step)
        data = self._file.read(max(0, min(samples, self.samples - first)) * self._step)
        return WavAudio(self.rate_hz, self.channels, data[: len(data) - len(data) % self._step])

    def pieces(self, samples: int) -> Iterator[WavAudio]:
        """All of it in order, at most this number of samples of each channel at once."""
        for first in range(0, self.samples, samples):
            yield self.read(first, samples)


def load(data: bytes) -> WavAudio:
    """A whole file. Raises WavError as the reader does."""
    reader = WavReader(io.BytesIO(data))
    return reader.read(0, reader.samples)
