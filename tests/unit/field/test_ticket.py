"""The field ticket: a walk through its table, and what it is never born without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.field import ticket
from app.domain.field.ticket import Ticket, TicketEvent, TicketState
from app.domain.refusal import Invalid, Refused


@given(st.lists(st.tuples(st.sampled_from(list(TicketEvent)), st.sampled_from(["", "price"])),
                max_size=30))
def test_ticket_walk(events: list[tuple[TicketEvent, str]]) -> None:
    state = Ticket("retention", "海景花园1栋", "13800000001", 1)
    for event, reason in events:
        try:
            state = ticket.step(state, event, technician_id=3, reason=reason)
        except Refused:
            continue
        if state.state is TicketState.LOST:
            assert state.outcome_reason
        if state.state is not TicketState.NEW:
            assert state.technician_id == 3
        if state.state is TicketState.CLOSED:
            assert not ticket.allowed(state.state)


def test_only_what_is_answered_by_telephone_needs_no_address() -> None:
    assert [kind for kind in ticket.TicketKind if not ticket.needs_address(kind)] == ["complaint"]
    assert Ticket("complaint", "", "13800000001", 1).address == ""


@pytest.mark.parametrize("fields", [("nonsense", "a", "1"), ("fault", " ", "1"), ("fault", "a", "")])
def test_a_ticket_without_what_it_needs_is_never_born(fields: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid):
        Ticket(*fields, grid_id=1)
