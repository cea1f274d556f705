"""The robot's conversations and dialogs, as tables."""

from sqlalchemy import Column, ForeignKey, String, Table

from app.adapters.db.columns import at, key, metadata, text, whole
from app.service.robot.records import DialogVersion, RobotTalk, VoiceVersion

robot_talks = Table(
    "robot_talks", metadata,
    Column("call_id", String(32), ForeignKey("calls.id"), primary_key=True), text("state_json"),
    text("place", 16), text("task", 32), at("started_at", index=True), whole("turns"),
    text("outcome", 32), at("ended_at", optional=True),
)  # fmt: skip
dialog_versions = Table(
    "dialog_versions", metadata, key(), text("text"), at("created_at"), text("created_by", 64),
    text("note", 200),
)  # fmt: skip
voice_versions = Table(
    "voice_versions", metadata, key(), text("voice", 80), whole("pace"), at("created_at"),
    text("created_by", 64), text("note", 200),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    RobotTalk: robot_talks,
    DialogVersion: dialog_versions,
    VoiceVersion: voice_versions,
}
