"""One SIP leg of a call."""

from enum import StrEnum


class LegState(StrEnum):
    """Where a leg stands."""

    INVITING = "inviting"
    RINGING = "ringing"
    EARLY = "early"
    TALKING = "talking"
    HELD = "held"
    ENDING = "ending"
    GONE = "gone"
