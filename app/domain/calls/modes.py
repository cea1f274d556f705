"""Who hears whom: a matrix, and the modes of a call that people have names for."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from app.domain.calls.ids import LegId

#: Of each leg, the legs that it hears. A leg that is not named hears nobody.
Hears: TypeAlias = Mapping[LegId, frozenset[LegId]]


class Mode(StrEnum):
    """How a third leg takes part in the talk of a customer and an agent.

    Talk: without it. Listen: it hears both, nobody hears it. Whisper: only the agent hears it.
    Barge: all hear each other. Consult: agent and third talk, the customer hears nobody.
    """

    TALK = "talk"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    CONSULT = "consult"


#: Of each mode: who (c customer, a agent, t third) hears whom.
_TABLE: Mapping[Mode, tuple[str, ...]] = {
    Mode.TALK: ("ca", "ac"),
    Mode.LISTEN: ("ca", "ac", "tca"),
    Mode.WHISPER: ("ca", "act", "tca"),
    Mode.BARGE: ("cat", "act", "tca"),
    Mode.CONSULT: ("at", "ta"),
}


def everybody(legs: Iterable[LegId]) -> Hears:
    """Each leg hears all the others."""
    all_legs = frozenset(legs)
    return {leg: all_legs - {leg} for leg in all_legs}


def matrix(mode: Mode, customer: LegId, agent: LegId, third: LegId | None = None) -> Hears:
    """The matrix of a mode. Raises ValueError where it takes three and a third is missing."""
    if third is None and mode is not Mode.TALK:
        raise ValueError(f"{mode} takes three")
    legs = {"c": customer, "a": agent} | ({"t": third} if third is not None else {})
    return {legs[row[0]]: frozenset(legs[x] for x in row[1:]) for row in _TABLE[mode]}


def among(hears: Hears, legs: frozenset[LegId]) -> Hears:
    """The part of a matrix that is about these legs; nobody hears itself."""
    rows = {leg: (heard & legs) - {leg} for leg, heard in hears.items() if leg in legs}
    return {leg: heard for leg, heard in rows.items() if heard}
