"""What may be asked of the robot: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.people.permission import Permission
from app.domain.robot.vocabulary import DialogEffect, DialogEvent, Place
from app.service.command import AuditLine, Command, SystemCommand


@dataclass(frozen=True, slots=True)
class RobotTurn:
    """What to say and do now; ``slow`` where the caller asked for it."""

    effects: tuple[DialogEffect, ...]
    place: Place
    slow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkToRobot(SystemCommand[RobotTurn]):
    """Something happened in the robot's conversation; the result is a RobotTurn.

    ``at_ms`` of the recording, for the transcript of what the robot says.
    """

    call_id: str
    event: DialogEvent
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDialogs(Command[int]):
    """The robot follows these dialogs (YAML) from the next conversation step on."""

    needs = (Permission.EDIT_ROBOT,)

    text: str
    note: str = ""

    def audit_line(self) -> AuditLine:
        return AuditLine("dialogs_published", "dialogs", self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishVoice(Command[int]):
    """The robot is to have this voice at this pace (per cent), once its sentences are rendered."""

    needs = (Permission.EDIT_ROBOT,)

    voice: str
    pace: int
    note: str = ""

    def audit_line(self) -> AuditLine:
        return AuditLine("voice_published", f"{self.voice[:40]} {self.pace} %", self.note)
