"""Fetch a speech model from its makers, verify it, unpack it; clear words without internet."""

import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

_VOSK = "https://alphacephei.com/vosk/models/{}.zip"
_SHERPA = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/{}.tar.bz2"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: ``sha256`` of its archive, empty where its makers publish none;
    ``note``: rate and its makers' character error rates."""

    name: str
    sha256: str
    megabytes: int
    note: str
    place: str = _VOSK

    @property
    def url(self) -> str:
        return self.place.format(self.name)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it can be had, for people."""
        return (self.url,)

    @property
    def suffix(self) -> str:
        return ".tar.bz2" if self.url.endswith(".tar.bz2") else ".zip"


_MODELS = (
    KnownModel(
        "vosk-model-small-cn-0.22",
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba", 42,
        "vosk, 16 kHz, for a PC; errors 23.5 % SpeechIO-02, 38.3 % SpeechIO-06, 17.2 % THCHS",
    ),
    KnownModel(
        "vosk-model-cn-0.22", "", 1300,
        "vosk, 16 kHz, for a server; errors 14.0 % SpeechIO-02, 27.3 % SpeechIO-06, 7.4 % THCHS",
    ),
    KnownModel(
        "vosk-model-cn-kaldi-multicn-0.15", "", 1500,
        "vosk, 16 kHz, for a server; errors 17.4 % SpeechIO-02, 9.6 % THCHS",
    ),
    KnownModel(
        "sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12", "", 300,
        "sherpa-onnx, 16 kHz, streaming, takes hot words", _SHERPA,
    ),
    KnownModel(
        "sherpa-onnx-streaming-paraformer-bilingual-zh-en", "", 1000,
        "sherpa-onnx, 16 kHz, streaming, Chinese and English", _SHERPA,
    ),
    KnownModel(
        "sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17", "", 1000,
        "sherpa-onnx, 16 kHz, whole utterances: a second pass, Cantonese too", _SHERPA,
    ),
    KnownModel(
        "sherpa-onnx-paraformer-zh-small-2024-03-09", "", 80,
        "sherpa-onnx, 16 kHz, whole utterances: a second pass for a PC", _SHERPA,
    ),
)  # fmt: skip
KNOWN = {model.name: model for model in _MODELS}


class ModelError(Exception):
    """A model could not be fetched; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model comes from: ``url`` or ``file`` instead of its makers' place; ``sha256`` that
    is expected; ``unverified``: take it where nobody publishes one."""

    url: str = ""
    file: Path | None = None
    sha256: str = ""
    unverified: bool = False


def fetch_model(name: str, folder: Path, source: Source, say: Callable[[str], None]) -> Path:
    """Download (or take a file), verify and unpack a model into ``folder``; answers its place.

    Raises ModelError: unknown model, no internet, another checksum, none known. Nothing half-done
    stays but a download that broke off: the next try goes on from there.
    """
    known = KNOWN.get(name)
    if known is None:
        raise ModelError(f"unknown model {name!r}; known: {', '.join(KNOWN)}")
    target = folder / name
    if target.is_dir():
        say(f"{name} is there already")
        return target
    expected = source.sha256.lower() or known.sha256
    if not expected and not source.unverified:
        raise ModelError(
            f"no checksum of {name} is known here: give the one that you trust with --sha256, or"
            " take the archive as it comes with --unverified (its checksum is printed)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{name}{known.suffix}.part"
    if source.file is None:
        download(source.url or known.url, archive, say)
    digest = _verify(source.file or archive, name, expected)
    if not expected:
        say(f"sha256 {digest}: keep it, and give it with --sha256 next time")
    _install(source.file or archive, target)
    archive.unlink(missing_ok=True)
    return target


def _install(archive: Path, target: Path) -> None:
    """Unpack beside the final place, then move the whole folder there."""
    beside = target.with_name(target.name + ".unpacking")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _unpack(archive, beside, target.name)
        (beside / target.name).rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def download(url: str, archive: Path, say: Callable[[str], None]) -> None:
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
            " internet. Download it elsewhere and run 'holdline model fetch NAME --file ARCHIVE';"
            " until then the model in use stays"
        ) from None


def sha256_of(path: Path) -> str:
    """The checksum of a file, as hexadecimal digits. Raises OSError."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _verify(archive: Path, name: str, expected: str) -> str:
    """The checksum. Raises ModelError; a download that is another file is removed."""
    try:
        found = sha256_of(archive)
    except OSError as error:
        raise ModelError(f"cannot read {archive}: {error.strerror}") from None
    if expected and found != expected:
        if archive.suffix == ".part":
            archive.unlink()
        raise ModelError(
            f"{archive.name} is not what the makers of {name} published (sha256 {found}): try"
            " again, or fetch it from another place with --url"
        )
    return found


def _unpack(archive: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    try:
        if zipfile.is_zipfile(archive):
            _unzip(archive, folder)
        else:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise ModelError(f"{archive.name} cannot be unpacked: {error}") from None
    if not (folder / name).is_dir():
        raise ModelError(f"the archive holds no folder {name}")


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.namelist():
            if not (folder / member).resolve().is_relative_to(folder.resolve()):
                raise ModelError(f"the archive wants to write outside its folder: {member}")
        zipped.extractall(folder)  # noqa: S202  checked above
