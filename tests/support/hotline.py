"""A whole hotline for tests: brain and bridge as processes, a client, simulated callers."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.support import engines
from tests.support.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "demo1234"


def _port_block(count: int) -> int:
    """The first of ``count`` UDP ports in a row that nobody uses."""
    for first in range(31000 + os.getpid() % 400 * 20, 39000, 20):
        try:
            for port in range(first, first + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError("no free ports")


class Hotline:
    """``start`` waits until calls can be taken. Ports and home are its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.home = folder / "home"
        self.http = f"127.0.0.1:{free_port()}"
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.sip = f"127.0.0.1:{self.sip_port}"
        self.url = f"http://{self.http}"
        rtp = 41000 + (os.getpid() * 7 + self.sip_port) % 90 * 200
        self.environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "HOLDLINE_HOME": str(self.home),
            "HOLDLINE_HTTP": self.http, "HOLDLINE_SIP": self.sip,
            "HOLDLINE_RTP_PORTS": f"{rtp}-{rtp + 199}", "HOLDLINE_HOURS": "00:00-24:00",
            # what most tests are about is not how well somebody is heard: see test_second_pass
            "HOLDLINE_SECOND_PASS": "false", "HOLDLINE_CALLER_VOICE": "espeak",
            "HOLDLINE_QUEUE_SECONDS": "12", "HOLDLINE_RING_SECONDS": "5", "HOLDLINE_ROBOT": "false",
            **settings,
        }
        self._log_path = folder / "hotline.log"
        self.brain: subprocess.Popen[bytes] | None = None
        self.bridge: subprocess.Popen[bytes] | None = None
        self._token = ""
        self._lines: dict[str, str] = {}

    # -- processes ---------------------------------------------------------------------------

    def _spawn(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self._log_path.open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "app", *arguments], cwd=ROOT,
                                    env=self.environment, stdout=log, stderr=log)

    def start(self) -> None:
        self.start_bridge()
        self.start_brain()
        try:
            self.wait_ready()
        except BaseException:  # a fixture that fails here never comes to its end
            self.stop()
            raise
        self._token = self.verb("token", "create", "--role", "administrator").strip()

    def start_brain(self) -> None:
        engines.lend(self.home)
        self.brain = self._spawn("web")

    def start_bridge(self) -> None:
        self.bridge = self._spawn("bridge")

    def wait_ready(self) -> None:
        def ready() -> bool:
            try:
                return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
            except httpx.HTTPError:
                return False

        wait_for(ready, 120, f"the hotline; log: {self.log()[-2000:]}")
        engines.keep(self.home)

    def kill_brain(self) -> None:
        assert self.brain is not None
        self.brain.send_signal(signal.SIGKILL)
        self.brain.wait(5)

    def kill_bridge(self) -> None:
        assert self.bridge is not None
        self.bridge.send_signal(signal.SIGKILL)
        self.bridge.wait(5)

    def stop(self) -> None:
        for process in (self.bridge, self.brain):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self.bridge, self.brain):
            if process is not None:
                try:
                    process.wait(8)
                except subprocess.TimeoutExpired:
                    process.kill()

    def log(self) -> str:
        return self._log_path.read_text() if self._log_path.exists() else ""

    def verb(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, check=True,
                              env=self.environment, input=stdin, capture_output=True, text=True)
        return done.stdout

    # -- programs ----------------------------------------------------------------------------

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        return httpx.request(method, f"{self.url}{path}", headers=headers, timeout=10, **options)

    def get(self, path: str) -> Any:
        answer = self.api("GET", f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stored(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as the database keeps them: what programs see masked."""
        with contextlib.closing(sqlite3.connect(self.home / "holdline.db")) as database:
            return database.execute(query, values).fetchall()

    def agent(self, name: str) -> dict[str, Any]:
        people = {"1001": "陈晓雯", "1002": "林志远", "1003": "黄丽娟", "1004": "吴凯",
                  "1005": "许静", "1006": "郑伟"}
        return next(a for a in self.get("agents")["agents"] if a["name"] == people[name])

    def presence(self, name: str, event: str) -> httpx.Response:
        agent_id = self.agent(name)["id"]
        return self.api("POST", f"/api/v1/agents/{agent_id}/state", json={"event": event})

    def calls(self, number: str) -> list[dict[str, Any]]:
        """Calls of a caller's number, newest first."""
        calls: list[dict[str, Any]] = self.get(f"calls?text={number}")["calls"]
        return calls

    def wait_call(self, number: str, ready: Callable[[dict[str, Any]], object], seconds: float = 40, what: str = "") -> dict[str, Any]:
        """The newest call of a number, once it is as wanted."""
        found: list[dict[str, Any]] = []

        def check() -> bool:
            rows = self.calls(number)
            found[:] = [self.get(f"calls/{rows[0]['id']}")] if rows else []
            return bool(found and ready(found[0]))

        wait_for(check, seconds, lambda: f"call of {number} {what}: {found}; {self.log()[-1500:]}")
        return found[0]

    def ring(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "app", "ring", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def line(self, name: str) -> str:
        """Give a demo agent a phone address on a free port, and the agent a browser session."""
        if name not in self._lines:
            port = free_port(socket.SOCK_DGRAM)
            self._lines[name] = f"sip:{name}@127.0.0.1:{port}"
            with self.log_in(name) as client:
                answer = client.post("/desk/line", data={"line": self._lines[name]})
                assert answer.status_code == 204, answer.text
        return self._lines[name]

    @contextlib.contextmanager
    def log_in(self, name: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=10) as client:
            answer = client.post("/login", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client

    def finish(self, name: str) -> None:
        """Bring an agent back to offline, whatever a test did."""
        for _ in range(60):
            agent = self.agent(name)
            if agent["state"] == "offline":
                return
            if agent["state"] == "wrap_up":
                with self.log_in(name) as client:
                    client.post(f"/desk/call/{agent['call_id']}/wrap-up",
                                data={"disposition": "other"})
            else:
                self.presence(name, "go_offline")
            time.sleep(0.25)
        raise AssertionError(f"agent {name} stays {self.agent(name)['state']}")
