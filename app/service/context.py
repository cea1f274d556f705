"""What handlers know besides the database."""

from dataclasses import dataclass

from app.domain.queue.hours import OpeningHours
from app.service.ports import Clock, ContentSource


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers know besides the database."""

    clock: Clock
    content: ContentSource
    hours: OpeningHours
    on_duty: str = ""
