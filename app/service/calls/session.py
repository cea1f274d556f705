"""The session of one live call, without a clock, a thread or a socket: ``take(input) -> outputs``.

Inputs are worked off one at a time and in their order: while a command runs, what comes waits.
``loop`` carries the outputs out; ``session_vocabulary`` says how each is answered. ``next_frame``
is kept by the loop: how much of the call's tape has come.

A storage that is away loses nothing: the command is kept and tried again, and what comes after it
waits. A caller who waits for us meanwhile is given to the bridge, which takes a message by itself
as where there is no brain; people who talk go on talking.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from app.domain.calls import machine
from app.domain.calls.ids import CallId
from app.domain.refusal import NotFound, RefusalCode, Refused
from app.link import messages as link
from app.link.summary import CallSummary
from app.service.away import StorageAway
from app.service.callbacks.commands import FileVoicemail
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import AdvanceCall, AssignWaiting, CloseCall, LineEffect
from app.service.calls.errands import RETRY, Errand, Errands, note, nothing
from app.service.calls.heard_part import HeardPart
from app.service.calls.line_part import LinePart
from app.service.calls.robot_part import SILENCE
from app.service.command import Command, R
from app.service.households.commands import TakeCustomers
from app.service.queue.commands import AdmitCall
from app.service.robot.commands import TalkToRobot

log = logging.getLogger(__name__)

#: How long a caller waits for a storage that is away: as long as for a brain that is.
GRACE_S = 8.0
#: The end of a tape that does not come is waited for no longer.
LAST_WORDS_S = 30.0
_GRACE, _LAST_WORDS = "grace", "last_words"
#: Void where the bridge has taken the call: it decides about the line then.
_OF_THE_LINE = (
    AdmitCall, AdvanceCall, AssignWaiting, TalkToRobot,
    FileVoicemail,
)  # fmt: skip


class Session:
    """See the top of the file."""

    def __init__(self, call: CallId, bridge: str, rules: v.Rules) -> None:
        self.call, self.bridge = call, bridge
        self.next_frame = self.agent_id = 0
        self.over = False
        self.sound = v.SpeechActivity(speaking_ms=0, quiet_ms=0)
        self._out: list[v.Output] = []
        self._inputs: deque[v.Input] = deque()
        self._errands = Errands(self.emit, self._on_storage)
        self._heard = HeardPart(self)
        self._line = LinePart(self, rules)
        self._end: CallSummary | None = None
        self._waited_at = -1

    @property
    def wants_activity(self) -> bool:
        """Whether ``SpeechActivity`` is to be told."""
        return self._line.wants_activity

    @property
    def robot_talks(self) -> bool:
        return self._line.robot_talks

    # -- in and out --------------------------------------------------------------------------

    def take(self, event: v.Input) -> list[v.Output]:
        """One input; what follows from it, and from those that waited for it, in order."""
        self._guarded(self._arrive, event)
        while not self.over and not self._errands.start() and self._inputs:
            self._guarded(self._work_off, self._inputs.popleft())
        out, self._out = self._out, []
        return out

    def _guarded(self, do: Callable[[v.Input], None], event: v.Input) -> None:
        """A bug in one event ends that event only."""
        try:
            do(event)
        except Refused as refusal:
            log.debug("call event refused: %s", refusal.code)
        except Exception:
            log.exception("an event of a call failed")

    def _arrive(self, event: v.Input) -> None:
        """What is due at once happens now; the rest waits its turn."""
        at_once = _AT_ONCE.get(type(event))
        if self.over:
            if isinstance(event, v.Asked):
                self.emit(
                    v.Answered(event.ticket, NotFound(RefusalCode.NOT_LIVE, "this call has ended"))
                )
        elif at_once is None or at_once(self, event):
            self._inputs.append(event)

    def _work_off(self, event: v.Input) -> None:
        _IN_TURN[type(event)](self, event)

    # -- what the parts of the session do with the call ----------------------------------------

    def emit(self, output: v.Output) -> None:
        self._out.append(output)

    def run(
        self, command: Command[R], then: Callable[[R], None] = nothing,
        failed: Callable[[Exception], None] = note,
    ) -> None:  # fmt: skip
        """Carry a command out, after those before it."""
        self._errands.add(Errand(command, then, failed))

    def advance(self, event: machine.Event) -> None:
        """One event through the call's machine, then its effects."""
        self.run(AdvanceCall(call_id=self.call, event=event), self._line.carry_out)

    def first_of_all(self, event: v.Input) -> None:
        """Before all that waits."""
        self._inputs.appendleft(event)

    def expect(self, reply: str) -> None:
        self._heard.expect(reply)

    # -- a storage that is away ----------------------------------------------------------------

    @property
    def is_away(self) -> bool:
        return self._errands.is_away

    def _on_storage(self, is_away: bool) -> None:
        """A caller who is not answered yet is given away at once, others after a while; people
        hear at once that their button did nothing."""
        if not is_away:
            self.emit(v.Disarm(_GRACE))
            return
        for each in [e for e in self._inputs if isinstance(e, v.Asked)]:
            self._inputs.remove(each)
            self.emit(v.Answered(each.ticket, StorageAway()))
        self.emit(v.Arm(_GRACE, GRACE_S if self._line.is_admitted else 0.0))

    def _give_away(self) -> None:
        """What was meant for the line is void; a phone that rings for the call is let go."""
        if not self.is_away or self._line.is_given or self._line.has_talked or self._end:
            return
        log.warning("the storage is away: the bridge takes a message")
        self._line.give_away()
        self._inputs = deque(
            e for e in self._inputs if isinstance(e, v.Uttered | v.RecognitionLost)
        )
        self._errands.drop(_OF_THE_LINE)
        if self.agent_id:
            self.advance(machine.BridgeTookMessage())

    def _asked(self, event: v.Asked) -> bool:
        if self.is_away:
            self.emit(v.Answered(event.ticket, StorageAway()))
        return not self.is_away

    def _press(self, event: v.Asked) -> None:
        def pressed(found: list[LineEffect]) -> None:
            self._line.carry_out(found)
            self.emit(v.Answered(event.ticket))

        def refused(error: Exception) -> None:
            self.emit(v.Answered(event.ticket, error))

        command = AdvanceCall(call_id=self.call, event=event.event, actor=event.actor)
        self._errands.add(Errand(command, pressed, refused, is_asked=True))

    # -- timers ----------------------------------------------------------------------------------

    def _timer(self, event: v.TimerFired) -> bool:
        """The session's own timers are no business of the machine."""
        own = _OWN_TIMERS.get(event.timer)
        if own is not None:
            own(self)
        return own is None and not self._line.is_given

    def _wait_for_last_words(self) -> None:
        """A tape that grows is waited for; one that does not is given up."""
        if self.next_frame > self._waited_at:
            self._waited_at = self.next_frame
            self.emit(v.Arm(_LAST_WORDS, LAST_WORDS_S))
        else:
            self.emit(v.FinishHearing(0))

    # -- beginning and end -----------------------------------------------------------------------

    def _found(self, event: v.Found) -> bool:
        if event.standing is not None:
            self.agent_id = event.standing.agent_id or self.agent_id
            self.next_frame = max(self.next_frame, event.standing.next_frame)
            self._heard.case = event.standing.case
        self._line.found(event)
        return True

    def _lost(self, event: v.Lost) -> bool:
        """The bridge does not know the call any more: what has come of its tape is all."""
        self._end = CallSummary(call=self.call, frames=event.frames)
        self.emit(v.FinishHearing(0))
        return True

    def line_down(self, summary: CallSummary) -> None:
        """The tape is heard to its end; the events come in their turn."""
        if self._end is None:
            self._end = summary
            self._line.stop_message()
            self.emit(v.FinishHearing(summary.frames))
            self.emit(v.Arm(_LAST_WORDS, LAST_WORDS_S))

    def _all_heard(self, _: v.AllHeard) -> None:
        end = self._end or CallSummary(call=self.call, frames=self.next_frame)
        command = CloseCall(
            call_id=self.call, frames=end.frames, voicemail_from_frame=end.voicemail_from
        )
        self.run(command, lambda _: self._close(is_kept=True), self._cannot_close)

    def _cannot_close(self, error: Exception) -> None:
        """The bridge keeps the call and offers it again with its next hello."""
        note(error)
        self._close(is_kept=False)

    def _close(self, *, is_kept: bool) -> None:
        if is_kept:
            self.emit(v.SendOrder(link.Forget(call=self.call)))
        self.emit(v.Closed())
        self.over = True

    def _activity(self, event: v.SpeechActivity) -> bool:
        self.sound = event
        self._line.activity(event)
        return False

    def _customers(self, event: v.CustomersFound) -> None:
        self.run(TakeCustomers(call_id=self.call, rows=tuple(event.rows)))


