"""What was learned and trained, as files and bytes of ``numpy.savez`` (never pickled)."""

import contextlib
import hashlib
import io
import os
import zipfile
from pathlib import Path

import numpy as np

from app.language.understanding.learned import VERSION, Embedding, Learned
from app.service.ports import Snapshot

KEPT_ENGINES = 6


def pack_embedding(embedding: Embedding) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **embedding.arrays())  # type: ignore[arg-type]
    return out.getvalue()


def unpack_embedding(data: bytes) -> Embedding | None:
    """Read what ``pack_embedding`` wrote; None for no bytes. Raises ValueError for other bytes."""
    if not data:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Embedding.from_arrays(arrays)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ValueError("the stored embedding is damaged: train it again") from error


class EngineFiles:
    """What was learned of a snapshot, kept below ``folder`` under the snapshot's digest."""

    def __init__(self, folder: Path, base: str = "") -> None:
        """``base``: a digest of what else was learned from."""
        self._folder = folder
        self._base = base

    def path(self, snapshot: Snapshot) -> Path:
        digest = hashlib.sha256(f"learned {VERSION} {self._base}".encode())
        for name in sorted(snapshot.files):
            if name != "tests.csv":
                digest.update(name.encode() + b"\0" + snapshot.files[name].encode() + b"\0")
        digest.update(snapshot.embedding)
        return self._folder / f"{digest.hexdigest()[:32]}.npz"

    def load(self, snapshot: Snapshot) -> Learned | None:
        """The learned arrays of a snapshot, or None. A damaged file is removed."""
        path = self.path(snapshot)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                learned = Learned.from_arrays(dict(arrays))
        except FileNotFoundError:
            return None
        except (KeyError, ValueError, OSError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return learned

    def save(self, snapshot: Snapshot, learned: Learned) -> None:
        """Write the arrays whole or not at all; keep the newest KEPT_ENGINES files."""
        path = self.path(snapshot)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as out:
            np.savez_compressed(out, **learned.arrays())  # type: ignore[arg-type]
        part.replace(path)
        kept = sorted(self._folder.glob("*.npz"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[KEPT_ENGINES:]:
            old.unlink(missing_ok=True)


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write a snapshot into a new folder, for a job to read."""
    folder.mkdir(parents=True)
    for name, text in snapshot.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "embedding").write_bytes(snapshot.embedding)


def read_snapshot(folder: Path) -> Snapshot:
    """Read a folder that ``write_snapshot`` wrote."""
    files = {}
    for path in folder.iterdir():
        if path.suffix:
            with path.open(encoding="utf-8", newline="") as source:
                files[path.name] = source.read()
    return Snapshot(files, (folder / "embedding").read_bytes())
