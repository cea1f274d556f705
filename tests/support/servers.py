"""Real servers for tests, on free ports of the loopback, in folders of their own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: "Callable[[], object]", seconds: float, what: "str | Callable[[], str]") -> None:
    """Poll until it is true; fail with what was waited for (asked for then, where it is a function)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return
        time.sleep(0.05)
    pytest.fail(f"waited {seconds} s for {what if isinstance(what, str) else what()}")


def accepts(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


class PostgresServer:
    """A PostgreSQL that a test may stop and start again; it keeps what was stored."""

    def __init__(self, folder: Path) -> None:
        programs = _postgres_programs()
        if programs is None:
            pytest.skip("peer postgresql is not installed")
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._data = Path(tempfile.mkdtemp(prefix="holdline-pg-"))
        if self._as_user:
            shutil.chown(self._data, "postgres")
        self._port = free_port()
        self._log = folder / "postgres.log"
        init = [*self._as_user, str(programs / "initdb"), "-D", str(self._data), "-A", "trust", "-E", "UTF8", "-U",
                "postgres", "--no-sync"]
        subprocess.run(init, check=True, capture_output=True, cwd="/tmp")
        self._run = [*self._as_user, str(programs / "postgres"), "-D", str(self._data), "-p", str(self._port), "-h",
                     "127.0.0.1", "-k", "", "-F"]
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._run, stdout=log, stderr=log, cwd="/tmp")
        wait_for(lambda: accepts(self._port), 20, "PostgreSQL")
        time.sleep(0.5)

    def stop(self) -> None:
        """At once: connections are cut. (The signal goes to the server itself, not to runuser.)"""
        if self._process is None:
            return
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGINT)
        self._process.wait(20)
        self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)


def postgres_server(folder: Path) -> Iterator[str]:
    server = PostgresServer(folder)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


class RedisServer:
    """A Redis that a test may stop, start again (it has forgotten everything then) and freeze."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("peer redis-server is not installed")
        self._port = free_port()
        self._run = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", "",
                     "--dir", str(folder)]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        self._process = subprocess.Popen([*self._run, *more], stdout=subprocess.DEVNULL)
        wait_for(lambda: accepts(self._port), 10, "Redis")

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


def redis_server(folder: Path) -> Iterator[str]:
    server = RedisServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def empty_postgres(engine: Engine) -> None:
    """Everything out of the database, for the next test."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
