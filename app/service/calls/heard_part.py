"""What is heard in a session: shown while it is said, stored when it is certain."""

from collections.abc import Callable
from typing import Protocol

from app.domain.calls.ids import CALLER, CallId
from app.domain.ids import UtteranceId
from app.domain.retention.case import CasePhase
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import NoteRecognitionGap, RecordUtterance
from app.service.calls.errands import note
from app.service.command import Command, R
from app.service.notices import Notice, NoticeKind


class Call(Protocol):
    """What this part needs of the session that it is part of."""

    call: CallId
    next_frame: int
    agent_id: int

    def emit(self, output: v.Output) -> None: ...
    def run(
        self, command: Command[R], then: Callable[[R], None] = ...,
        failed: Callable[[Exception], None] = ...,
    ) -> None: ...  # fmt: skip


class HeardPart:
    """Partial texts to the screens, utterances to the storage, words to the robot."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._hint = ""
        self._asked = ""
        self.case: CasePhase | None = None

    def saying(self, event: v.Saying) -> None:
        """Shown at once, never stored."""
        self._tell(NoticeKind.PARTIAL, side=event.side, text=event.text)
        if event.side == CALLER:
            self._tell_hint(event.hint)

    def _tell_hint(self, intent: str) -> None:
        """What the caller seems to want before the sentence is over."""
        if intent != self._hint:
            self._hint = intent
            self._tell(NoticeKind.HINT, intent=intent)

    def _tell(self, kind: NoticeKind, *, side: str = "", text: str = "", intent: str = "") -> None:
        call = self._call
        notice = Notice(kind, call.call, call.agent_id, side=side, text=text, intent=intent)
        call.emit(v.Tell(notice))

    def uttered(self, event: v.Uttered) -> None:
        final = event.final
        if not final.words:
            self._shown(event)
            return

        def recorded(utterance_id: UtteranceId) -> None:
            self._compare(utterance_id, event)
            self._call.emit(v.Stored(event.number, utterance_id))
            self._shown(event)

        def failed(error: Exception) -> None:
            note(error)
            self._shown(event)

        self._call.run(RecordUtterance(
            call_id=self._call.call, side=event.side,
            start_ms=final.start_ms, end_ms=final.end_ms, words=final.words,
            understanding=event.understanding, heard_frames=event.heard_frames,
            final_at=event.final_at, by=final.by,
        ), recorded, failed)  # fmt: skip

    def _compare(self, utterance_id: UtteranceId, event: v.Uttered) -> None:
        if event.understanding is not None and event.situation is not None:
            self._call.emit(v.Compare(
                utterance_id=utterance_id, understanding=event.understanding,
                situation=event.situation,
            ))  # fmt: skip

    def _shown(self, event: v.Uttered) -> None:
        """The sentence is on the screen, or meant nothing: what was shown of it goes."""
        self.saying(v.Saying(side=event.side, text=""))

    def recognition_lost(self, event: v.RecognitionLost) -> None:
        """The transcript of this side has a gap: the call goes on, and everybody can see it."""
        self._call.run(NoteRecognitionGap(
            call_id=self._call.call, side=event.side,
            from_frame=self._call.next_frame, until_frame=event.until_frame,
        ))  # fmt: skip

    def expect(self, asked: str) -> None:
        """What the caller's next words answer to: the robot's question, or an offer shown."""
        self._asked = asked
        offered = self.case is CasePhase.OFFER_SHOWN
        self._call.emit(v.Expect(asked or ("offer" if offered else "")))

    def case_moved(self, phase: CasePhase) -> None:
        self.case = phase
        self.expect(self._asked)
