"""The demo's log-ins: on this machine only, unless said; never beside real customers."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from app.adapters.db.customer_import import CustomerImport
from app.bootstrap.demo import is_demo, load_demo
from app.bootstrap.demo_rules import answering_hours, demo_fault
from app.bootstrap.store import StartError, child_environment, open_store
from app.domain.households.customer_row import CustomerRow
from app.service.households.records import Customer
from app.service.people.records import User
from app.settings import ROOT, Settings
from tests.support.servers import free_port

OPEN = ("0.0.0.0:8000", "192.168.1.20:8000", "[::]:8000", "example.org:8000", "10.0.0.1:80")
LOCAL = ("127.0.0.1:8000", "localhost:8000", "127.0.1.1:80", "[::1]:8000")


def test_the_demo_answers_at_any_hour_until_hours_are_set() -> None:
    assert answering_hours(Settings(demo=True)) == "00:00-24:00"
    assert answering_hours(Settings(demo=True, hours="08:00-22:00")) == "08:00-22:00"
    assert answering_hours(Settings(demo=False)) == "08:00-22:00"


@pytest.mark.parametrize("address", OPEN)
def test_an_open_address_needs_a_word(address: str) -> None:
    fault = demo_fault(Settings(http=address, demo=True))
    for word in ("HOLDLINE_HTTP", "HOLDLINE_DEMO=false", "user add", "HOLDLINE_DEMO_OPEN=true"):
        assert word in fault
    assert not demo_fault(Settings(http=address, demo=False))
    assert not demo_fault(Settings(http=address, demo=True, demo_open=True))


@pytest.mark.parametrize("address", LOCAL)
def test_this_machine_needs_none(address: str) -> None:
    assert not demo_fault(Settings(http=address, demo=True))


@pytest.mark.parametrize("verb", ["serve", "web"])
def test_the_start_is_refused_with_what_to_do(tmp_path: Path, verb: str) -> None:
    environment = {**child_environment(Settings(home=tmp_path)), "HOLDLINE_HOME": str(tmp_path),
                   "HOLDLINE_HTTP": f"0.0.0.0:{free_port()}"}
    done = subprocess.run([sys.executable, "-m", "app", verb], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 1 and "HOLDLINE_DEMO_OPEN=true" in done.stderr
    assert "Traceback" not in done.stderr


def test_never_beside_real_customers(tmp_path: Path) -> None:
    settings, day = Settings(home=tmp_path), date(2026, 1, 1)
    store = open_store(settings)
    assert load_demo(store) and is_demo(settings, store)
    with store.unit_of_work() as uow:
        assert len(uow.find(User)) == 15
        of_demo = uow.find(Customer)[0]
        uow.add(Customer(name="新客户", account_no="N2601010001", address="x", estate="", grid_id=of_demo.grid_id, plan_code="bb-100", since=day,
                         expires_on=day, box_model="", smart_card="", id_last4="", status="prospect"))
        uow.commit()
    assert is_demo(settings, store), "a household noted at the demo's desk is the demo's"
    job = CustomerImport(store.engine)
    job.write([CustomerRow("R1", "王小明", ("13900000001",), "x", min(job.grids), "bb-100",
                           day, day)])
    job.commit()
    job.close()
    assert not is_demo(settings, store)
    with pytest.raises(StartError):
        is_demo(Settings(home=tmp_path, http="0.0.0.0:80"), store)
    store.engine.dispose()


def test_no_demo_is_written_beside_real_customers(tmp_path: Path) -> None:
    store = open_store(Settings(home=tmp_path))
    assert load_demo(store)
    day = date(2026, 1, 1)
    job = CustomerImport(store.engine)
    job.write([CustomerRow("R1", "王", ("13900000001",), "x", min(job.grids), "bb-100", day, day)])
    job.commit()
    job.close()
    assert not load_demo(store)
    store.engine.dispose()
