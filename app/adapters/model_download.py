"""Fetch a speech model from its makers, verify it, unpack it; clear words without internet."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

_BASE = "https://alphacephei.com/vosk/models/"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: ``sha256`` of its zip."""

    name: str
    sha256: str


KNOWN = {
    "vosk-model-small-cn-0.22": KnownModel(
        "vosk-model-small-cn-0.22",
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
    )
}


class ModelError(Exception):
    """A model could not be fetched; the text says what to do."""


def fetch_model(name: str, folder: Path, url: str, say: Callable[[str], None]) -> Path:
    """Download, verify and unpack a model into ``folder``; answers with its place.

    Raises ModelError: unknown model, no internet, another checksum. Nothing half-done stays.
    """
    known = KNOWN.get(name)
    if known is None:
        raise ModelError(f"unknown model {name!r}; known: {', '.join(KNOWN)}")
    target = folder / name
    if target.is_dir():
        say(f"{name} is there already")
        return target
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{name}.zip.part"
    try:
        _download(url or f"{_BASE}{name}.zip", archive, say)
        _verify(archive, known)
        _unpack(archive, target)
    finally:
        archive.unlink(missing_ok=True)
    return target


def _download(url: str, archive: Path, say: Callable[[str], None]) -> None:
    try:
        with httpx.stream("GET", url, timeout=20, follow_redirects=True) as answer:
            answer.raise_for_status()
            size = int(answer.headers.get("content-length", 0))
            done = 0
            with archive.open("wb") as out:
                for piece in answer.iter_bytes(1 << 20):
                    out.write(piece)
                    done += len(piece)
                    say(f"{done >> 20} of {size >> 20} MB" if size else f"{done >> 20} MB")
    except httpx.HTTPError as error:
        raise ModelError(
            f"cannot download {url} ({type(error).__name__}): this machine seems to have no"
            " internet. Download the model elsewhere, copy its folder here and set"
            " HOLDLINE_SPEECH_MODEL to it; until then the embedded model is used"
        ) from None


def _verify(archive: Path, known: KnownModel) -> None:
    digest = hashlib.sha256()
    with archive.open("rb") as source:
        while piece := source.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != known.sha256:
        raise ModelError(
            f"the download of {known.name} is not what its makers published (sha256"
            f" {digest.hexdigest()}): try again, or fetch it from another place with --url"
        )


def _unpack(archive: Path, target: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.namelist():
            if not (target.parent / member).resolve().is_relative_to(target.parent.resolve()):
                raise ModelError(f"the archive wants to write outside its folder: {member}")
        zipped.extractall(target.parent)
    if not target.is_dir():
        raise ModelError(f"the archive holds no folder {target.name}")
