"""Reads one call: whole, or only what a transaction has changed."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.adapters.db import tables as t
from app.domain.calls.phone_number import parse_phone
from app.domain.retention.case import CasePhase
from app.domain.retention.offer import Measured
from app.service.callbacks.records import Voicemail
from app.service.calls.queries import CallView
from app.service.calls.records import Call, CallEvent, CardFate, Utterance
from app.service.field.records import FaultGuide, FieldTicket, Grid, Outage
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, CustomerPhone, Plan, ShortMessage
from app.service.people.records import User
from app.service.retention.records import Disclosure, OfferStock, OfferTrial, RetentionCase
from app.service.robot.records import RobotTalk

R = TypeVar("R")
CONTACTS = 20
#: How far back the answers to offers are counted, and how long a count is good.
SUCCESS_SINCE, COUNTED_FOR_S = timedelta(days=180), 60.0


def lasting_outages() -> Select[Outage]:
    now = datetime.now(UTC)
    return select(Outage).where(t.outages.c.until > now, t.outages.c.ended_at.is_(None))


class OfferSuccess:
    """How offers fared for a reason of late; counted anew once a minute."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[float, dict[str, Measured]]] = {}

    def of(self, session: Session, reason: str) -> dict[str, Measured]:
        now = time.monotonic()
        counted_at, known = self._counted.get(reason, (-inf, {}))
        if now - counted_at < COUNTED_FOR_S:
            return known
        counts: dict[str, dict[str, int]] = {}
        for offer, outcome, count in session.execute(_answers(reason)):
            counts.setdefault(offer, {})[outcome] = count
        measured = {
            offer: Measured(one.get("accepted", 0), sum(one.values()))
            for offer, one in counts.items()
        }
        self._counted[reason] = (now, measured)
        return measured


def _answers(reason: str) -> Any:
    o, case = t.offer_trials.c, t.retention_cases
    return (
        select(o.offer, o.outcome, func.count())
        .join(case, case.c.id == o.case_id)
        .where(case.c.reason == reason, o.outcome.in_(("accepted", "declined")))
        .where(o.shown_at >= datetime.now(UTC) - SUCCESS_SINCE)
        .group_by(o.offer, o.outcome)
    )


def _all(session: Session, record: type[R], **equal: object) -> Sequence[R]:
    """Records with these column values, in key order."""
    table = t.table_of(record)
    query = select(record).filter_by(**equal).order_by(*table.primary_key.columns)
    return session.scalars(query).all()


def household(session: Session, customer_id: int | None) -> CustomerView | None:
    """A customer with all that the agent looks at."""
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None:
        return None
    plan = session.get(Plan, customer.plan_code)
    grid = session.get(Grid, customer.grid_id)
    assert plan is not None and grid is not None  # noqa: PT018, S101  foreign keys
    contacts = session.scalars(
        select(Call)
        .filter_by(customer_id=customer.id)
        .order_by(t.calls.c.started_at.desc())
        .limit(CONTACTS)
    ).all()
    owned = {"customer_id": customer.id}
    return CustomerView(
        customer=customer,
        plan=plan,
        grid=grid,
        technician=session.get(User, grid.technician_id) if grid.technician_id else None,
        phones=[p.phone for p in _all(session, CustomerPhone, **owned)],
        contacts=contacts,
        tickets=_all(session, FieldTicket, **owned),
        trials=_all(session, OfferTrial, **owned),
        voicemails=_all(session, Voicemail, **owned),
        messages=_messages(session, [call.id for call in contacts]),
    )


def _messages(session: Session, calls: list[str]) -> Sequence[ShortMessage]:
    query = select(ShortMessage).where(t.short_messages.c.call_id.in_(calls))
    return session.scalars(query.order_by(t.short_messages.c.id)).all()


def _with_call(household: CustomerView | None, call: Call) -> CustomerView | None:
    """The call as it stands now stands so among the contacts too."""
    if household is None:
        return None
    contacts = [call if known.id == call.id else known for known in household.contacts]
    return replace(household, contacts=contacts)


Fields = dict[str, Any]


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

    def _agent(self, call: Call) -> Fields:
        agent = self._session.get(User, call.agent_id) if call.agent_id else None
        return {"agent": agent}

    def _customer(self, call: Call) -> Fields:
        return {"customer": household(self._session, call.customer_id)}

    def _candidates(self, call: Call) -> Fields:
        number = parse_phone(call.caller, self._area_code)
        if number is None:
            return {"candidates": []}
        query = (
            select(Customer)
            .join(t.customer_phones, t.customer_phones.c.customer_id == t.customers.c.id)
            .where(t.customer_phones.c.phone.in_(number.spellings(self._area_code)))
            .distinct()
            .order_by(t.customers.c.id)
        )
        return {"candidates": self._session.scalars(query).all()}

    def _said(self, call: Call) -> Fields:
        u = t.utterances.c
        query = select(Utterance).filter_by(call_id=call.id).order_by(u.start_ms, u.id)
        return {"utterances": self._session.scalars(query).all()}

    def _said_since(self, view: CallView, said: Collection[int]) -> Fields:
        """What is known, with these utterances put in or replaced."""
        query = select(Utterance).where(t.utterances.c.id.in_(said))
        fresh = {row.id: row for row in self._session.scalars(query)}
        kept = [row for row in view.utterances if row.id not in fresh]
        rows = sorted([*kept, *fresh.values()], key=lambda row: (row.start_ms, row.id or 0))
        return {"utterances": rows}

    def _case(self, call: Call) -> Fields:
        cases = _all(self._session, RetentionCase, call_id=call.id)
        meant = [case for case in cases if case.phase != CasePhase.MISHEARD]
        case = meant[-1] if meant else None
        if case is None:
            return {"case": None, "trials": (), "success": {}}
        return {
            "case": case,
            "trials": _all(self._session, OfferTrial, case_id=case.id),
            "success": self._counts.of(self._session, case.reason) if case.reason else {},
        }

    def _voicemail(self, call: Call) -> Fields:
        found = _all(self._session, Voicemail, call_id=call.id)
        return {"voicemail": found[0] if found else None}

    def _outage(self, call: Call) -> Fields:
        """What is known to be down where the customer lives."""
        customer = self._session.get(Customer, call.customer_id) if call.customer_id else None
        if customer is None:
            return {"outage": None}
        rows = lasting_outages().filter_by(grid_id=customer.grid_id)
        return {"outage": self._session.scalars(rows.order_by(t.outages.c.since.desc())).first()}

    def _sold_out(self, _: Call) -> Fields:
        rows = self._session.scalars(
            select(OfferStock).where(t.offer_stock.c.left <= 0)
        )  # fmt: skip
        return {"sold_out": frozenset(row.item for row in rows)}

    def _plans(self, _: Call) -> Fields:
        return {"plans": _all(self._session, Plan)}

    def _robot(self, call: Call) -> Fields:
        return {"robot": self._session.get(RobotTalk, call.id)}


Read = Callable[[CallReader, Call], Fields]


def _rows(field: str, record: type[Any]) -> Read:
    """Reads the records of one kind that belong to the call."""

    def read(reader: CallReader, call: Call) -> Fields:
        return {field: _all(reader._session, record, call_id=call.id)}

    return read


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
