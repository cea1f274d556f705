"""What is known of every speech model: what it is for, where it comes from, what was measured.

Errors are toneless syllables and characters: ``people`` is 157 natural human sentences over a
telephone line, ``voices`` 320 sentences of the domain by natural voices that the model never heard.
Speed and memory as measured on two shared cores; this machine's own: ``holdline model advise``.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from app.adapters.speech.model_download import KNOWN, KnownModel
from app.adapters.speech.model_parts import ASSEMBLED, AssembledModel
from app.adapters.speech.sherpa_models import is_sherpa
from app.adapters.speech.whole_models import hears_whole, is_whisper
from app.settings import EMBEDDED_MODEL

EMBEDDED: Final = "embedded"


class ModelRole(StrEnum):
    """``first``: hears while somebody speaks; ``second``: hears whole utterances once more."""

    FIRST = "first"
    SECOND = "second"
    VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``test``: what ``toneless`` and ``cer`` were counted on; None where nothing was measured.
    ``cpu``: CPU seconds a second of speech. ``licence`` is empty where the archive says it."""

    role: ModelRole
    licence: str = ""
    test: str = ""
    toneless: float | None = None
    cer: float | None = None
    cpu: float | None = None
    memory_mb: int | None = None


_VOSK = Known(role=ModelRole.FIRST, licence="Apache-2.0")
_KNOWN: Final = {
    EMBEDDED: Known(
        role=ModelRole.FIRST, licence="CC BY-SA 4.0", test="voices", toneless=0.195, cer=0.223,
        cpu=0.029, memory_mb=159,
    ),
    "whisper-base": Known(
        role=ModelRole.SECOND, licence="MIT", test="people", toneless=0.054, cer=0.124, cpu=0.114,
        memory_mb=426,
    ),
    "kokoro-82m": Known(role=ModelRole.VOICE, licence="Apache-2.0", cpu=0.88, memory_mb=485),
    "vosk-model-small-cn-0.22": _VOSK,
    "vosk-model-cn-0.22": _VOSK,
    "vosk-model-cn-kaldi-multicn-0.15": _VOSK,
    "sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17": Known(role=ModelRole.SECOND),
    "sherpa-onnx-paraformer-zh-small-2024-03-09": Known(role=ModelRole.SECOND),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """``folder``: where it is; None where it can be fetched."""

    name: str
    folder: Path | None
    megabytes: int
    known: Known
    note: str
    sources: tuple[str, ...]


def catalogue(models: Path) -> list[CatalogueEntry]:
    """The embedded model, what lies in the folder of fetched models, and what can be fetched."""
    names = [EMBEDDED, *ASSEMBLED, *KNOWN]
    if models.is_dir():
        names += sorted(p.name for p in models.iterdir() if p.name not in names and is_model(p))
    return [_entry(name, models) for name in names]


def _entry(name: str, models: Path) -> CatalogueEntry:
    folder = EMBEDDED_MODEL if name == EMBEDDED else models / name
    here = name == EMBEDDED or is_model(folder) or _is_put_together(name, folder)
    known = _KNOWN.get(name) or Known(role=_role(folder) if here else ModelRole.FIRST)
    offered: KnownModel | AssembledModel | None = ASSEMBLED.get(name) or KNOWN.get(name)
    return CatalogueEntry(
        name=name, folder=folder if here else None, known=known,
        megabytes=_megabytes(folder) if here else (offered.megabytes if offered else 0),
        note=offered.note if offered is not None else "",
        sources=offered.places if offered is not None else (),
    )  # fmt: skip


def _is_put_together(name: str, folder: Path) -> bool:
    return name in ASSEMBLED and (folder / ASSEMBLED[name].files[0]).is_file()


def _role(folder: Path) -> ModelRole:
    return ModelRole.SECOND if hears_whole(folder) else ModelRole.FIRST


def is_model(folder: Path) -> bool:
    """Whether the folder holds a model that hears."""
    return (folder / "am/final.mdl").is_file() or is_sherpa(folder) or is_whisper(folder)


def _megabytes(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) >> 20
