"""What a voice has said, kept on disk by its text: the second time it costs nothing."""

import hashlib
import logging
from pathlib import Path

from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.ports import Synthesiser

log = logging.getLogger(__name__)


class KeptVoice:
    """``name`` tells one voice's files from another's; ``spare`` speaks where the voice fails."""

    def __init__(
        self, voice: Synthesiser, folder: Path, name: str = "", slowly: Synthesiser | None = None,
        spare: Synthesiser | None = None,
    ) -> None:  # fmt: skip
        self._voice, self._slowly = voice, slowly or voice
        self._folder, self._name, self._spare = folder, name, spare

    def speak(self, said: str, *, slow: bool = False) -> bytes:
        """PCM16 of what is really said. A full disk costs the keeping, not the sentence."""
        path = kept_path(self._folder, self._name, said, slow=slow)
        found = kept(path)
        if found is not None:
            return found
        try:
            pcm16 = (self._slowly if slow else self._voice).speak(said)
        except Exception:
            if self._spare is None:
                raise
            log.exception("the voice failed: the spare one speaks")
            return self._spare.speak(said)
        keep(path, pcm16)
        return pcm16


def kept_path(folder: Path, name: str, said: str, *, slow: bool = False) -> Path:
    """Where a sentence of a voice is kept."""
    digest = hashlib.sha256(f"{name}{said}{' slow' * slow}".encode()).hexdigest()
    return folder / f"{digest[:24]}.wav"


def kept(path: Path) -> bytes | None:
    """PCM16 that was kept; None where nothing was, or a broken file."""
    try:
        return wav.load(path.read_bytes()).pcm16
    except FileNotFoundError:
        return None
    except (OSError, wav.WavError) as error:
        log.warning("a kept sentence is made anew: %s: %s", path.name, error)
        return None


def keep(path: Path, pcm16: bytes) -> None:
    """Keep PCM16 of the line; where that is impossible it is told and left."""
    try:
        store(path, pcm16)
    except OSError as error:
        log.warning("a sentence is not kept: %s", error)


def store(path: Path, pcm16: bytes) -> None:
    """Write PCM16 of the line, whole or not at all. Raises OSError."""
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)))
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
