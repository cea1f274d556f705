"""Who the parties of a call are."""

from dataclasses import dataclass

from app.link.summary import Direction, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who rang whom, as the INVITE or the order said; ``purpose`` where the hotline rang."""

    caller: str
    called: str
    name: str = ""
    sip_call_id: str = ""
    purpose: Purpose | None = None

    @property
    def direction(self) -> Direction:
        return Direction.INBOUND if self.purpose is None else Direction.OUTBOUND
