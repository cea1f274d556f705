"""Records as the API publishes them: masked numbers, redacted text, times in ISO 8601 UTC."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.domain.callbacks.callback import TicketDraft
from app.domain.people.actor import Actor
from app.language.understanding.redact import mask_number, redact
from app.service.callbacks.queries import CallbackRow, VoicemailRow
from app.service.calls.queries import CallRow, CallView
from app.service.calls.records import Call, Utterance
from app.service.field.access import shown_phone
from app.service.field.queries import TicketRow
from app.service.field.records import TicketStep
from app.service.queue.queries import AgentRow
from app.service.retention.records import Disclosure


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def call(record: Call) -> dict[str, Any]:
    return {
        "id": record.id, "caller": mask_number(record.caller), "called": record.called,
        "phase": record.phase, "intent": record.intent, "outcome": record.outcome,
        "disposition": record.disposition, "agent_id": record.agent_id,
        "customer_id": record.customer_id, "started_at": _iso(record.started_at),
        "answered_at": _iso(record.answered_at), "talked_at": _iso(record.talked_at),
        "ended_at": _iso(record.ended_at), "recording_seconds": record.frames / 50,
    }  # fmt: skip


def call_row(row: CallRow) -> dict[str, Any]:
    return call(row.call) | {
        "agent": row.agent.display_name if row.agent else None,
        "account_no": row.customer.account_no if row.customer else None,
        "case": row.case.phase if row.case else None,
    }


def utterance(record: Utterance) -> dict[str, Any]:
    heard = record.understanding
    return {
        "speaker": record.side, "start": record.start_ms / 1000, "end": record.end_ms / 1000,
        "text": redact(record.text), "confidence": round(record.confidence, 3),
        "intent": heard.intent if heard else None, "action": heard.action if heard else None,
    }  # fmt: skip


def disclosure(record: Disclosure) -> dict[str, Any]:
    return {"code": record.code, "state": record.state, "binding": record.binding,
            "why": record.why, "at": _iso(record.at), "utterance": record.utterance_id}  # fmt: skip


def _case(view: CallView) -> dict[str, Any] | None:
    if view.case is None:
        return None
    state = view.case.state
    return {
        "id": view.case.id, "kind": state.kind, "phase": state.phase, "reason": state.reason,
        "refusals": state.refusals,
        "offers": [{"offer": t.offer, "outcome": t.outcome, "shown_at": _iso(t.shown_at),
                    "answered_at": _iso(t.answered_at)} for t in view.trials],
    }  # fmt: skip


def call_view(view: CallView) -> dict[str, Any]:
    said = [utterance(u) for u in view.utterances]
    return call(view.call) | {
        "legs": [{"side": "caller"}, {"side": "agent", "agent_id": view.call.agent_id}],
        "utterances": said,
        "intents": sorted({u["intent"] for u in said if u["intent"] and u["action"] == "act"}),
        "case": _case(view), "offers": (_case(view) or {}).get("offers", []),
        "disclosures": [disclosure(d) for d in view.disclosures], "quality": None,
        "events": [{"at": _iso(e.at), "kind": e.kind, "detail": e.detail} for e in view.events],
        "tickets": [{"id": t.id, "number": t.number, "state": t.state, "kind": t.kind}
                    for t in view.tickets],
        "robot": {"place": view.robot.place, "task": view.robot.task, "turns": view.robot.turns,
                  "slot": view.robot.state.slot,
                  "outcome": view.robot.outcome} if view.robot else None,
    }  # fmt: skip


def ticket(row: TicketRow, actor: Actor, base_url: str) -> dict[str, Any]:
    record = row.ticket
    link = f"{base_url}calls/{record.call_id}" if record.call_id else None
    return {
        "id": record.id, "number": record.number, "kind": record.kind, "state": record.state,
        "customer": {"id": row.customer.id, "name": row.customer.name,
                     "account_no": row.customer.account_no} if row.customer else None,
        "address": record.address, "phone": shown_phone(actor, record),
        "grid": {"id": row.grid.id, "name": row.grid.name},
        "technician": row.technician.display_name if row.technician else None,
        "reason": record.reason,
        "offers": [dict(zip(("offer", "outcome"), o.split(":"), strict=True))
                   for o in record.offers.split(",") if o],
        "promise": record.promise, "brief": record.brief, "call_id": record.call_id,
        "call": link, "created_at": _iso(record.created_at), "due_at": _iso(record.due_at),
        "outcome_reason": record.outcome_reason, "closed_at": _iso(record.closed_at),
    }  # fmt: skip


def step(record: TicketStep) -> dict[str, Any]:
    return {"at": _iso(record.at), "event": record.event, "by": record.by, "note": record.note}


def voicemail(row: VoicemailRow) -> dict[str, Any]:
    record = row.voicemail
    return {
        "id": record.id, "call_id": record.call_id, "caller": mask_number(record.caller),
        "customer": row.customer.account_no if row.customer else None,
        "received_at": _iso(record.received_at), "start": record.start_ms / 1000,
        "end": record.end_ms / 1000, "text": redact(record.text), "intent": record.intent,
        "state": record.state,
        "claimed_by": row.claimed_by.display_name if row.claimed_by else None,
    }  # fmt: skip


def callback(row: CallbackRow) -> dict[str, Any]:
    record = row.callback
    return {
        "id": record.id, "caller": mask_number(record.caller), "source": record.source,
        "customer": row.customer.account_no if row.customer else None, "state": record.state,
        "intent": record.intent, "text": redact(record.text), "messages": record.messages,
        "points": row.points, "attempts": record.attempts, "call_id": record.call_id,
        "created_at": _iso(record.created_at), "next_at": _iso(record.next_at),
        "due_at": _iso(record.due_at),
        "draft": _draft(row.draft) if row.draft is not None else None,
        "claimed_by": row.claimed_by.display_name if row.claimed_by else None,
    }  # fmt: skip


def _draft(draft: TicketDraft) -> dict[str, Any]:
    return {**asdict(draft), "phone": mask_number(draft.phone), "brief": redact(draft.brief)}


def agent(row: AgentRow) -> dict[str, Any]:
    presence = row.presence
    return {
        "id": row.user.id, "name": row.user.display_name,
        "state": presence.state if presence else "offline",
        "since": _iso(presence.since) if presence else None,
        "call_id": presence.call_id if presence else None,
    }  # fmt: skip
