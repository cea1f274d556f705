"""What a call needs of the bridge around it, and who its parties are."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.bridge.call_media import CallMedia, Digit, Played
from app.bridge.lines import Line
from app.bridge.tape import Tape
from app.domain.calls.ids import LegId
from app.link import messages as link
from app.link.summary import Direction, Purpose

if TYPE_CHECKING:
    from app.bridge.voice_call import VoiceCall


class Host(Protocol):
    """What a call needs of the bridge around it."""

    stack: Line
    numbers: frozenset[str]
    proxy: tuple[str, int] | None

    def now(self) -> float: ...
    def open_media(self, on_digit: Digit, on_played: Played) -> CallMedia: ...
    def new_tape(self, call: "VoiceCall") -> Tape: ...
    def recording_name(self, path: Path) -> str: ...
    def prompt(self, key: str) -> bytes | None: ...
    def report(self, fact: link.Fact) -> None: ...
    def began(self, call: "VoiceCall") -> None: ...
    def changed(self, call: "VoiceCall") -> None: ...
    def ended(self, call: "VoiceCall") -> None: ...
    def unanswered(self, call: "VoiceCall") -> None: ...
    def on_call_digit(self, call: "VoiceCall", leg: LegId, digit: str) -> None: ...
    def on_call_played(self, call: "VoiceCall", leg: LegId, token: str, frames: int) -> None: ...
    def on_leg_gone(self, call: "VoiceCall") -> None: ...


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
