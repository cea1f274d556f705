"""Two clerks at once never get the same number."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.service.calls.records import Call
from app.service.field.commands import OpenTicket
from app.service.field.queries import TicketFilter
from app.service.field.records import FieldTicket, TicketStep
from app.service.households.commands import AddCustomer
from app.service.households.records import Customer
from tests.contract.conftest import Shop
from tests.support.actors import as_user

CLERKS = ("1001", "1002", "1003", "1004")


def test_a_number_is_given_out_once_and_one_that_was_not_kept_again(shop: Shop) -> None:
    with shop.unit_of_work() as uow:
        assert [uow.next_number("X"), uow.next_number("X"), uow.next_number("Y")] == [1, 2, 1]
    with shop.unit_of_work() as uow:
        assert uow.next_number("X") == 1, "the first transaction was rolled back"
        uow.commit()
    with shop.unit_of_work() as uow:
        assert uow.next_number("X") == 2


def test_tickets_of_clerks_at_once(shop: Shop) -> None:
    calls = {name: shop.talk(f"1380000010{name[-1]}", name) for name in CLERKS}
    start = threading.Barrier(len(CLERKS))

    def open_tickets(name: str) -> list[int]:
        start.wait()
        return [shop.bus.execute(OpenTicket(call_id=calls[name], kind="fault", actor=as_user(shop.agents[name]))) for _ in range(5)]

    with ThreadPoolExecutor(len(CLERKS)) as clerks:
        opened = [key for keys in clerks.map(open_tickets, CLERKS) for key in keys]
    rows = [row.ticket for row in shop.queries.tickets(TicketFilter())]
    assert len(opened) == len(rows) == 20
    numbers = sorted(row.number for row in rows)
    assert [int(number.partition("-")[2]) for number in numbers] == list(range(1, 21))
    assert max(Counter(numbers).values()) == 1


def test_two_clerks_wait_for_one_number(shop: Shop) -> None:
    """The second waits for the first's commit; it neither fails nor takes the same."""
    taken: list[int] = []
    holds, done = threading.Event(), threading.Event()

    def first() -> None:
        with shop.unit_of_work() as uow:
            taken.append(uow.next_number("Z"))
            holds.set()
            done.wait(0.5)
            uow.commit()

    def second() -> None:
        holds.wait(5)
        with shop.unit_of_work() as uow:
            taken.append(uow.next_number("Z"))
            uow.commit()

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert taken == [1, 2]


def test_new_customers_of_clerks_at_once(shop: Shop) -> None:
    names = CLERKS[:2]
    calls = {name: shop.talk(f"1399999000{name[-1]}", name) for name in names}
    start = threading.Barrier(len(names))

    def add(name: str) -> list[int]:
        start.wait()
        return [shop.bus.execute(AddCustomer(call_id=calls[name], name="新客户", phone=f"1390000{name}{n}", address="海景花园1栋", grid_id=1, plan_code="bb-100", actor=as_user(shop.agents[name])))
                for n in range(4)]

    with ThreadPoolExecutor(2) as clerks:
        made = [key for keys in clerks.map(add, names) for key in keys]
    with shop.reads() as reads:
        numbers = sorted(reads.get(Customer, key).account_no for key in made)  # type: ignore[union-attr]
        assert {reads.get(Call, call).customer_id for call in calls.values()} <= set(made)  # type: ignore[union-attr]
    assert [int(n[-4:]) for n in numbers] == list(range(1, 9)) and {n[:7] for n in numbers} == {f"N{shop.clock.local():%y%m%d}"}


@pytest.mark.parametrize("kept", [1, 3])
def test_a_ticket_that_is_gone_does_not_free_its_number(shop: Shop, kept: int) -> None:
    call_id = shop.talk("13800000001")
    for _ in range(kept + 1):
        shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", actor=as_user(shop.agents["1001"])))
    last = shop.queries.tickets(TicketFilter())[0].ticket
    with shop.unit_of_work() as uow:
        uow.remove(TicketStep, ticket_id=last.id)
        uow.remove(FieldTicket, number=last.number)
        uow.commit()
    shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", actor=as_user(shop.agents["1001"])))
    newest = shop.queries.tickets(TicketFilter())[0].ticket
    assert int(newest.number[-4:]) == kept + 2
