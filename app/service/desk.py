"""The application's front: one command, one handler, one transaction, then the notices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.hours import OpeningHours
from app.service import commands, records
from app.service.handlers import (
    admission,
    attention,
    callbacks,
    cases,
    customers,
    forms,
    gate,
    guides,
    knowledge,
    knowledge_jobs,
    learning,
    messages,
    phone_calls,
    presence,
    robot,
    stock,
    tasks,
    tickets,
    voicemails,
)
from app.service.ports import Clock, ContentSource, UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers know besides the database."""

    clock: Clock
    content: ContentSource
    hours: OpeningHours
    on_duty: str = ""


Handler = Callable[[Any, UnitOfWork, Context], Any]
_HANDLERS: dict[type, Handler] = {
    commands.AdmitCall: admission.admit,
    commands.OpenCall: phone_calls.open_call,
    commands.AdvanceCall: phone_calls.advance_call,
    commands.AssignWaiting: phone_calls.assign_waiting,
    commands.NoteRecording: phone_calls.note_recording,
    commands.NoteHeard: phone_calls.note_heard,
    commands.NoteDeaf: phone_calls.note_deaf,
    commands.CloseCall: phone_calls.close_call,
    commands.RecordUtterance: phone_calls.record_utterance,
    commands.LinkCustomer: phone_calls.link_customer,
    commands.FinishWrapUp: phone_calls.finish_wrap_up,
    commands.FileVoicemail: voicemails.file_voicemail,
    commands.SettleVoicemail: voicemails.settle_voicemail,
    commands.ChangePresence: presence.change_presence,
    commands.ChangeLine: presence.change_line,
    commands.OpenCase: cases.open_case,
    commands.StepCase: cases.step_case,
    commands.TickDisclosure: gate.tick,
    commands.AddCustomer: customers.add_customer,
    commands.TakeCustomers: customers.take_customers,
    commands.SendMessage: messages.send_message,
    commands.SettleMessage: messages.settle_message,
    commands.StepGuide: guides.step_guide,
    commands.ReportOutage: guides.report_outage,
    commands.TalkToRobot: robot.talk,
    commands.PublishDialogs: robot.publish_dialogs,
    commands.StepCallback: callbacks.step_callback,
    commands.OpenDraft: callbacks.open_draft,
    commands.SettleCard: attention.settle_card,
    commands.ChooseMode: attention.choose_mode,
    commands.FileForm: forms.file_form,
    commands.SetStock: stock.set_stock,
    commands.SettleTask: tasks.settle_task,
    commands.OpenTicket: tickets.open_ticket,
    commands.StepTicket: tickets.step_ticket,
    commands.SeedKnowledge: knowledge.seed_knowledge,
    commands.EditKnowledge: knowledge.edit_knowledge,
    commands.DecideDraft: knowledge.decide_draft,
    commands.UpdateDraft: knowledge.update_draft,
    commands.RestoreVersion: knowledge.restore_version,
    commands.StartJob: knowledge_jobs.start_job,
    commands.ProgressJob: knowledge_jobs.progress_job,
    commands.FinishJob: knowledge_jobs.finish_job,
    commands.CorrectUtterance: learning.correct_utterance,
    commands.DismissItem: learning.dismiss_item,
    commands.NoteShadow: learning.note_shadow,
}


class Desk:
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
        if isinstance(command, commands.Once):
            return self._once(command, uow)
        return _HANDLERS[type(command)](command, uow, self.context)

    def _once(self, once: commands.Once, uow: UnitOfWork) -> str:
        """The stored result where the key was seen before, else run and store."""
        known = uow.get(records.IdempotencyKey, once.key)
        if known is not None:
            return known.result
        result = str(self._run(once.command, uow) or "")
        uow.add(records.IdempotencyKey(once.key, self.context.clock.now(), result))
        return result
