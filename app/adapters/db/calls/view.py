"""Everything about one call, read in one session."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.db.calls.tables import utterances
from app.adapters.db.field.queries import lasting_outages
from app.adapters.db.field.tables import outages
from app.adapters.db.households.phones import behind_phone
from app.adapters.db.households.queries import household
from app.adapters.db.reads import rows
from app.adapters.db.retention.queries import OfferSuccess, sold_out
from app.domain.calls.phone_number import parse_phone
from app.domain.retention.case import CasePhase
from app.service.callbacks.records import Voicemail
from app.service.calls.queries import CallView
from app.service.calls.records import Call, CallEvent, CardFate, Rehearing, Utterance
from app.service.field.records import FaultGuide, FieldTicket
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, Plan, ShortMessage
from app.service.people.records import User
from app.service.retention.records import Disclosure, OfferTrial, RetentionCase
from app.service.robot.records import RobotTalk

Fields = dict[str, Any]


def _with_call(known: CustomerView | None, call: Call) -> CustomerView | None:
    """The call as it stands now stands so among the contacts too."""
    if known is None:
        return None
    contacts = [call if each.id == call.id else each for each in known.contacts]
    return replace(known, contacts=contacts)


class CallReader:
    """Parts of a call's view, in one session."""

    def __init__(self, session: Session, success: OfferSuccess, area_code: str) -> None:
        self._session, self._counts, self._area_code = session, success, area_code

    def whole(self, call_id: str) -> CallView | None:
        call = self._session.get(Call, call_id)
        if call is None:
            return None
        fields: Fields = {}
        for read in (*_READERS.values(), CallReader._candidates, CallReader._said):
            fields |= read(self, call)
        return CallView(call=call, **fields)

    def again(self, view: CallView, changed: frozenset[str], said: Collection[int]) -> CallView:
        """See the Queries protocol."""
        call = self._session.get(Call, view.call.id) if "Call" in changed else view.call
        if call is None:
            return view
        wanted = {read: None for kind in sorted(changed) for read in _CHANGES.get(kind, ())}
        if call.customer_id != view.call.customer_id:
            wanted |= {CallReader._customer: None, CallReader._outage: None}
        if call.agent_id != view.call.agent_id:
            wanted[CallReader._agent] = None
        fields: Fields = {}
        for read in wanted:
            fields |= read(self, call)
        if "Utterance" in changed:
            fields |= self._said(call) if not said else self._said_since(view, said)
        fields["customer"] = _with_call(fields.get("customer", view.customer), call)
        return replace(view, call=call, **fields)

    def of_call(self, record: type[Any], call: Call) -> Sequence[Any]:
        return rows(self._session, record, call_id=call.id)

    def _agent(self, call: Call) -> Fields:
        agent = self._session.get(User, call.agent_id) if call.agent_id else None
        return {"agent": agent}

    def _customer(self, call: Call) -> Fields:
        return {"customer": household(self._session, call.customer_id)}

    def _candidates(self, call: Call) -> Fields:
        number = parse_phone(call.party_number, self._area_code)
        if number is None:
            return {"candidates": ()}
        query = behind_phone(number, self._area_code)
        return {"candidates": self._session.scalars(query).all()}

    def _said(self, call: Call) -> Fields:
        u = utterances.c
        query = select(Utterance).filter_by(call_id=call.id).order_by(u.start_ms, u.id)
        return {"utterances": self._session.scalars(query).all()}

    def _said_since(self, view: CallView, said: Collection[int]) -> Fields:
        """What is known, with these utterances put in or replaced."""
        query = select(Utterance).where(utterances.c.id.in_(said))
        fresh = {row.id: row for row in self._session.scalars(query)}
        kept = [row for row in view.utterances if row.id not in fresh]
        rows = sorted([*kept, *fresh.values()], key=lambda row: (row.start_ms, row.id or 0))
        return {"utterances": rows}

    def _case(self, call: Call) -> Fields:
        cases = rows(self._session, RetentionCase, call_id=call.id)
        meant = [case for case in cases if case.phase != CasePhase.MISHEARD]
        case = meant[-1] if meant else None
        if case is None:
            return {"case": None, "trials": (), "success": {}}
        return {
            "case": case,
            "trials": rows(self._session, OfferTrial, case_id=case.id),
            "success": self._counts.of(self._session, case.reason) if case.reason else {},
        }

    def _voicemail(self, call: Call) -> Fields:
        found = rows(self._session, Voicemail, call_id=call.id)
        return {"voicemail": found[0] if found else None}

    def _outage(self, call: Call) -> Fields:
        """What is known to be down where the customer lives."""
        customer = self._session.get(Customer, call.customer_id) if call.customer_id else None
        if customer is None:
            return {"outage": None}
        lasting = lasting_outages().filter_by(grid_id=customer.grid_id)
        return {"outage": self._session.scalars(lasting.order_by(outages.c.since.desc())).first()}

    def _sold_out(self, _: Call) -> Fields:
        return {"sold_out": sold_out(self._session)}

    def _plans(self, _: Call) -> Fields:
        return {"plans": rows(self._session, Plan)}

    def _robot(self, call: Call) -> Fields:
        return {"robot": self._session.get(RobotTalk, call.id)}

    def _rehearing(self, call: Call) -> Fields:
        return {"rehearing": self._session.get(Rehearing, call.id)}


Read = Callable[[CallReader, Call], Fields]


def _rows(field: str, record: type[Any]) -> Read:
    """Reads the records of one kind that belong to the call."""
    return lambda reader, call: {field: reader.of_call(record, call)}


#: By the kind of record that leads: how its part of the view is read.
_READERS: Mapping[str, Read] = {
    "User": CallReader._agent,
    "Customer": CallReader._customer,
    "CallEvent": _rows("events", CallEvent),
    "RetentionCase": CallReader._case,
    "FieldTicket": _rows("tickets", FieldTicket),
    "Voicemail": CallReader._voicemail,
    "Disclosure": _rows("disclosures", Disclosure),
    "FaultGuide": _rows("guides", FaultGuide),
    "Outage": CallReader._outage,
    "ShortMessage": _rows("messages", ShortMessage),
    "CardFate": _rows("fates", CardFate),
    "OfferStock": CallReader._sold_out,
    "Plan": CallReader._plans,
    "RobotTalk": CallReader._robot,
    "Rehearing": CallReader._rehearing,
}
_HOUSEHOLD = (CallReader._customer,)
#: What of a view a changed record of a kind touches; what is not here touches nothing of it.
_CHANGES: Mapping[str, tuple[Read, ...]] = {
    **{kind: (read,) for kind, read in _READERS.items()},
    "Customer": (*_HOUSEHOLD, CallReader._candidates, CallReader._outage),
    "CustomerPhone": (*_HOUSEHOLD, CallReader._candidates),
    "FieldTicket": (_READERS["FieldTicket"], *_HOUSEHOLD),
    "OfferTrial": (CallReader._case, *_HOUSEHOLD),
    "ShortMessage": (_READERS["ShortMessage"], *_HOUSEHOLD),
    "Voicemail": (CallReader._voicemail, *_HOUSEHOLD),
}
