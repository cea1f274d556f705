"""WAV files of 16-bit PCM (RIFF): write the header, read what a crash left behind."""

import struct
from dataclasses import dataclass

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


def _chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        # A crash leaves a size that is too small or too large: what follows is the truth.
        end = len(data) if name == b"data" else at + 8 + size
        found.setdefault(name, data[at + 8 : end])
        at = end + (size & 1 if name != b"data" else 0)
    return found


def load(data: bytes) -> WavAudio:
    """Read a PCM16 file, also one whose header was never finished.

    Raises WavError for anything that is not 16-bit PCM with one or two channels.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError("expected a WAV file (RIFF/WAVE)")
    chunks = _chunks(data)
    form = chunks.get(b"fmt ", b"")
    if len(form) < 16 or b"data" not in chunks:
        raise WavError("expected the chunks 'fmt ' and 'data'")
    encoding, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if encoding not in (1, 0xFFFE) or bits != 16 or channels not in (1, 2):
        raise WavError(f"expected 16-bit PCM, mono or stereo; got format {encoding}, {bits} bit")
    body = chunks[b"data"]
    return WavAudio(rate_hz, channels, body[: len(body) - len(body) % (2 * channels)])
