"""The verbs ``understand`` and ``transcribe``."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from app.adapters.speech.model_download import ModelError
from app.bootstrap.knowledge import open_knowledge
from app.bootstrap.store import StartError
from app.language.understanding.understood import Situation
from app.media import wav
from app.media.resample import Downsampler
from app.service.calls.hearing import Final, finals_of_sides
from app.service.ports import Recogniser
from app.settings import EMBEDDED_MODEL, Settings
from app.verbs import VerbError
from app.verbs.models import folder_of as model_named

WHISPER = "whisper"
_AT_ONCE_S = 10


def understand(_: argparse.Namespace, settings: Settings) -> int:
    """One JSON object a line of stdin."""
    try:
        base = open_knowledge(settings)
    except StartError as error:
        raise VerbError(str(error)) from None
    engine = base.keeper.current().engine
    clock = base.bus.context.clock
    for line in sys.stdin:
        heard = engine.understand(line.rstrip("\r\n"), Situation(clock.local()))
        print(json.dumps(heard.as_json(), ensure_ascii=False), flush=True)
    return 0


Again = Callable[[Final], Final | None]


def _ears(name: str, settings: Settings) -> tuple[Recogniser, Again]:
    """The recogniser of a model, and what hears its finals again. Raises VerbError."""
    # Here, because understanding alone needs no recogniser, and loading one takes a while.
    from app.bootstrap.speech import (  # noqa: PLC0415
        hearing_again,
        load_recogniser,
        make_recogniser,
    )

    try:
        if name == WHISPER:
            return load_recogniser(EMBEDDED_MODEL), hearing_again(settings)
        if name:
            return load_recogniser(model_named(name, settings)), _as_it_is
        return make_recogniser(settings), _as_it_is
    except (StartError, ModelError) as error:
        raise VerbError(str(error)) from None


def _as_it_is(final: Final) -> Final:
    return final


def transcribe(chosen: argparse.Namespace, settings: Settings) -> int:
    """Finals of each file and channel, in order of time. Bad files are named and skipped."""
    recogniser, again = _ears(chosen.model, settings)
    failed = False
    for path in chosen.file:
        try:
            with path.open("rb") as file:
                for channel, final in finals_of_sides(recogniser, _pieces(file)):
                    heard = again(final)
                    if heard is not None:
                        line = json.dumps(_line(path, channel, heard), ensure_ascii=False)
                        print(line, flush=True)
        except (OSError, ValueError) as error:
            print(f"holdline: {path}: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


def _pieces(file: BinaryIO) -> Iterator[list[bytes]]:
    """All channels at the line's rate, a few seconds at a time: a file may last for hours. Raises
    WavError, ValueError."""
    reader = wav.WavReader(file)
    down = [Downsampler(reader.rate_hz) for _ in range(reader.channels)]
    for audio in reader.pieces(_AT_ONCE_S * reader.rate_hz):
        yield [each.feed(audio.channel(n)) for n, each in enumerate(down)]
    yield [each.feed(b"", last=True) for each in down]


def _line(path: Path, channel: int, final: Final) -> dict[str, object]:
    start = final.start_ms / 1000
    words = [{"word": w.word, "start": round(start + w.start, 2), "end": round(start + w.end, 2),
              "conf": round(w.confidence, 3)} for w in final.words]  # fmt: skip
    text = "".join(w.word for w in final.words)
    return {"file": str(path), "start": start, "end": final.end_ms / 1000, "channel": channel,
            "text": text, "words": words}  # fmt: skip
