"""Fetch a speech model from its makers, verify it, unpack it; clear words without internet."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

_BASE = "https://alphacephei.com/vosk/models/"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: ``sha256`` of its zip; ``note``: rate and its makers' error figures."""

    name: str
    sha256: str
    megabytes: int
    note: str


KNOWN = {
    "vosk-model-small-cn-0.22": KnownModel(
        "vosk-model-small-cn-0.22",
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
        42,
        "16 kHz, for a PC",
    )
}


class ModelError(Exception):
    """A model could not be fetched; the text says what to do."""


def fetch_model(
    name: str, folder: Path, url: str, say: Callable[[str], None], file: Path | None = None
) -> Path:
    """Download (or take ``file``), verify and unpack a model into ``folder``; answers its place.

    Raises ModelError: unknown model, no internet, another checksum. Nothing half-done stays but a
    download that broke off: the next try goes on from there.
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
    if file is None:
        _download(url or f"{_BASE}{name}.zip", archive, say)
    _install(file or archive, known, target)
    archive.unlink(missing_ok=True)
    return target


def _install(archive: Path, known: KnownModel, target: Path) -> None:
    """Verified and unpacked beside its place, then moved there whole."""
    _verify(archive, known)
    beside = target.with_name(target.name + ".unpacking")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _unpack(archive, beside, target.name)
        (beside / target.name).rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _download(url: str, archive: Path, say: Callable[[str], None]) -> None:
    """Goes on where an earlier try broke off, if the other side can."""
    done = archive.stat().st_size if archive.exists() else 0
    headers = {"Range": f"bytes={done}-"} if done else {}
    try:
        with httpx.stream("GET", url, timeout=20, follow_redirects=True, headers=headers) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            answer.raise_for_status()
            resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
            done = done if resumed else 0
            size = done + int(answer.headers.get("content-length", 0))
            with archive.open("ab" if resumed else "wb") as out:
                for piece in answer.iter_bytes(1 << 20):
                    out.write(piece)
                    done += len(piece)
                    say(f"{done >> 20} of {size >> 20} MB" if size else f"{done >> 20} MB")
    except httpx.HTTPError as error:
        raise ModelError(
            f"cannot download {url} ({type(error).__name__}): this machine seems to have no"
            " internet. Download the zip elsewhere and run 'holdline model fetch --file ZIP'; until"
            " then the model in use stays"
        ) from None


def _verify(archive: Path, known: KnownModel) -> None:
    """Raises ModelError; a download that is not the published file is removed."""
    digest = hashlib.sha256()
    try:
        with archive.open("rb") as source:
            while piece := source.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise ModelError(f"cannot read {archive}: {error.strerror}") from None
    if digest.hexdigest() != known.sha256:
        if archive.suffix == ".part":
            archive.unlink()
        raise ModelError(
            f"{archive.name} is not what the makers of {known.name} published (sha256"
            f" {digest.hexdigest()}): try again, or fetch it from another place with --url"
        )


def _unpack(archive: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.namelist():
            if not (folder / member).resolve().is_relative_to(folder.resolve()):
                raise ModelError(f"the archive wants to write outside its folder: {member}")
        zipped.extractall(folder)
    if not (folder / name).is_dir():
        raise ModelError(f"the archive holds no folder {name}")
