"""Finished calls and voice messages, heard once more from their recordings: calls that go on first.

What is corrected is corrected by the same commands as during a call. A list in the database says
what is left to do; a brain that dies leaves it to the next one.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import timedelta

from app.domain.calls.ids import CALLER
from app.domain.calls.rehearing import RehearingEvent, Span, UnheardReason, unheard
from app.domain.refusal import Refused
from app.language.understanding.understood import Situation
from app.media.g711 import FRAME_BYTES, FRAME_MS, RATE_HZ
from app.media.segments import SpeechEnded, SpeechSegmenter, SpeechStarted, levels
from app.service.away import StorageAway
from app.service.bus import CommandBus
from app.service.calls.commands import (
    AddUtterance,
    ClaimRehearing,
    HoldRehearing,
    RehearingWork,
    ReviseUtterance,
    SettleRehearing,
    Unrevised,
)
from app.service.calls.reheard import clearness, reheard_words, revised
from app.service.calls.rehearing import LEASE
from app.service.ports import ReadSessionFactory
from app.service.second_pass import (
    Recording,
    RecordingLost,
    Recordings,
    Reheard,
    SecondPass,
    Urgency,
)

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
#: While calls go on only what is short is heard, so that their own words never wait long for it,
#: and then the worker is left to them for a few times as long as that took.
BESIDE_CALLS_MS, REST_TIMES, MOST_REST_S = 6000, 4.0, 20.0
HOLD_EVERY_S = LEASE.total_seconds() / 4
#: Quiet after the last word belongs to what is heard.
_AFTER_MS = 400
_AT_ONCE_MS = 10_000
Outcome = tuple[RehearingEvent, UnheardReason | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterPorts:
    """What hearing finished calls again is made of; ``live``: how many calls go on now."""

    bus: CommandBus
    reads: ReadSessionFactory
    second_pass: SecondPass
    recordings: Recordings
    live: Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something to hear; without ``known`` nothing of it stands in the transcript."""

    span: Span
    known: Unrevised | None = None


