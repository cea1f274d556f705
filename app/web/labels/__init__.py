"""Names of states, reasons and kinds on screens, a module a subject."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from app.domain.refusal import RefusalCode
from app.web.i18n import N_
from app.web.labels import (
    callbacks,
    calls,
    field,
    households,
    knowledge,
    people,
    queue,
    retention,
    robot,
    speech,
)

_SUBJECTS: Final = (
    calls, queue, retention, field, robot, callbacks, knowledge, households, people,
    speech,
)  # fmt: skip
#: What is refused in every subject.
_ANYWHERE: Final[dict[RefusalCode, str]] = {
    RefusalCode.KEY_REUSED: N_("That click was made already: load the page again."),
    RefusalCode.NOT_FOUND: N_("That does not exist (any more)."),
}
K = TypeVar("K")
V = TypeVar("V")


def gathered(parts: Iterable[Mapping[K, V]]) -> dict[K, V]:
    """All parts as one. Raises ValueError where two say something of the same thing."""
    found: dict[K, V] = {}
    for part in parts:
        if twice := found.keys() & part.keys():
            raise ValueError(f"two subjects name {twice}")
        found.update(part)
    return found


#: By group and code; templates ask with ``label(group, code)``.
LABELS: Final = gathered(subject.LABELS for subject in _SUBJECTS)
#: What refusals say to people, by their code; the detail is for programs.
REFUSALS: Final = gathered([_ANYWHERE, *(subject.REFUSALS for subject in _SUBJECTS)])
