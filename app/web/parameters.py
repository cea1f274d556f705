"""What may stand in a path, a query or a form: one type a meaning, for pages and programs alike.

A typed value that cannot be is answered 422 before anything is asked; a page's filter that cannot
be (people edit addresses by hand) counts as not given.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from app.domain.ids import (
    CallbackId,
    CaseId,
    CustomerId,
    DisclosureId,
    TaskId,
    TicketId,
    UserId,
    UtteranceId,
    VersionId,
    VoicemailId,
)

#: Ids are 32-bit integers in PostgreSQL.
LARGEST_ID = 2**31 - 1
#: Days that can be counted from in any time zone and have a day after them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
#: The greatest number of the feed: exact in a browser too.
LARGEST_SEQ = 2**53 - 1


def _storable(text: str) -> str:
    """Raises ValueError for what a database cannot keep and JSON cannot say."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("expected text without NUL and unpaired surrogates")
    return text


#: A text in JSON; paths, queries and forms are looked through as a whole before they are read.
Text = Annotated[str, AfterValidator(_storable)]
_RANGE = Field(ge=1, le=LARGEST_ID)
Id = Annotated[int, _RANGE]
CallbackKey = Annotated[CallbackId, _RANGE]
CaseKey = Annotated[CaseId, _RANGE]
CustomerKey = Annotated[CustomerId, _RANGE]
DisclosureKey = Annotated[DisclosureId, _RANGE]
TaskKey = Annotated[TaskId, _RANGE]
TicketKey = Annotated[TicketId, _RANGE]
UserKey = Annotated[UserId, _RANGE]
UtteranceKey = Annotated[UtteranceId, _RANGE]
VersionKey = Annotated[VersionId, _RANGE]
VoicemailKey = Annotated[VoicemailId, _RANGE]
#: A version of something that is counted from 1; 0 is what came with the installation.
ShippedOrId = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Hours = Annotated[int, Field(ge=0, le=24 * 366)]
Count = Annotated[int, Field(ge=0, le=LARGEST_ID)]
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
Limit = Annotated[int, Field(ge=1, le=500)]


def id_or_none(text: str) -> int | None:
    """An id as a page's filter has it: None where it is empty or none."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= len(str(LARGEST_ID))):
        return None
    return int(plain) if 1 <= int(plain) <= LARGEST_ID else None


def day_or_none(text: str) -> date | None:
    """A day as a page's filter has it: None where it is empty or none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def seq_of(text: str) -> int:
    """A number of the feed as a browser kept it; 0 (everything may be missed) for what is none."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= len(str(LARGEST_SEQ))):
        return 0
    return min(int(plain), LARGEST_SEQ)
