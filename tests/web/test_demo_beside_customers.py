"""A database that got real customers after the demo: its published password opens nothing any more."""

from datetime import date
from pathlib import Path

from app.adapters.db.customer_import import CustomerImport
from app.bootstrap.demo import load_demo
from app.bootstrap.store import open_store
from app.domain.households.customer_row import CustomerRow
from app.settings import Settings
from tests.support.brain import running_brain


def test_the_demos_people_are_refused(tmp_path: Path) -> None:
    store = open_store(Settings(home=tmp_path / "home"))
    load_demo(store)
    job, day = CustomerImport(store.engine), date(2026, 1, 1)
    job.write([CustomerRow("R1", "王", ("13900000001",), "x", min(job.grids), "bb-100", day, day)])
    job.commit()
    job.close()
    store.engine.dispose()
    with running_brain(tmp_path) as brain, brain.client() as client:
        assert "demo1234" not in client.get("/login").text
        for name in ("1001", "super", "admin", "tech1"):
            assert client.post("/login", data={"name": name, "password": "demo1234"}).status_code == 401
