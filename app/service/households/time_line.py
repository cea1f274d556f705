"""All that happened with a customer, on one time line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.service.households.queries import CustomerView

MOST = 40


@dataclass(frozen=True, slots=True)
class Contact:
    """``kind``: call, voicemail, ticket, offer or sms; ``code`` and ``state`` are labelled by it;
    ``ref`` is the record to open."""

    at: datetime
    kind: str
    code: str
    state: str
    ref: str


def time_line(view: CustomerView, without_call: str = "") -> list[Contact]:
    """Newest first, without the call that is going on."""
    found = [each for each in _all(view) if each.kind != "call" or each.ref != without_call]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MOST]


def _all(view: CustomerView) -> Iterator[Contact]:
    for call in view.contacts:
        yield Contact(call.started_at, "call", call.intent, call.outcome, call.id)
    for message in view.voicemails:
        yield Contact(
            message.received_at, "voicemail", message.intent, message.state, message.call_id
        )  # fmt: skip
    for ticket in view.tickets:
        yield Contact(ticket.created_at, "ticket", ticket.kind, ticket.state, str(ticket.id))
    for trial in view.trials:
        yield Contact(trial.shown_at, "offer", trial.offer, trial.outcome, "")
    for sms in view.messages:
        yield Contact(sms.created_at, "sms", sms.template, sms.state, "")
