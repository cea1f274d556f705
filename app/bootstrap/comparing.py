"""Two speech models side by side on stored calls."""

import contextlib
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.text_files import read_text
from app.bootstrap.speech import load_recogniser
from app.bootstrap.store import StartError, open_store
from app.domain.calls.machine import Phase
from app.domain.knowledge.learning_verdict import is_held_apart
from app.language.texts.error_rate import Errors, errors_of
from app.language.texts.spoken_texts import spoken
from app.language.understanding.redact import redact
from app.media import wav
from app.media.resample import to_line_rate
from app.service.calls.hearing import words_of
from app.service.calls.records import Call, Utterance
from app.service.ports import Recogniser
from app.settings import Settings

SIDES = ("caller", "agent")
#: Corrected utterances that judge a model, of the newest.
MOST_CORRECTED = 2000
AROUND_MS, BYTES_A_MS = 240, 16


@dataclass(slots=True)
class _Sum:
    """Of one model: CPU seconds, and errors where the right words are known."""

    name: str
    cpu_s: float = 0.0
    errors: Errors = field(default_factory=Errors)
    words: int = 0
    texts: list[str] = field(default_factory=list)


def compare(
    settings: Settings, folders: Sequence[Path], calls: int, transcripts: Path | None
) -> Iterator[str]:
    """Lines to print: where the models differ, then their sums. Raises StartError."""
    right = _transcripts(transcripts) if transcripts else {}
    recognisers = [load_recogniser(folder) for folder in folders]
    sums = [_Sum(folder.name) for folder in folders]
    seconds = 0.0
    for call in _recorded(settings, calls):
        audio = _audio(settings.home / call.recording)
        for channel, pcm16 in enumerate(audio):
            seconds += len(pcm16) / 16000
            for recogniser, total in zip(recognisers, sums, strict=True):
                began = time.process_time()
                total.texts.append("".join(w.word for w in words_of(recogniser, pcm16)))
                total.cpu_s += time.process_time() - began
            yield from _differences(call.id, SIDES[channel], sums, right.get((call.id, channel)))
    for total in sums:
        errors = f", CER {total.errors.cer:.3f}" if total.errors.characters else ""
        yield (f"{total.name}: {total.words} characters{errors},"
               f" {total.cpu_s / max(seconds, 1e-9):.4f} CPU-s an audio second")  # fmt: skip


def _differences(call_id: str, side: str, sums: Sequence[_Sum], right: str | None) -> Iterator[str]:
    """Lines in which two transcripts differ, telephone numbers masked for printing."""
    for total in sums:
        total.words += len(total.texts[-1])
        if right is not None:
            total.errors += errors_of(right, total.texts[-1])
    if len({total.texts[-1] for total in sums}) > 1:
        yield f"{call_id} {side}"
        yield from (f"  {total.name}: {redact(total.texts[-1])}" for total in sums)
        if right is not None:
            yield f"  corrected: {redact(right)}"


@dataclass(frozen=True, slots=True)
class _Corrected:
    """What a person says was said, and how it sounded."""

    words: str
    pcm16: bytes


def compare_corrected(settings: Settings, folders: Sequence[Path]) -> list[Errors]:
    """Errors of each model in corrected words of which none was learned. Raises StartError."""
    heard = list(_corrected(settings))
    return [_errors(load_recogniser(folder), heard) for folder in folders]


def _errors(recogniser: Recogniser, heard: Sequence[_Corrected]) -> Errors:
    found = ("".join(w.word for w in words_of(recogniser, each.pcm16)) for each in heard)
    pairs = zip(heard, found, strict=True)
    return sum((errors_of(each.words, text) for each, text in pairs), Errors())


def _corrected(settings: Settings) -> Iterator[_Corrected]:
    """A call whose recording is gone judges nothing."""
    queries = SqlKnowledgeQueries(open_store(settings).engine)
    audio: dict[str, list[bytes]] = {}
    for stored in queries.corrected(MOST_CORRECTED):
        said, call = stored.utterance, stored.call
        words = spoken(said.right_text)
        if not words or said.side not in SIDES or not is_held_apart(call.id):
            continue
        if call.id not in audio:
            audio.clear()
            with contextlib.suppress(StartError):
                audio[call.id] = _audio(settings.home / call.recording)
        channel = SIDES.index(said.side)
        if channel < len(audio.get(call.id, ())):
            yield _Corrected(words, _part(audio[call.id][channel], said))


def _part(pcm16: bytes, said: Utterance) -> bytes:
    """An utterance with a little of what is around it."""
    first = max(0, said.start_ms - AROUND_MS)
    return pcm16[first * BYTES_A_MS : (said.end_ms + AROUND_MS) * BYTES_A_MS]


def _recorded(settings: Settings, wanted: int) -> list[Call]:
    """The newest ended calls that have a recording."""
    with open_store(settings).reads() as reads:
        found = [c for c in reads.calls_in([Phase.ENDED, Phase.WRAP_UP]) if c.recording]
    if not found:
        raise StartError("there are no stored calls with a recording to compare on")
    return found[-wanted:]


def _audio(path: Path) -> list[bytes]:
    try:
        audio = wav.load(path.read_bytes())
        return [to_line_rate(audio.channel(n), audio.rate_hz) for n in range(audio.channels)]
    except (OSError, ValueError) as error:
        raise StartError(f"{path}: {error}") from None


def _transcripts(path: Path) -> dict[tuple[str, int], str]:
    """Corrected words by call and channel. Raises ContentError, StartError with the line."""
    reader = csv.DictReader(read_text(path).splitlines())
    if tuple(reader.fieldnames or ()) != ("call", "channel", "text"):
        raise StartError(f"{path.name}, line 1: expected the columns call,channel,text")
    found: dict[tuple[str, int], str] = {}
    for row in reader:
        if row["channel"] not in ("0", "1") or not row["call"]:
            raise StartError(
                f"{path.name}, line {reader.line_num}: expected a call and channel 0 or 1"
            )
        found[row["call"], int(row["channel"])] = spoken(row["text"] or "")
    return found
