"""Frozen domain states as JSON text and back."""

import json
from dataclasses import asdict

from app.domain.callbacks.callback import TicketDraft
from app.domain.calls.machine import CallState, Phase
from app.domain.retention.case import CasePhase, CaseState, Trial


def dump(state: CallState | CaseState | TicketDraft) -> str:
    return json.dumps(asdict(state), ensure_ascii=False)


def load_call(text: str) -> CallState:
    data = json.loads(text)
    data.update(phase=Phase(data["phase"]), tried=tuple(data["tried"]))
    return CallState(**data)


def load_case(text: str) -> CaseState:
    data = json.loads(text)
    trials = tuple(Trial(**trial) for trial in data["trials"])
    data.update(phase=CasePhase(data["phase"]), trials=trials)
    return CaseState(**data)


def load_draft(text: str) -> TicketDraft | None:
    """The drafted ticket of a call-back; None where there is none."""
    return TicketDraft(**json.loads(text)) if text else None
