"""What the agent sees of the disclosure gate: the checklist, the alarm, the wrong figures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.calls.log_kind import CallLogKind
from app.domain.retention.disclosure import DONE, DisclosureState
from app.language.understanding.statements import SpokenRules
from app.service.calls.queries import CallView
from app.service.retention.records import Disclosure
from app.service.retention.wrong_words import DENIED

#: How long a note about words stays, and how many there are at once: it is to be quiet.
NOTED_MS = 120_000
_MOST_NOTES = 2


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
class SpokenNote:
    """Words that mislead or hurt: ``name`` of what is wrong, ``instead`` what to say."""

    name: Mapping[str, str]
    said: str
    instead: str


@dataclass(frozen=True, slots=True)
class Gate:
    """``alarm``: good-bye was said though these were not; ``wrong``: (what, said, right);
    ``notes``: other words than these should be said."""

    lines: tuple[GateLine, ...] = ()
    alarm: tuple[GateLine, ...] = ()
    wrong: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[SpokenNote, ...] = ()

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
    return Gate(lines, missing if closed else (), _wrong(view), _notes(view, rules))


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


def _notes(view: CallView, rules: SpokenRules) -> tuple[SpokenNote, ...]:
    """The newest of each kind, a few: a denied statement until it is made, the rest for a while."""
    newest: dict[str, SpokenNote] = {}
    for event in view.events:
        if event.kind != CallLogKind.WORDS_WRONG:
            continue
        found = json.loads(event.detail)
        what, said = found["what"], found["said"]
        note = _note(what, said, rules)
        newest.pop(what, None)
        if note is not None and not _over(view, rules, what, found["utterance"]):
            newest[what] = note
    return tuple(newest.values())[-_MOST_NOTES:]


def _note(what: str, said: str, rules: SpokenRules) -> SpokenNote | None:
    """None where the supervisors have taken the rule away since."""
    statement = rules.statements.get(what.removeprefix(DENIED))
    if what.startswith(DENIED):
        return SpokenNote(statement.name, said, statement.say) if statement is not None else None
    rule = rules.misleading.get(what)
    return SpokenNote(rule.name, said, rule.instead) if rule is not None else None


def _over(view: CallView, rules: SpokenRules, what: str, utterance_id: int) -> bool:
    said = next((u for u in view.utterances if u.id == utterance_id), None)
    if said is None:
        return False
    if not what.startswith(DENIED):
        return view.utterances[-1].end_ms - said.end_ms > NOTED_MS
    code = what.removeprefix(DENIED)
    later = (u for u in view.utterances if u.side == "agent" and u.start_ms > said.start_ms)
    return any(code in rules.said(u.text) for u in later)