class LaterHearing:
    """``start`` and ``close`` on the event loop; hearing blocks in a thread."""

    def __init__(self, ports: LaterPorts) -> None:
        self._ports = ports
        self._over = threading.Event()
        self._held_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        """Before the second pass is closed: what it does not answer then is no failure."""
        self._over.set()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.hear_due)
            except StorageAway:
                log.debug("nothing can be read now: finished calls wait")
            except Exception:
                log.exception("finished calls could not be heard again")
            await asyncio.sleep(LOOK_EVERY_S)

    def hear_due(self) -> int:
        """Blocking, until nothing is due. How many calls were taken up."""
        taken = 0
        while not self._over.is_set() and self._is_due():
            work = self._ports.bus.execute(ClaimRehearing())
            if work is None:
                break
            event, why = self._hear(work)
            settle = SettleRehearing(call_id=work.call_id, event=event, why=why)
            self._ports.bus.execute(settle)
            taken += 1
        return taken

    def _is_due(self) -> bool:
        """Asked often and mostly in vain: it takes no lock."""
        with self._ports.reads() as reads:
            return reads.is_rehearing_due(self._ports.bus.context.clock.now())

    # -- one call --------------------------------------------------------------------------------

    def _hear(self, work: RehearingWork) -> Outcome:
        self._held_at = time.monotonic()
        if not work.recording:
            return RehearingEvent.LOST, UnheardReason.NO_RECORDING
        try:
            with self._ports.recordings.open(work.recording) as recording:
                return self._whole(work, recording)
        except RecordingLost as lost:
            log.warning("a finished call cannot be heard again: %s", lost)
            if lost.is_gone:
                return RehearingEvent.FAILED, UnheardReason.MISSING
            return RehearingEvent.LOST, UnheardReason.DAMAGED

    def _whole(self, work: RehearingWork, recording: Recording) -> Outcome:
        """Piece by piece; what is stored of it stays stored, whatever comes after."""
        is_left = is_short = False
        for piece in _pieces(work, recording):
            if self._over.is_set():
                return RehearingEvent.LATER, None
            if self._ports.live() and piece.span.long_ms > BESIDE_CALLS_MS:
                is_left = True
                continue
            pcm16 = recording.heard_of(
                piece.span.side, piece.span.start_ms, piece.span.end_ms + _AFTER_MS
            )
            # half of it, at 2 bytes a sample
            if not pcm16 or len(pcm16) * 1000 < piece.span.long_ms * RATE_HZ:
                is_short = True
                continue
            reheard = self._ask(work, pcm16)
            if reheard is None:
                return self._unanswered()
            self._store(work, piece, reheard)
        if is_left:
            return RehearingEvent.LATER, None
        if is_short:
            return RehearingEvent.LOST, UnheardReason.DAMAGED
        return RehearingEvent.HEARD, None

    def _unanswered(self) -> Outcome:
        if self._over.is_set():
            return RehearingEvent.LATER, None
        return RehearingEvent.FAILED, UnheardReason.NO_ANSWER

    def _ask(self, work: RehearingWork, pcm16: bytes) -> Reheard | None:
        """Behind everything that somebody waits for; None where nobody is there to hear."""
        began = time.monotonic()
        answer = self._ports.second_pass.hear(pcm16, Urgency.LATER)
        while True:
            self._hold(work)
            try:
                reheard = answer.result(HOLD_EVERY_S)
            except TimeoutError:
                continue
            except CancelledError:
                return None
            if self._ports.live():
                self._over.wait(min(MOST_REST_S, REST_TIMES * (time.monotonic() - began)))
            return reheard

    def _hold(self, work: RehearingWork) -> None:
        """No other brain takes this call while this one lives."""
        if time.monotonic() - self._held_at >= HOLD_EVERY_S:
            self._ports.bus.execute(HoldRehearing(call_id=work.call_id))
            self._held_at = time.monotonic()

    # -- what was heard --------------------------------------------------------------------------

    def _store(self, work: RehearingWork, piece: _Piece, reheard: Reheard) -> None:
        try:
            if piece.known is not None:
                self._revise(work, piece.known, reheard)
            elif reheard.text:
                self._add(work, piece.span, reheard)
        except Refused as refused:
            log.debug("a hearing came too late: %s", refused.code)

    def _revise(self, work: RehearingWork, known: Unrevised, reheard: Reheard) -> None:
        """Also where nothing changes: nobody hears it a third time."""
        engine = self._ports.bus.context.content.current().engine
        revision = revised(engine, known.first, reheard)
        self._ports.bus.execute(ReviseUtterance(
            call_id=work.call_id, utterance_id=known.utterance_id, words=revision.words,
            understanding=revision.understanding, by=self._ports.second_pass.name,
            clear=revision.clear,
        ))  # fmt: skip

    def _add(self, work: RehearingWork, span: Span, reheard: Reheard) -> None:
        understanding = None
        if span.side == CALLER:
            at = work.began + timedelta(milliseconds=span.start_ms)
            engine = self._ports.bus.context.content.current().engine
            situation = Situation(at, "", clearness(reheard.score))
            understanding = engine.understand(reheard.text, situation)
        self._ports.bus.execute(AddUtterance(
            call_id=work.call_id, side=span.side, start_ms=span.start_ms, end_ms=span.end_ms,
            words=reheard_words(reheard, (), span.long_ms), understanding=understanding,
            by=self._ports.second_pass.name, clear=clearness(reheard.score),
        ))  # fmt: skip


def _pieces(work: RehearingWork, recording: Recording) -> list[_Piece]:
    """In the order in which they were said."""
    spoken = [each for span in work.unsearched for each in spoken_in(recording, span)]
    found = [_Piece(span) for span in unheard(spoken, work.known)]
    found += [_Piece(each.span, each) for each in work.unrevised]
    return sorted(found, key=lambda piece: piece.span.start_ms)


def spoken_in(recording: Recording, span: Span) -> Iterator[Span]:
    """Where somebody speaks in a stretch. Raises RecordingLost."""
    segmenter = SpeechSegmenter(first_frame=span.start_ms // FRAME_MS)
    opened = segmenter.frame
    for at in range(span.start_ms, span.end_ms, _AT_ONCE_MS):
        pcm16 = recording.heard_of(span.side, at, min(at + _AT_ONCE_MS, span.end_ms))
        for level in levels(pcm16[: len(pcm16) - len(pcm16) % FRAME_BYTES]):
            event = segmenter.feed_level(level)
            if isinstance(event, SpeechStarted):
                opened = event.frame
            elif isinstance(event, SpeechEnded):
                yield _ended(span.side, opened, event)
    if segmenter.speaking:
        yield _ended(span.side, opened, segmenter.close())


def _ended(side: str, opened: int, ended: SpeechEnded) -> Span:
    return Span(side, opened * FRAME_MS, ended.last_speech_frame * FRAME_MS)
