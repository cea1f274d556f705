"""A piece of a page that is sent to it while it is open."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fragment:
    """``html`` replaces the element with the id ``target``, or is appended where it says so."""

    target: str
    html: str
