"""A voice message (语音留言): left, taken care of, done with, as one table."""

from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class VoicemailState(StrEnum):
    RECORDING = "recording"
    NEW = "new"
    CLAIMED = "claimed"
    DONE = "done"


class VoicemailEvent(StrEnum):
    """``complete``: the call is over and its words are known; ``claim``: an agent takes care of
    it; ``done``: an agent is done with it."""

    COMPLETE = "complete"
    CLAIM = "claim"
    DONE = "done"


S, E = VoicemailState, VoicemailEvent
_TABLE: dict[tuple[VoicemailState, VoicemailEvent], VoicemailState] = {
    (S.RECORDING, E.COMPLETE): S.NEW,
    (S.NEW, E.CLAIM): S.CLAIMED,
    # a second click of the same agent
    (S.CLAIMED, E.CLAIM): S.CLAIMED,
    (S.NEW, E.DONE): S.DONE,
    (S.CLAIMED, E.DONE): S.DONE,
}


def allowed(state: VoicemailState) -> frozenset[VoicemailEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(state: VoicemailState, event: VoicemailEvent) -> VoicemailState:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((state, event))
    if after is None and state is S.DONE:
        raise Refused(RefusalCode.DONE, "this message is settled already")
    if after is None:
        raise Refused(
            RefusalCode.VOICEMAIL_ACTION, f"{event} is not possible while the message is {state}"
        )
    return after
