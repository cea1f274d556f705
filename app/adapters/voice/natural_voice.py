"""The robot's own voice out of recordings: whole sentences, and figures spliced from pieces."""

import logging
from collections.abc import Callable, Sequence
from typing import Self

from app.adapters.voice.recordings import FOLDER, Recordings, RecordingsError, load_recordings
from app.language.texts.splicing import Part, as_recorded, spliced
from app.media.joints import CONTEXT, Piece, put_together
from app.media.loudness import evened, joined

log = logging.getLogger(__name__)

#: How long the voice pauses at a mark, and around what another voice says, in milliseconds.
_PAUSES_MS = {"，": 180, "。": 320, "？": 320}
_SEAM_MS = 40
#: In how many places of a sentence another voice may help out.
_MOST_STRANGE = 2


class NaturalVoice:
    """What is recorded of one voice; thread-safe."""

    def __init__(self, sentences: Recordings, pieces: Recordings) -> None:
        self._sentences, self._pieces = sentences, pieces
        self._names = frozenset(recording.text for recording in pieces)

    @classmethod
    def shipped(cls, voice: str) -> Self | None:
        """The recordings that come with Holdline; None, and logged, where they cannot be used."""
        try:
            return cls(load_recordings(f"{voice}-sentences", FOLDER),
                       load_recordings(f"{voice}-pieces", FOLDER))  # fmt: skip
        except RecordingsError as error:
            log.error("the recorded voice is not used: %s", error)
            return None

    def records(self, text: str) -> bool:
        """Whether a sentence is recorded as a whole."""
        return text in self._sentences

    def sentence(self, text: str) -> bytes | None:
        """PCM16 of a sentence that is recorded as a whole; else None."""
        return self._sentences.pcm16(text)

    def whole(self, text: str) -> bytes | None:
        """PCM16 of a sentence that is recorded, or wholly made of pieces; else None."""
        recorded = self.sentence(text)
        if recorded is not None:
            return recorded
        parts = spliced(_to_its_end(text), self._names)
        return self._put(parts, _nobody) if all(part.recorded for part in parts) else None

    def with_help(self, text: str, spare: Callable[[str], bytes]) -> bytes:
        """PCM16 of a sentence in which ``spare`` says what is not recorded, a name say; all of it
        where that is most of it, or in many places: two voices in turns are hard to follow."""
        parts = spliced(_to_its_end(text), self._names)
        return self._put(parts, spare) if _mostly_recorded(parts) else spare(text)

    def _put(self, parts: Sequence[Part], spare: Callable[[str], bytes]) -> bytes:
        pieces: list[Piece] = []
        for part in parts:
            if part.pause:
                pieces[-1:] = [Piece(pcm16=pieces[-1].pcm16, pause_ms=_PAUSES_MS[part.text])
                               ] if pieces else []  # fmt: skip
            else:
                pieces.append(self._piece(part, spare))
        return put_together(_ended(pieces))

    def _piece(self, part: Part, spare: Callable[[str], bytes]) -> Piece:
        if part.recorded:
            recorded = self._pieces.pcm16(part.text) or b""
            return Piece(pcm16=recorded, pause_ms=_PAUSES_MS.get(part.text[-1], 0))
        edge = bytes(2 * CONTEXT)
        return Piece(pcm16=edge + joined([evened(spare(part.text))]) + edge, pause_ms=_SEAM_MS)


def _to_its_end(text: str) -> str:
    """A text as it is recorded, with the mark that a sentence ends with."""
    said = as_recorded(text)
    return said if not said or said[-1] in _PAUSES_MS else f"{said}。"


def _mostly_recorded(parts: Sequence[Part]) -> bool:
    strange = [part for part in parts if not part.recorded]
    known = sum(len(part.text) for part in parts if part.recorded and not part.pause)
    return len(strange) <= _MOST_STRANGE and known >= sum(len(part.text) for part in strange)


def _ended(pieces: Sequence[Piece]) -> list[Piece]:
    """No pause after the last piece: what comes next decides it."""
    return [*pieces[:-1], *(Piece(pcm16=piece.pcm16) for piece in pieces[-1:])]


def _nobody(text: str) -> bytes:
    raise KeyError(text)
