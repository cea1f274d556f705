"""The probe, the floor page and the log-in while the disk is full or PostgreSQL is stopped."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.brain import running_brain
from tests.support.servers import PostgresServer, wait_for

SIZE_MB = 96


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    if subprocess.run(options, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
    return filler


def _causes(client: httpx.Client) -> list[str]:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    return [cause for cause in answer.json()["causes"] if cause != "bridges"]


def _refused(answer: httpx.Response, words: str) -> None:
    assert answer.status_code == 503 and answer.headers["retry-after"], answer.text
    assert words in answer.text


def test_a_full_disk_is_told_before_and_when_it_is_full(small_disk: Path) -> None:
    with running_brain(small_disk, disk_warn_mb=SIZE_MB * 2) as brain, brain.log_in("super") as floor:
        assert _causes(floor) == []
        assert "磁盘快满了" in floor.get("/calls").text
        floor.cookies.set("holdline_lang", "en")
        assert "The disk is nearly full" in floor.get("/calls").text
        filler = _fill(small_disk)
        with brain.client() as nobody:
            wait_for(lambda: {"database", "disk"} <= set(_causes(nobody)), 10, "the probe")
            who = {"name": "1001", "password": "demo1234"}
            _refused(nobody.post("/login", data=who), "现在无法保存")
            nobody.cookies.set("holdline_lang", "en")
            _refused(nobody.post("/login", data=who), "Nothing can be stored")
            assert nobody.get("/login").status_code == 200
            assert floor.get("/calls").status_code == 200, "what can be read is shown"
            filler.unlink()
            wait_for(lambda: _causes(nobody) == [], 10, "the probe again")
            assert nobody.post("/login", data=who).status_code == 303


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def test_a_dead_database_is_told_and_no_page_is_a_fault(postgres: PostgresServer, tmp_path: Path) -> None:
    with running_brain(tmp_path, database_url=postgres.url) as brain, brain.log_in("super") as floor, brain.client() as nobody:
        assert _causes(nobody) == []
        postgres.stop()
        wait_for(lambda: "database" in _causes(nobody), 15, "the probe")
        for path in ("/calls", "/tickets", "/"):
            _refused(floor.get(path), "现在无法保存")
        _refused(nobody.post("/login", data={"name": "1001", "password": "demo1234"}), "现在无法保存")
        answer = floor.get("/api/v1/calls")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert nobody.get("/healthz").status_code == 200
