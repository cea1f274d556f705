"""What may be asked of the robot: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.robot.vocabulary import DialogEvent


@dataclass(frozen=True, slots=True)
class TalkToRobot:
    """Something happened in the robot's conversation; the result is a RobotTurn.

    ``at_ms`` of the recording, for the transcript of what the robot says.
    """

    call_id: str
    event: DialogEvent
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class PublishDialogs:
    """The robot follows these dialogs (YAML) from the next conversation step on."""

    who: str
    text: str
    note: str = ""
