"""The robot's conversations and dialogs."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.robot.vocabulary import DialogState
from app.domain.robot.voice import VoiceChoice
from app.service.robot.state import load_dialog


@dataclass(kw_only=True)
class RobotTalk:
    """The robot's conversation in a call. ``place`` is where it is (or was when it ended),
    ``outcome`` what came of it: a task's code (stop, kept, …), answered, solved, bill, person,
    message, silent, or empty where the caller hung up."""

    call_id: str
    state_json: str
    place: str
    task: str
    started_at: datetime
    turns: int = 0
    outcome: str = ""
    ended_at: datetime | None = None

    @property
    def state(self) -> DialogState:
        return load_dialog(self.state_json)


@dataclass(kw_only=True)
class DialogVersion:
    """The robot's dialogs as YAML; the newest is what the robot follows."""

    text: str
    created_at: datetime
    created_by: str
    note: str = ""
    id: int | None = None


@dataclass(kw_only=True)
class VoiceVersion:
    """The robot's voice and its pace in per cent; the newest is what the robot is to have."""

    voice: str
    pace: int
    created_at: datetime
    created_by: str
    note: str = ""
    id: int | None = None

    @property
    def choice(self) -> VoiceChoice:
        return VoiceChoice(self.voice, self.pace)
