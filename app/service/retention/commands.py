"""What may be asked of retention: one dataclass a command, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The caller asks to stop: heard, or noted by the agent."""

    call_id: str
    kind: str
    user_id: int


@dataclass(frozen=True, slots=True)
class StepCase:
    """``action``: kind, reason, offer, accept, decline, proceed, stay; ``value`` goes with it."""

    case_id: int
    user_id: int
    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class TickDisclosure:
    """The agent says that a statement was made though it was not heard."""

    disclosure_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of prompts/agent/forms.yaml, filled in during a call."""

    call_id: str
    user_id: int
    form: str
    values: Mapping[str, str]
    grid_id: int | None = None


@dataclass(frozen=True, slots=True)
class SetStock:
    """How many of an item of offers are left."""

    who: str
    item: str
    left: int
