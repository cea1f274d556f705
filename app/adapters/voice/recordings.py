"""Recordings of one voice: a pack of G.711 mu-law bytes, and an index of what is where in it."""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from app.language.texts.splicing import recording_id
from app.media.g711 import PCMU, decode
from app.settings import ROOT

log = logging.getLogger(__name__)

FOLDER = ROOT / "app" / "models" / "recordings"


class RecordingsError(Exception):
    """A pack is missing or broken; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Where the sound of a text lies: its first byte and how many."""

    id: str
    at: int
    bytes: int
    text: str


class Recordings:
    """What a pack holds, by text. Immutable."""

    def __init__(self, index: Mapping[str, Recording], sound: bytes) -> None:
        self._index, self._sound = index, sound

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and recording_id(text) in self._index

    def __iter__(self) -> Iterator[Recording]:
        return iter(self._index.values())

    def pcm16(self, text: str) -> bytes | None:
        """The sound of a text; None where it is not recorded."""
        found = self._index.get(recording_id(text))
        return None if found is None else decode(PCMU, self.sound(found))

    def sound(self, recording: Recording) -> bytes:
        """The mu-law bytes of a recording."""
        return self._sound[recording.at : recording.at + recording.bytes]


def load_recordings(name: str, folder: Path = FOLDER) -> Recordings:
    """The pack ``NAME.ulaw`` with ``NAME.jsonl``. A line that belongs to another text, or to bytes
    that are not there, is passed over and logged. Raises RecordingsError."""
    try:
        sound = (folder / f"{name}.ulaw").read_bytes()
        head, *lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        digest = json.loads(head)["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordingsError(f"no recordings {name} in {folder}: {error}") from None
    if hashlib.sha256(sound).hexdigest() != digest:
        raise RecordingsError(f"{folder / name}.ulaw is not what its index was made for")
    return Recordings({r.id: r for r in _whole(lines, len(sound), name)}, sound)


def _whole(lines: Iterable[str], size: int, name: str) -> Iterator[Recording]:
    for line in lines:
        try:
            found = Recording(**json.loads(line))
            right = found.id == recording_id(found.text) and 0 <= found.at <= size - found.bytes
        except (ValueError, TypeError):
            right = False
        if right and found.bytes > 0:
            yield found
        else:
            log.error("recordings %s: a line is passed over: %.80s", name, line)


def save_recordings(name: str, sounds: Mapping[str, bytes], folder: Path = FOLDER) -> None:
    """Write a pack of mu-law bytes by text, sorted, so that the same sounds are the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, pack, at = [], [], 0
    for text in sorted(sounds):
        sound = sounds[text]
        record = Recording(id=recording_id(text), at=at, bytes=len(sound), text=text)
        lines.append(json.dumps(asdict(record), ensure_ascii=False))
        pack.append(sound)
        at += len(sound)
    whole = b"".join(pack)
    head = json.dumps({"sha256": hashlib.sha256(whole).hexdigest(), "voice": name})
    _replace(folder / f"{name}.ulaw", whole)
    _replace(folder / f"{name}.jsonl", ("\n".join([head, *lines]) + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
