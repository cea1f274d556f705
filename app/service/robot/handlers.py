"""The robot's conversation: one event a transaction, so that a restart goes on where it was."""

from dataclasses import replace

from app.domain.robot import conversation as dialog
from app.domain.robot.vocabulary import Act, Acted, DialogEffect, DialogState, Place, Say, Started
from app.domain.robot.voice import chosen
from app.service.calls.records import Call, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.robot import deeds
from app.service.robot.commands import PublishDialogs, PublishVoice, RobotTurn, TalkToRobot
from app.service.robot.house import CallersHouse
from app.service.robot.records import DialogVersion, RobotTalk, VoiceVersion
from app.service.robot.state import dump_dialog


@handles(TalkToRobot)
def talk(command: TalkToRobot, uow: UnitOfWork, context: Context) -> RobotTurn:
    """One event of the conversation; what is to be done is done in the same transaction."""
    call = require(uow, Call, command.call_id, lock=True)
    row = uow.get(RobotTalk, call.id, lock=True)
    state = row.state if row is not None else DialogState()
    flow = context.content.current().dialogs
    house = CallersHouse(uow, context, call)
    event = command.event
    if isinstance(event, Started) and row is not None:
        event = replace(event, resumed=True)
    state, effects = dialog.step(flow, house, state, event)
    said: list[DialogEffect] = []
    pending = list(effects)
    while pending:
        effect = pending.pop(0)
        if isinstance(effect, Act):
            request = deeds.Request(uow=uow, context=context, call=call, values=effect.values)
            values = deeds.do(effect.what, request)
            state, more = dialog.step(flow, house, state, Acted(values))
            pending = [*more, *pending]
        else:
            said.append(effect)
    _keep(uow, context, call, row, state)
    _write_down(uow, context, call, said, command.at_ms)
    return RobotTurn(tuple(said), state.place, state.slow)


def _keep(
    uow: UnitOfWork, context: Context, call: Call, row: RobotTalk | None,
    state: DialogState,
) -> None:  # fmt: skip
    now = context.clock.now()
    if row is None:
        row = RobotTalk(call_id=call.id, state_json="", place="", task="", started_at=now)
        uow.add(row)
    row.state_json = dump_dialog(state)
    row.place, row.task, row.outcome = state.place, state.task or row.task, state.outcome
    row.turns += 1
    row.ended_at = now if state.place is Place.GONE else None


def _write_down(
    uow: UnitOfWork, context: Context, call: Call, said: list[DialogEffect], at_ms: int
) -> None:
    """What the robot says belongs to the transcript."""
    text = "".join(effect.text for effect in said if isinstance(effect, Say))
    if not text:
        return
    utterance = Utterance(
        call_id=call.id,
        side="robot",
        start_ms=at_ms,
        end_ms=at_ms,
        text=text,
        words_json="[]",
        confidence=1.0,
    )
    uow.add(utterance)
    uow.flush()
    agent, spoken = call.agent_id or 0, utterance.id or 0
    uow.notify(Notice(NoticeKind.UTTERANCE, call.id, agent, subject_id=spoken, side="robot"))


@handles(PublishDialogs)
def publish_dialogs(command: PublishDialogs, uow: UnitOfWork, context: Context) -> int:
    """Raises ContentError naming what cannot be played; nothing changes then."""
    context.content.dialogs_of(command.text)
    now = context.clock.now()
    version = DialogVersion(
        text=command.text,
        created_at=now,
        created_by=command.actor.display_name,
        note=command.note.strip()[:200],
    )
    uow.add(version)
    uow.flush()
    uow.notify(Notice(NoticeKind.DIALOGS))
    assert version.id is not None  # noqa: S101  flushed
    return version.id


@handles(PublishVoice)
def publish_voice(command: PublishVoice, uow: UnitOfWork, context: Context) -> int:
    """Raises Invalid for a voice or a pace that is not offered here; nothing changes then."""
    choice = chosen(command.voice, command.pace, context.voices)
    version = VoiceVersion(
        voice=choice.voice,
        pace=choice.pace,
        created_at=context.clock.now(),
        created_by=command.actor.display_name,
        note=command.note.strip()[:200],
    )
    uow.add(version)
    uow.flush()
    uow.notify(Notice(NoticeKind.VOICE))
    assert version.id is not None  # noqa: S101  flushed
    return version.id
