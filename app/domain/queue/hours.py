"""When the hotline is staffed: weekly opening hours and holidays, by the operator's clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.refusal import Invalid, RefusalCode


def parse_span(text: str) -> tuple[time, time]:
    """``08:00-22:00`` as two times; 24:00 is the end of the day. Raises Invalid otherwise."""
    first, _, last = text.partition("-")
    try:
        start = time.fromisoformat(first.strip())
        end = time.max if last.strip() == "24:00" else time.fromisoformat(last.strip())
    except ValueError:
        raise Invalid(
            RefusalCode.HOURS, f"expected hours such as 08:00-22:00, got {text!r}"
        ) from None
    if start >= end:
        raise Invalid(RefusalCode.HOURS, f"opening hours end before they begin: {text!r}")
    return start, end


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """``week`` has one entry a weekday, Monday first: spans in which people answer."""

    week: tuple[tuple[tuple[time, time], ...], ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise Invalid(RefusalCode.HOURS, "opening hours need seven weekdays")

    @classmethod
    def daily(cls, span: str, holidays: frozenset[date] = frozenset()) -> "OpeningHours":
        """The same span on every day except the holidays."""
        return cls(((parse_span(span),),) * 7, holidays)

    @classmethod
    def never(cls) -> "OpeningHours":
        """Opening hours in which nobody ever answers."""
        return cls(((),) * 7)

    def is_open(self, local: datetime) -> bool:
        """Whether people answer at this local time."""
        if local.date() in self.holidays:
            return False
        now = local.time().replace(tzinfo=None)
        return any(start <= now < end for start, end in self.week[local.weekday()])

    def next_open(self, local: datetime) -> datetime:
        """The moment itself if people answer then, else the next opening; the moment itself if they
        never do within a fortnight."""
        if self.is_open(local):
            return local
        for days in range(15):
            day = local.date() + timedelta(days=days)
            for start, _ in () if day in self.holidays else self.week[day.weekday()]:
                begins = datetime.combine(day, start, local.tzinfo)
                if begins > local:
                    return begins
        return local
