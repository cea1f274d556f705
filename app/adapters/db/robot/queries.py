"""Reads of the robot."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.adapters.db.reads import SqlReads
from app.adapters.db.robot.tables import dialog_versions, robot_talks, voice_versions
from app.service.robot.records import DialogVersion, VoiceVersion


class SqlRobotQueries(SqlReads):
    """SQL behind the port RobotQueries: the robot's conversations."""

    def robot_figures(self, since: datetime) -> Sequence[tuple[str, str, str, int]]:
        r = robot_talks.c
        query = select(r.task, r.outcome, r.place, func.count()).where(r.started_at >= since)
        with self._session() as session:
            rows = session.execute(query.group_by(r.task, r.outcome, r.place)).all()
        return [(str(a), str(b), str(c), int(n)) for a, b, c, n in rows]

    def dialog_versions(self, limit: int = 20) -> Sequence[DialogVersion]:
        newest = dialog_versions.c.id.desc()
        query = select(DialogVersion).order_by(newest).limit(limit)
        with self._session() as session:
            return session.scalars(query).all()

    def voice_versions(self, limit: int = 20) -> Sequence[VoiceVersion]:
        query = select(VoiceVersion).order_by(voice_versions.c.id.desc()).limit(limit)
        with self._session() as session:
            return session.scalars(query).all()
