"""Voice messages and the call-back list for programs: masked numbers, redacted text."""

import asyncio

from pydantic import BaseModel, Field

from app.domain.callbacks.callback import TicketDraft
from app.domain.people.permission import Permission
from app.language.understanding.redact import mask_number, redact
from app.service.callbacks.queries import CallbackRow, VoicemailRow
from app.web.answers import Moment, api_router, problems
from app.web.people.auth import CurrentProgram, check
from app.web.reads import CallbackReads

router = api_router()
_FIRST = "what stood here before the recording was heard again; redacted"


class VoicemailOut(BaseModel):
    """A voice message; ``start`` and ``end`` are seconds of the call's recording. ``customer`` is
    an account number."""

    id: int | None
    call_id: str
    caller: str
    customer: str | None
    received_at: Moment
    start: float
    end: float
    text: str
    first_text: str | None = Field(description=_FIRST)
    intent: str
    state: str
    claimed_by: str | None

    @classmethod
    def of(cls, row: VoicemailRow) -> "VoicemailOut":
        kept = row.voicemail
        return cls(
            id=kept.id, call_id=kept.call_id, caller=mask_number(kept.caller),
            customer=row.customer.account_no if row.customer else None,
            received_at=kept.received_at, start=kept.start_ms / 1000, end=kept.end_ms / 1000,
            text=redact(kept.text), first_text=redact(kept.first_text) or None,
            intent=kept.intent, state=kept.state,
            claimed_by=row.claimed_by.display_name if row.claimed_by else None,
        )  # fmt: skip


class VoicemailsOut(BaseModel):
    """Voice messages, the newest first."""

    voicemails: list[VoicemailOut]


class TicketDraftOut(BaseModel):
    """A ticket drafted from what the caller said; ``number`` is empty until it is opened."""

    kind: str
    address: str
    phone: str = Field(description="masked")
    when: str
    brief: str
    number: str

    @classmethod
    def of(cls, draft: TicketDraft) -> "TicketDraftOut":
        return cls(
            kind=draft.kind, address=draft.address, phone=mask_number(draft.phone),
            when=draft.when, brief=redact(draft.brief), number=draft.number,
        )  # fmt: skip


class CallbackOut(BaseModel):
    """Somebody who is to be rung back. ``points``: the more, the sooner; ``messages``: how often
    they asked; ``next_at``: not before; ``due_at``: what was promised."""

    id: int | None
    caller: str
    source: str
    customer: str | None
    state: str
    intent: str
    text: str
    first_text: str | None = Field(description=_FIRST)
    messages: int
    points: int
    attempts: int
    call_id: str | None
    created_at: Moment
    next_at: Moment
    due_at: Moment | None
    draft: TicketDraftOut | None
    claimed_by: str | None

    @classmethod
    def of(cls, row: CallbackRow) -> "CallbackOut":
        kept = row.callback
        return cls(
            id=kept.id, caller=mask_number(kept.caller), source=kept.source,
            customer=row.customer.account_no if row.customer else None, state=kept.state,
            intent=kept.intent, text=redact(kept.text),
            first_text=redact(kept.first_text) or None, messages=kept.messages,
            points=row.points, attempts=kept.attempts, call_id=kept.call_id,
            created_at=kept.created_at, next_at=kept.next_at, due_at=kept.due_at,
            draft=TicketDraftOut.of(row.draft) if row.draft is not None else None,
            claimed_by=row.claimed_by.display_name if row.claimed_by else None,
        )  # fmt: skip


class CallbacksOut(BaseModel):
    """Who waits for a call, the most urgent first."""

    callbacks: list[CallbackOut]


@router.get("/voicemails", responses=problems(403))
async def voicemails(program: CurrentProgram, reads: CallbackReads) -> VoicemailsOut:
    """The newest first."""
    check(program, Permission.SEE_CALLS)
    rows = await asyncio.to_thread(reads.voicemails)
    return VoicemailsOut(voicemails=[VoicemailOut.of(row) for row in rows])


@router.get("/callbacks", responses=problems(403))
async def callbacks(program: CurrentProgram, reads: CallbackReads) -> CallbacksOut:
    """Who waits for a call, the most urgent first."""
    check(program, Permission.SEE_CALLS)
    rows = await asyncio.to_thread(reads.callbacks)
    return CallbacksOut(callbacks=[CallbackOut.of(row) for row in rows])
