"""The Clock port over the machine's own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """Real time, in UTC and on the operator's wall."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local(self) -> datetime:
        return datetime.now(self._zone)
