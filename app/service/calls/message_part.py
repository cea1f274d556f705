"""The voice message in a session: where it begins, when it is over."""

from typing import Protocol

from app.domain.calls import machine
from app.domain.calls.ids import CALLER, CallId
from app.media.g711 import FRAME_MS
from app.service.callbacks.commands import FileVoicemail
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import LineEffect, NoteHeard
from app.service.command import Command

#: A message ends after so much quiet.
SILENCE_MS = 4000


class Call(Protocol):
    """What this part needs of the session that it is part of."""

    call: CallId
    next_frame: int

    def emit(self, output: v.Output) -> None: ...
    def run(self, command: Command[None]) -> None: ...
    def advance(self, event: machine.Event) -> None: ...


class MessagePart:
    """``is_open``: the caller's silence ends it."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._frame: int | None = None
        self.is_open = False

    def begins(self, frame: int) -> None:
        """The beep was played: the message is heard from this frame on."""
        self._frame, self.is_open = frame, True
        self._call.emit(v.Hear(CALLER, frame))

    def listen(self, sound: v.SpeechActivity) -> None:
        """Quiet before the beep is not counted."""
        since_ms = (self._call.next_frame - (self._frame or 0)) * FRAME_MS
        if self.is_open and min(sound.quiet_ms, since_ms) >= SILENCE_MS:
            self.is_open = False
            self._call.advance(machine.SilenceHeard())

    def carry_out(self, effect: LineEffect) -> None:
        """Effects of the machine that are about the message; others are passed over."""
        if isinstance(effect, machine.TakeMessage):
            start = self._frame if self._frame is not None else self._call.next_frame
            self._call.run(FileVoicemail(call_id=self._call.call, start_frame=start))
            self._call.run(NoteHeard(call_id=self._call.call, frame=start))
        elif isinstance(effect, machine.FileMessage):
            self.is_open = False
            if self._frame is not None:
                file = FileVoicemail(
                    call_id=self._call.call,
                    start_frame=self._frame,
                    end_frame=self._call.next_frame,
                )
                self._call.run(file)
