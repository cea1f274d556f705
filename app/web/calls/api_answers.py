"""Calls as the API publishes them. A field may be added; none is renamed or left out."""

from typing import Literal

from pydantic import BaseModel, Field

from app.language.understanding.redact import mask_number, redact
from app.service.calls.queries import CallRow, CallView
from app.service.calls.records import Call, CallEvent, Rehearing, Utterance
from app.service.field.records import FieldTicket
from app.service.retention.records import Disclosure, OfferTrial
from app.service.robot.records import RobotTalk
from app.web.answers import Moment

_FRAMES_A_S = 50


class CallOut(BaseModel):
    """One call; times that have not come are null."""

    id: str
    caller: str = Field(description="masked")
    called: str
    phase: str
    intent: str
    outcome: str
    disposition: str
    agent_id: int | None
    customer_id: int | None
    started_at: Moment
    answered_at: Moment | None
    talked_at: Moment | None
    ended_at: Moment | None
    recording_seconds: float

    @classmethod
    def of(cls, call: Call) -> "CallOut":
        return CallOut(
            id=call.id, caller=mask_number(call.caller), called=call.called, phase=call.phase,
            intent=call.intent, outcome=call.outcome, disposition=call.disposition,
            agent_id=call.agent_id, customer_id=call.customer_id, started_at=call.started_at,
            answered_at=call.answered_at, talked_at=call.talked_at, ended_at=call.ended_at,
            recording_seconds=call.frames / _FRAMES_A_S,
        )  # fmt: skip


class ListedCallOut(CallOut):
    """A call in a list. ``case``: the phase of its retention case."""

    agent: str | None
    account_no: str | None
    case: str | None

    @classmethod
    def of_row(cls, row: CallRow) -> "ListedCallOut":
        return cls(
            **dict(CallOut.of(row.call)),
            agent=row.agent.display_name if row.agent else None,
            account_no=row.customer.account_no if row.customer else None,
            case=row.case.phase if row.case else None,
        )


class CallsOut(BaseModel):
    """Calls, the newest first."""

    calls: list[ListedCallOut]


class CallerLegOut(BaseModel):
    """The caller's side."""

    side: Literal["caller"] = "caller"


class AgentLegOut(BaseModel):
    """The agent's side; null where no agent took part."""

    side: Literal["agent"] = "agent"
    agent_id: int | None


class UtteranceOut(BaseModel):
    """What one side said; times in seconds of the recording. ``intent`` and ``action`` are null
    for what nobody tried to understand."""

    speaker: str
    start: float
    end: float
    text: str = Field(description="with numbers redacted")
    first_text: str | None = Field(
        description="what the first pass had heard, where the second pass corrected it; redacted"
    )
    confidence: float
    intent: str | None
    action: str | None

    @classmethod
    def of(cls, said: Utterance) -> "UtteranceOut":
        heard = said.understanding
        return cls(
            speaker=said.side, start=said.start_ms / 1000, end=said.end_ms / 1000,
            text=redact(said.text), first_text=redact(said.first_text) or None,
            confidence=round(said.confidence, 3),
            intent=heard.intent if heard else None, action=heard.action if heard else None,
        )  # fmt: skip


class OfferOut(BaseModel):
    """An offer that was put to the customer: ``outcome`` is shown, accepted or declined."""

    offer: str
    outcome: str
    shown_at: Moment
    answered_at: Moment | None

    @classmethod
    def of(cls, trial: OfferTrial) -> "OfferOut":
        return cls(
            offer=trial.offer, outcome=trial.outcome, shown_at=trial.shown_at,
            answered_at=trial.answered_at,
        )  # fmt: skip


class CaseOut(BaseModel):
    """The retention case of a call. ``refusals``: offers that were declined."""

    id: int | None
    kind: str
    phase: str
    reason: str
    refusals: int
    offers: list[OfferOut]

    @classmethod
    def of_view(cls, view: CallView) -> "CaseOut | None":
        if view.case is None:
            return None
        state = view.case.state
        return cls(
            id=view.case.id, kind=state.kind, phase=state.phase, reason=state.reason,
            refusals=state.refusals, offers=[OfferOut.of(trial) for trial in view.trials],
        )  # fmt: skip


class DisclosureOut(BaseModel):
    """A statement that must be said: ``why`` is what asks for it, ``utterance`` what said it."""

    code: str
    state: str
    binding: bool
    why: str
    at: Moment | None
    utterance: int | None

    @classmethod
    def of(cls, row: Disclosure) -> "DisclosureOut":
        return cls(
            code=row.code, state=row.state, binding=row.binding, why=row.why, at=row.at,
            utterance=row.utterance_id,
        )  # fmt: skip


class CallEventOut(BaseModel):
    """A line of the call's log."""

    at: Moment
    kind: str
    detail: str

    @classmethod
    def of(cls, event: CallEvent) -> "CallEventOut":
        return cls(at=event.at, kind=event.kind, detail=event.detail)


class CallTicketOut(BaseModel):
    """A field ticket that was opened for the call."""

    id: int | None
    number: str
    state: str
    kind: str

    @classmethod
    def of(cls, ticket: FieldTicket) -> "CallTicketOut":
        return cls(id=ticket.id, number=ticket.number, state=ticket.state, kind=ticket.kind)


class RobotOut(BaseModel):
    """The robot's conversation: ``place`` in its flow, ``task`` that the caller wanted,
    ``slot`` that is asked for, ``outcome`` empty where the caller hung up or still talks."""

    place: str
    task: str
    turns: int
    slot: str
    outcome: str

    @classmethod
    def of(cls, talk: RobotTalk) -> "RobotOut":
        return cls(
            place=talk.place, task=talk.task, turns=talk.turns, slot=talk.state.slot,
            outcome=talk.outcome,
        )  # fmt: skip


class HeardAgainOut(BaseModel):
    """Whether the finished call was heard once more as a whole: ``state`` is waiting, heard or
    unheard, ``why`` the reason of the last try that failed."""

    state: str
    why: str | None

    @classmethod
    def of(cls, row: Rehearing) -> "HeardAgainOut":
        return cls(state=row.state, why=row.why or None)


class WholeCallOut(CallOut):
    """A call with everything in it. ``intents``: those that were acted on; ``offers`` are those
    of ``case``; ``quality`` is kept for scores."""

    legs: list[CallerLegOut | AgentLegOut]
    utterances: list[UtteranceOut]
    intents: list[str]
    case: CaseOut | None
    offers: list[OfferOut]
    disclosures: list[DisclosureOut]
    quality: None = None
    events: list[CallEventOut]
    tickets: list[CallTicketOut]
    robot: RobotOut | None
    heard_again: HeardAgainOut | None = Field(description="null until the call is over")

    @classmethod
    def of_view(cls, view: CallView) -> "WholeCallOut":
        said = [UtteranceOut.of(each) for each in view.utterances]
        case = CaseOut.of_view(view)
        return cls(
            **dict(CallOut.of(view.call)),
            legs=[CallerLegOut(), AgentLegOut(agent_id=view.call.agent_id)],
            utterances=said,
            intents=sorted({u.intent for u in said if u.intent and u.action == "act"}),
            case=case,
            offers=case.offers if case is not None else [],
            disclosures=[DisclosureOut.of(row) for row in view.disclosures],
            events=[CallEventOut.of(event) for event in view.events],
            tickets=[CallTicketOut.of(ticket) for ticket in view.tickets],
            robot=RobotOut.of(view.robot) if view.robot is not None else None,
            heard_again=HeardAgainOut.of(view.rehearing) if view.rehearing is not None else None,
        )