_S = Session
#: Looked at when it comes; True where it also waits its turn.
_AT_ONCE: dict[type, Callable[[Session, Any], bool | None]] = {
    v.TimerFired: _S._timer, v.Found: _S._found, v.Lost: _S._lost, v.Asked: _S._asked,
    v.SpeechActivity: _S._activity,
    v.Reported: lambda s, event: s._line.reported(event),
    v.Done: lambda s, event: s._errands.done(event),
    v.Failed: lambda s, event: s._errands.failed(event),
    v.Saying: lambda s, event: s._heard.saying(event),
    v.CaseMoved: lambda s, event: s._heard.case_moved(event.phase),
    v.Unspeakable: lambda s, event: s._line.unspeakable(event),
}  # fmt: skip
_IN_TURN: dict[type, Callable[[Session, Any], None]] = {
    v.Asked: _S._press, v.AllHeard: _S._all_heard, v.CustomersFound: _S._customers,
    v.Found: lambda s, event: s._line.open(event),
    v.Lost: lambda s, _: s.advance(machine.BridgeLost()),
    v.Reported: lambda s, event: s._line.fact(event),
    v.Happened: lambda s, event: s.advance(event.event),
    v.TimerFired: lambda s, event: s.advance(machine.TimerFired(event.timer)),
    v.Admit: lambda s, event: s._line.admit(event),
    v.AgentMayBeFree: lambda s, event: s._line.assign(event),
    v.BeginRobot: lambda s, event: s._line.begin_robot(event),
    v.Uttered: lambda s, event: s._heard.uttered(event),
    v.Meant: lambda s, event: s._line.to_robot(event.said),
    v.RecognitionLost: lambda s, event: s._heard.recognition_lost(event),
}  # fmt: skip
_OWN_TIMERS: dict[str, Callable[[Session], None]] = {
    RETRY: lambda s: s._errands.retry(), SILENCE: lambda s: s._line.silence(),
    _GRACE: _S._give_away, _LAST_WORDS: _S._wait_for_last_words,
}  # fmt: skip
