"""What the agent sees of the disclosure gate: the checklist, the alarm, the wrong figures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.calls.log_kind import CallLogKind
from app.domain.retention.disclosure import DONE, DisclosureState
from app.language.understanding.statements import SpokenRules
from app.service.calls.queries import CallView
from app.service.retention.records import Disclosure


@dataclass(frozen=True, slots=True)
class GateLine:
    """A statement: ``state`` of domain.retention.disclosure; ``say`` the words to say."""

    id: int
    code: str
    name: Mapping[str, str]
    say: str
    state: str
    binding: bool

    @property
    def done(self) -> bool:
        return self.state in DONE

    @property
    def waits(self) -> bool:
        """It may still be ticked."""
        return self.state in (DisclosureState.OPEN, DisclosureState.ASKED)


@dataclass(frozen=True, slots=True)
class Gate:
    """``alarm``: good-bye was said though these were not; ``wrong``: (what, said, right)."""

    lines: tuple[GateLine, ...] = ()
    alarm: tuple[GateLine, ...] = ()
    wrong: tuple[tuple[str, str, str], ...] = ()

    @property
    def said(self) -> int:
        return sum(line.done for line in self.lines)

    @property
    def complete(self) -> bool:
        return self.said == len(self.lines)


def build_gate(view: CallView, rules: SpokenRules) -> Gate:
    """The gate of a call as it stands; dropped statements are not shown."""
    shown = [d for d in view.disclosures if d.state != DisclosureState.DROPPED]
    lines = tuple(_line(d, rules) for d in shown)
    closed = any(event.kind == CallLogKind.GATE_ALARM for event in view.events)
    missing = tuple(line for line in lines if line.binding and not line.done)
    return Gate(lines, missing if closed else (), _wrong(view))


def _line(row: Disclosure, rules: SpokenRules) -> GateLine:
    statement = rules.statements.get(row.code)
    name = statement.name if statement is not None else {"zh": row.code, "en": row.code}
    say = statement.say if statement is not None else ""
    return GateLine(row.id or 0, row.code, name, say, row.state, row.binding)


def _wrong(view: CallView) -> tuple[tuple[str, str, str], ...]:
    """The newest of each kind that was not put right since."""
    newest: dict[str, tuple[str, str, str]] = {}
    for event in view.events:
        if event.kind == CallLogKind.FIGURE_WRONG:
            found = json.loads(event.detail)
            newest[found["what"]] = (found["what"], found["said"], found["right"])
        elif event.kind == CallLogKind.FIGURE_RIGHT:
            newest.pop(event.detail, None)
    return tuple(newest.values())
