"""The application's front: one command, one handler, one transaction, then the notices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.service.callbacks import handlers as callbacks
from app.service.callbacks import tasks, voicemails
from app.service.callbacks.commands import (
    FileVoicemail,
    OpenDraft,
    SettleTask,
    SettleVoicemail,
    StepCallback,
)
from app.service.calls import attention
from app.service.calls import handlers as phone_calls
from app.service.calls.commands import (
    AdvanceCall,
    AssignWaiting,
    ChooseMode,
    CloseCall,
    FinishWrapUp,
    LinkCustomer,
    NoteDeaf,
    NoteHeard,
    NoteRecording,
    OpenCall,
    RecordUtterance,
    SettleCard,
)
from app.service.context import Context
from app.service.field import guides
from app.service.field import handlers as tickets
from app.service.field.commands import OpenTicket, ReportOutage, StepGuide, StepTicket
from app.service.households import handlers as customers
from app.service.households import short_messages as messages
from app.service.households.commands import AddCustomer, SendMessage, SettleMessage, TakeCustomers
from app.service.knowledge import handlers as knowledge
from app.service.knowledge import jobs as knowledge_jobs
from app.service.knowledge import learning
from app.service.knowledge.commands import (
    CorrectUtterance,
    DecideDraft,
    DismissItem,
    EditKnowledge,
    FinishJob,
    NoteShadow,
    ProgressJob,
    RestoreVersion,
    SeedKnowledge,
    StartJob,
    UpdateDraft,
)
from app.service.people.records import IdempotencyKey
from app.service.ports import UnitOfWork, UnitOfWorkFactory
from app.service.queue import admission
from app.service.queue import handlers as presence
from app.service.queue.commands import AdmitCall, ChangeLine, ChangePresence
from app.service.retention import forms, gate, stock
from app.service.retention import handlers as cases
from app.service.retention.commands import FileForm, OpenCase, SetStock, StepCase, TickDisclosure
from app.service.robot import handlers as robot
from app.service.robot.commands import PublishDialogs, TalkToRobot


@dataclass(frozen=True, slots=True)
class Once:
    """A command that must not be carried out twice, under the key of a click."""

    key: str
    command: object


Handler = Callable[[Any, UnitOfWork, Context], Any]
_HANDLERS: dict[type, Handler] = {
    AdmitCall: admission.admit,
    OpenCall: phone_calls.open_call,
    AdvanceCall: phone_calls.advance_call,
    AssignWaiting: phone_calls.assign_waiting,
    NoteRecording: phone_calls.note_recording,
    NoteHeard: phone_calls.note_heard,
    NoteDeaf: phone_calls.note_deaf,
    CloseCall: phone_calls.close_call,
    RecordUtterance: phone_calls.record_utterance,
    LinkCustomer: phone_calls.link_customer,
    FinishWrapUp: phone_calls.finish_wrap_up,
    FileVoicemail: voicemails.file_voicemail,
    SettleVoicemail: voicemails.settle_voicemail,
    ChangePresence: presence.change_presence,
    ChangeLine: presence.change_line,
    OpenCase: cases.open_case,
    StepCase: cases.step_case,
    TickDisclosure: gate.tick,
    AddCustomer: customers.add_customer,
    TakeCustomers: customers.take_customers,
    SendMessage: messages.send_message,
    SettleMessage: messages.settle_message,
    StepGuide: guides.step_guide,
    ReportOutage: guides.report_outage,
    TalkToRobot: robot.talk,
    PublishDialogs: robot.publish_dialogs,
    StepCallback: callbacks.step_callback,
    OpenDraft: callbacks.open_draft,
    SettleCard: attention.settle_card,
    ChooseMode: attention.choose_mode,
    FileForm: forms.file_form,
    SetStock: stock.set_stock,
    SettleTask: tasks.settle_task,
    OpenTicket: tickets.open_ticket,
    StepTicket: tickets.step_ticket,
    SeedKnowledge: knowledge.seed_knowledge,
    EditKnowledge: knowledge.edit_knowledge,
    DecideDraft: knowledge.decide_draft,
    UpdateDraft: knowledge.update_draft,
    RestoreVersion: knowledge.restore_version,
    StartJob: knowledge_jobs.start_job,
    ProgressJob: knowledge_jobs.progress_job,
    FinishJob: knowledge_jobs.finish_job,
    CorrectUtterance: learning.correct_utterance,
    DismissItem: learning.dismiss_item,
    NoteShadow: learning.note_shadow,
}


class CommandBus:
    """``execute`` blocks (database); async code calls it through ``asyncio.to_thread``."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, context: Context) -> None:
        self._unit_of_work = unit_of_work
        self.context = context

    def execute(self, command: object) -> Any:
        """Carry a command out. Raises Refused where the business says no; nothing is stored."""
        with self._unit_of_work() as uow:
            result = self._run(command, uow)
            uow.commit()
        return result

    def _run(self, command: object, uow: UnitOfWork) -> Any:
        if isinstance(command, Once):
            return self._once(command, uow)
        return _HANDLERS[type(command)](command, uow, self.context)

    def _once(self, once: Once, uow: UnitOfWork) -> str:
        """The stored result where the key was seen before, else run and store."""
        known = uow.get(IdempotencyKey, once.key)
        if known is not None:
            return known.result
        result = str(self._run(once.command, uow) or "")
        uow.add(IdempotencyKey(once.key, self.context.clock.now(), result))
        return result
