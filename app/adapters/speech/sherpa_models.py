"""What kind of sherpa-onnx model a folder holds, read from its files.

The makers' archives are told apart by their file and folder names; ``sherpa.json`` beside a model
of our own says what its names do not.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.speech.asr_errors import SpeechModelError

ABOUT = "sherpa.json"
_STREAMING_STEP_MS = 40


@dataclass(frozen=True, slots=True)
class SherpaModel:
    """``kind``: transducer, paraformer, ctc (streaming); sense-voice, offline-paraformer,
    offline-ctc (whole utterances). Frequencies are the feature computer's."""

    folder: Path
    kind: str
    rate_hz: int = 16_000
    bands: int = 80
    low_hz: float = 20.0
    high_hz: float = -400.0
    #: Time of one output; the library counts 40 ms whatever the model does.
    step_ms: float = _STREAMING_STEP_MS

    @property
    def streaming(self) -> bool:
        return self.kind in {"transducer", "paraformer", "ctc"}

    @property
    def time_scale(self) -> float:
        """What the library's times are to be multiplied by."""
        return self.step_ms / _STREAMING_STEP_MS

    def file(self, beginning: str) -> str:
        """The only model file that begins so; the smaller, quantised one where both are there."""
        found = sorted(self.folder.glob(f"{beginning}*.onnx"), key=lambda p: ".int8" not in p.name)
        if not found:
            raise SpeechModelError(
                f"the speech model in {self.folder} is not whole ({beginning}*.onnx is missing):"
                " fetch it again with 'holdline model fetch'"
            )
        return str(found[0])

    def optional(self, name: str) -> str:
        """The path of a file, or an empty text if it is not there."""
        path = self.folder / name
        return str(path) if path.is_file() else ""


def is_sherpa(folder: Path) -> bool:
    """Whether the folder holds an ONNX model rather than one of vosk."""
    return (folder / "tokens.txt").is_file() and any(folder.glob("*.onnx"))


def describe(folder: Path) -> SherpaModel:
    """Read which kind of model a folder holds. Raises SpeechModelError for none or another kind."""
    if not is_sherpa(folder):
        raise SpeechModelError(
            f"no sherpa-onnx model in {folder}: expected tokens.txt and *.onnx; 'holdline model"
            " list' shows the models that are here"
        )
    about = _about(folder)
    kind = str(about.pop("kind", "")) or _kind(folder)
    try:
        return SherpaModel(folder, kind, **about)
    except TypeError as error:
        raise SpeechModelError(f"{folder / ABOUT}: {error}") from None


def _about(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SpeechModelError(f"cannot read {folder / ABOUT}: {error}") from None
    if not isinstance(read, dict):
        raise SpeechModelError(f"{folder / ABOUT}: expected an object")
    return read


def _kind(folder: Path) -> str:
    name = folder.name.lower()
    parts = {part for part in ("encoder", "decoder", "joiner") if any(folder.glob(f"{part}*.onnx"))}
    if parts == {"encoder", "decoder", "joiner"}:
        return "transducer"
    if parts == {"encoder", "decoder"}:
        return "paraformer"
    for part, kind in (("sense-voice", "sense-voice"), ("paraformer", "offline-paraformer"),
                       ("streaming", "ctc"), ("ctc", "offline-ctc")):  # fmt: skip
        if part in name:
            return kind
    raise SpeechModelError(
        f"what kind of model {folder} is cannot be told from its name: keep the name of the archive"
        f' that it came in, or put {{"kind": "ctc"}} in {ABOUT}'
    )
