"""Recordings of finished calls as files: stereo WAV, the caller left."""

from pathlib import Path
from typing import Self

from app.domain.calls.ids import CALLER
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.second_pass import RecordingLost

_SAMPLES_A_MS = RATE_HZ // 1000


class StoredRecording:
    """Implements Recording. Raises RecordingLost."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise RecordingLost(f"{path.name}: {error.strerror}", is_gone=True) from None
        try:
            self._wav = wav.WavReader(self._file)
            if (self._wav.channels, self._wav.rate_hz) != (2, RATE_HZ):
                raise wav.WavError(f"expected stereo, {RATE_HZ} Hz")
        except (OSError, wav.WavError) as error:
            self._file.close()
            raise RecordingLost(f"{path.name}: {error}", is_gone=False) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def heard_of(self, side: str, start_ms: int, end_ms: int) -> bytes:
        first = max(0, start_ms) * _SAMPLES_A_MS
        try:
            audio = self._wav.read(first, max(0, end_ms * _SAMPLES_A_MS - first))
        except OSError as error:
            raise RecordingLost(str(error.strerror), is_gone=False) from None
        return audio.channel(0 if side == CALLER else 1)


class StoredRecordings:
    """Implements Recordings over the folder that bridges write to."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()

    def open(self, name: str) -> StoredRecording:
        path = (self._home / name).resolve()
        if not name or not path.is_relative_to(self._home):
            raise RecordingLost("no recording in this house", is_gone=False)
        return StoredRecording(path)
