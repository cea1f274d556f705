"""Ids of records as types of their own: the type checker tells a ticket from a user.

Ids of calls and legs are in ``domain/calls/ids.py``.
"""

from typing import NewType

CallbackId = NewType("CallbackId", int)
CaseId = NewType("CaseId", int)
CustomerId = NewType("CustomerId", int)
DisclosureId = NewType("DisclosureId", int)
GuideId = NewType("GuideId", int)
JobId = NewType("JobId", int)
LearningRunId = NewType("LearningRunId", int)
ShortMessageId = NewType("ShortMessageId", int)
TaskId = NewType("TaskId", int)
TicketId = NewType("TicketId", int)
UserId = NewType("UserId", int)
UtteranceId = NewType("UtteranceId", int)
VersionId = NewType("VersionId", int)
VoicemailId = NewType("VoicemailId", int)
