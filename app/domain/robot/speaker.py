"""The robot's voice in one call, as a machine without a clock: ``Speaker.take(input) -> outputs``.

What is said is queued sentence by sentence. When the caller begins to speak, an interruptible
sentence is stopped at once; if it was only a back-channel (嗯, 对), or no word at all, it is said
again from that sentence on, else what was said counts and the rest is dropped.

For whoever embeds it, per output:

- ``TakeTurn``: run the event through the dialog, answer with ``TurnTaken`` or ``TurnFailed``.
  Anything else may come before the answer: it waits inside, in its order. One turn at a time.
- ``Say``: queue the sentence; report its end (or its being stopped) as ``PiecePlayed`` with its
  token. What cannot be spoken is ``SpeechFailed``; the outputs after it need not be carried out.
- ``StopSaying``: drop all that is queued.
- ``Expect``: what the caller's next words answer to (a section of short replies, or none).
- ``ArmSilence`` replaces the clock before it; ``SilenceElapsed`` gives its number back, and an
  older number is ignored. ``DisarmSilence``: no clock is wanted.
- ``End``: the event for the call machine; ``over`` is true then, and every input answers nothing.

Inputs in a call (all are in ``speaker_vocabulary``): ``Begun`` once (and again
where reports may have been lost: the dialog then asks again), ``CallerSpeaking`` with every stretch
of the caller's audio, ``CallerSaid`` with every whole utterance, ``KeyPressed``.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.calls.vocabulary import RobotFinished, RobotHandedOver
from app.domain.robot import speaker_vocabulary as v
from app.domain.robot.vocabulary import (
    AskMessage,
    DialogEvent,
    HandOver,
    Leave,
    Place,
    Pressed,
    Said,
    Say,
    Silent,
    Started,
)

#: Speech of this length stops what the robot says.
BARGE_IN_MS = 160
#: Without a word after this much quiet, it was a noise: the robot goes on.
NOTHING_SAID_MS = 700
#: Who says 对 all the time hears the rest to its end.
MOST_RESUMED = 2
#: How long nobody needs to speak; numbers are looked up while they are dictated.
SILENCE_S, DICTATING_SILENCE_S = 7.0, 11.0
_YES_OR_NO = (
    Place.SURE, Place.GUIDE, Place.OFFER, Place.CONFIRM, Place.PERSON, Place.ADULT,
)  # fmt: skip
#: Which short replies (lexicon) the robot's questions are answered with.
_REPLIES = {
    Place.SURE: "read_back", Place.CONFIRM: "read_back", Place.GUIDE: "question",
    Place.PERSON: "question", Place.ADULT: "question", Place.OFFER: "offer",
    Place.MORE: "anything_else", Place.REASON: "reason",
}  # fmt: skip
_SENTENCE = re.compile("[^。？！]*[。？！]|[^。？！]+$")


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    whole: bool


def sentences(text: str) -> list[str]:
    """What is said at once, and may be interrupted or said again by itself."""
    return [piece for part in _SENTENCE.findall(text) if (piece := part.strip())]


def replies_at(place: Place) -> str:
    """The section of the lexicon's short replies that a place's question is answered with; empty
    for none."""
    return _REPLIES.get(place, "")


class Speaker:
    """One robot's part of one call; see the top of the file for what it asks of its embedder."""

    def __init__(self) -> None:
        self.over = False
        self._out: list[v.Output] = []
        self._awaited = False
        self._waiting: deque[v.Input] = deque()
        self._pieces: list[_Piece] = []
        self._sending = 0
        self._first = 0
        self._stopped = False
        self._resumed = 0
        self._ending: RobotHandedOver | RobotFinished | None = None
        self._kept: Said | None = None
        self._slow = False
        self._place = Place.OPEN
        self._clock = 0
        self._armed = False

    @property
    def awaited(self) -> bool:
        """Whether the answer to a ``TakeTurn`` is outstanding."""
        return self._awaited

    @property
    def speaking(self) -> bool:
        """Whether something is being said, and was not stopped by the caller."""
        return bool(self._pieces) and not self._stopped

    @property
    def stopped(self) -> bool:
        """Whether the caller has stopped a sentence and it is open what becomes of it."""
        return self._stopped

    @property
    def armed(self) -> bool:
        """Whether a silence is being waited for."""
        return self._armed

    def take(self, event: v.Input) -> list[v.Output]:
        """One input; what follows from it, and from those that waited for it, in order."""
        if isinstance(event, v.TurnTaken | v.TurnFailed | v.SpeechFailed):
            self._handle(event)
        else:
            self._wait_in_line(event)
        while self._waiting and not self._awaited and not self.over:
            self._handle(self._waiting.popleft())
        out, self._out = self._out, []
        return out

    def _wait_in_line(self, event: v.Input) -> None:
        """Of reports on the sound that come one upon the other only the last one is true."""
        last = self._waiting[-1] if self._waiting else None
        if isinstance(event, v.CallerSpeaking) and isinstance(last, v.CallerSpeaking):
            self._waiting.pop()
        self._waiting.append(event)

    def _handle(self, event: v.Input) -> None:
        if not self.over:
            _INPUTS[type(event)](self, event)

    # -- turns -------------------------------------------------------------------------------

    def _begun(self, _: v.Begun) -> None:
        self._turn(Started())

    def _turn(self, event: DialogEvent) -> None:
        """Once the end is decided nothing is decided any more: words and keys only hasten it."""
        if self._ending is not None:
            self._hasten()
            return
        self._disarm()
        self._awaited = True
        self._out.append(v.TakeTurn(event))

    def _hasten(self) -> None:
        if not self._holds():
            self._drop()
            self._said_all()

    def _turn_failed(self, _: v.TurnFailed) -> None:
        """Whatever went wrong, the caller is asked again: nobody waits in silence."""
        if self._awaited:
            self._awaited = False
            self._arm(SILENCE_S)

    def _turn_taken(self, turn: v.TurnTaken) -> None:
        """What the turn says takes the place of what was being said."""
        if not self._awaited:
            return
        self._awaited = False
        self._slow, self._place = turn.slow, turn.place
        self._out.append(v.Expect(replies_at(turn.place)))
        self._drop()
        self._kept, self._resumed = None, 0
        self._ending = _ending_of(turn)
        says = [effect for effect in turn.effects if isinstance(effect, Say)]
        self._pieces = [_Piece(text, say.whole) for say in says for text in sentences(say.text)]
        if self._pieces:
            self._send()
        else:
            self._said_all()

    # -- speech ------------------------------------------------------------------------------

    def _send(self) -> None:
        """Queue all that is left to say. The token tells which sending a report belongs to."""
        self._sending, self._first = self._sending + 1, 0
        self._out += [
            v.Say(text=piece.text, token=f"say-{self._sending}-{at}", slow=self._slow)
            for at, piece in enumerate(self._pieces)
        ]

    def _drop(self) -> None:
        if self._pieces and not self._stopped:
            self._out.append(v.StopSaying())
        self._pieces, self._stopped = [], False

    def _piece_played(self, event: v.PiecePlayed) -> None:
        """A report may come twice, or be lost: the sentences before it were said too."""
        done = self._done_with(event.token)
        if not done or not self.speaking:
            return
        del self._pieces[:done]
        self._first += done
        if self._kept is not None and not self._holds():
            kept, self._kept = self._kept, None
            self._turn(kept)
        elif not self._pieces:
            self._said_all()

    def _done_with(self, token: str) -> int:
        """How many of the sentences were said once this one was; 0 for one of another sending."""
        _, sending, at = token.split("-") if token.count("-") == 2 else ("", "", "")
        if sending != str(self._sending) or not at.isdecimal():
            return 0
        return max(0, int(at) + 1 - self._first)

    def _holds(self) -> bool:
        """Whether what is being said must be heard to its end."""
        return self.speaking and self._pieces[0].whole

    def _said_all(self) -> None:
        if self._ending is not None:
            self._end(self._ending)
        else:
            self._arm(self._silence_s)

    def _end(self, event: RobotHandedOver | RobotFinished) -> None:
        self._disarm()
        self.over = True
        self._waiting.clear()
        self._out.append(v.End(event))

    def _speech_failed(self, _: v.SpeechFailed) -> None:
        """The caller leaves a message, after a greeting that needs no voice now."""
        self._end(RobotHandedOver(staffed=False, speechless=True))

    # -- silence -----------------------------------------------------------------------------

    @property
    def _silence_s(self) -> float:
        return DICTATING_SILENCE_S if self._place is Place.SLOT else SILENCE_S

    def _arm(self, seconds: float) -> None:
        self._clock, self._armed = self._clock + 1, True
        self._out.append(v.ArmSilence(seconds=seconds, clock=self._clock))

    def _disarm(self) -> None:
        if self._armed:
            self._armed = False
            self._out.append(v.DisarmSilence())

    def _silence_elapsed(self, event: v.SilenceElapsed) -> None:
        if self._armed and event.clock == self._clock:
            self._armed = False
            self._turn(Silent())

    # -- the caller --------------------------------------------------------------------------

    def _key_pressed(self, event: v.KeyPressed) -> None:
        self._turn(Pressed(event.digit))

    def _caller_speaking(self, event: v.CallerSpeaking) -> None:
        """The clock of a silence begins anew after speech; speech stops what may be stopped."""
        if event.speaking_ms and self._armed:
            self._arm(self._silence_s)
        if event.speaking_ms >= BARGE_IN_MS and self._can_be_stopped():
            self._stopped = True
            self._out.append(v.StopSaying())
        elif self._stopped and not event.speaking_ms and event.quiet_ms >= NOTHING_SAID_MS:
            self._resume()

    def _can_be_stopped(self) -> bool:
        """Not too often; words still count then."""
        return self.speaking and not self._holds() and self._resumed < MOST_RESUMED

    def _resume(self) -> None:
        self._stopped, self._resumed = False, self._resumed + 1
        self._send()

    def _caller_said(self, event: v.CallerSaid) -> None:
        """Words wait for the end of what must be heard; a back-channel lets the robot go on."""
        if event.backchannel and not self._is_an_answer():
            if self._stopped:
                self._resume()
        elif self._holds():
            self._kept = event.said
        else:
            self._turn(event.said)

    def _is_an_answer(self) -> bool:
        """Whether 对 answers the question that is being asked, or is over."""
        return not self._pieces or (self._place in _YES_OR_NO and len(self._pieces) == 1)


def _ending_of(turn: v.TurnTaken) -> RobotHandedOver | RobotFinished | None:
    """What the call machine hears once all is said. A dialog that is over without having said how
    leaves a message: nobody is left in silence."""
    for effect in turn.effects:
        if isinstance(effect, HandOver):
            return RobotHandedOver(staffed=True, urgent=effect.urgent)
        if isinstance(effect, AskMessage):
            return RobotHandedOver(staffed=False)
        if isinstance(effect, Leave):
            return RobotFinished()
    return RobotHandedOver(staffed=False) if turn.place is Place.GONE else None


_INPUTS: dict[type, Callable[..., None]] = {
    v.Begun: Speaker._begun, v.TurnTaken: Speaker._turn_taken, v.TurnFailed: Speaker._turn_failed,
    v.PiecePlayed: Speaker._piece_played, v.CallerSpeaking: Speaker._caller_speaking,
    v.CallerSaid: Speaker._caller_said, v.KeyPressed: Speaker._key_pressed,
    v.SilenceElapsed: Speaker._silence_elapsed, v.SpeechFailed: Speaker._speech_failed,
}  # fmt: skip
