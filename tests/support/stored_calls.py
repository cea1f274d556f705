"""Finished calls in a home: spoken by natural voices, heard by the real first pass and by Whisper, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

from app.adapters.speech.asr_whisper import Whisper
from app.bootstrap.store import Store
from app.domain.knowledge.learning_verdict import is_held_apart
from app.media import wav
from app.service.calls.hearing import Final, finals_of
from app.service.calls.records import Call, Utterance
from app.service.calls.reheard import clearness
from app.service.ports import Recogniser

_QUIET = bytes(2 * 8000)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and how it sounded."""

    text: str
    pcm16: bytes


@dataclass(frozen=True, slots=True)
class Listeners:
    """Both passes."""

    first: Recogniser
    second: Whisper


def call_ids(*, apart: bool) -> "list[str]":
    """Ids of calls whose corrected words only judge, or are learned from."""
    found = (f"{number:032x}" for number in count(1))
    return [next(each for each in found if is_held_apart(each) is apart) for _ in range(200)]


def keep_call(
    store: Store, home: Path, call_id: str, caller: str, said: Sequence[Said], hear: Listeners, *, corrected: bool
) -> list[Utterance]:
    """One call with its caller's sentences, each heard twice; with the right words where somebody has corrected it."""
    sound = _QUIET.join([b"", *(each.pcm16 for each in said), b""])
    path = home / "recordings" / f"{call_id}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav.dump(wav.WavAudio(8000, 1, sound)))
    now = store.clock.now()
    call = Call(
        id=call_id, bridge="b", sip_call_id=call_id, caller=caller, called="96396", started_at=now - timedelta(hours=3), phase="ended", state_json="{}",
        ended_at=now - timedelta(hours=2), recording=str(path.relative_to(home)), frames=len(sound) // 320,
    )
    finals = list(finals_of(hear.first, sound))
    heard = [_utterance(call_id, final, hear, _right(said, final) if corrected else "") for final in finals]
    with store.unit_of_work() as uow:
        uow.add(call)
        uow.flush()
        for each in heard:
            uow.add(each)
        uow.commit()
    return heard


def _utterance(call_id: str, final: Final, hear: Listeners, right: str) -> Utterance:
    first = "".join(word.word for word in final.words)
    again = hear.second.hear(final.pcm16)
    text = again.text or first
    return Utterance(
        call_id=call_id, side="caller", start_ms=final.start_ms, end_ms=final.end_ms, text=text, first_text=first if text != first else "",
        confidence=clearness(again.score), heard_again=bool(again.text), second_clear=clearness(again.score) if again.text else None, right_text=right,
    )


def _right(said: Sequence[Said], final: Final) -> str:
    """The sentence in whose time the middle of an utterance lies."""
    middle, at = (final.start_ms + final.end_ms) / 2, 1000.0
    for each in said:
        at += len(each.pcm16) / 16 + 1000
        if middle < at:
            return each.text
    return said[-1].text
