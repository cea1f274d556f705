"""What handlers know besides the database."""

from dataclasses import dataclass

from app.domain.calls.phone_number import PhoneNumber, parse_phone
from app.domain.queue.hours import OpeningHours
from app.domain.robot.voice import SHIPPED
from app.service.ports import Clock, ContentSource


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers know besides the database."""

    clock: Clock
    content: ContentSource
    hours: OpeningHours
    on_duty: str = ""
    #: The area code of the operator's town, with its 0: it completes local numbers.
    area_code: str = ""
    #: The voices that the robot can be given on this machine; none where it has one of its own.
    voices: tuple[str, ...] = (SHIPPED.voice,)
    #: Whether the operator allows that the speech model learns from callers' words.
    may_learn: bool = False

    def phone(self, text: str) -> PhoneNumber | None:
        """The telephone number that somebody wrote or sent; None where it is none."""
        return parse_phone(text, self.area_code)
