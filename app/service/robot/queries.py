"""What pages and programs read of the robot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.service.robot.records import DialogVersion, VoiceVersion


class RobotQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def robot_figures(self, since: datetime) -> Sequence[tuple[str, str, str, int]]:
        """Conversations by task, outcome (empty: hung up) and place, with their number."""
        ...

    def dialog_versions(self, limit: int = 20) -> Sequence[DialogVersion]:
        """The newest first."""
        ...

    def voice_versions(self, limit: int = 20) -> Sequence[VoiceVersion]:
        """The newest first."""
        ...
