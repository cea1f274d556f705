"""The hotline under load: brain and bridge of a tree as processes, and what every process costs."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from scripts.bench.speech import models

ROOT = Path(__file__).resolve().parent.parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_BUCKET = re.compile(r'final_to_card_seconds_bucket\{le="([^"]+)"\} (\S+)')
#: Loads the command line once for many verbs: a start costs seconds in older trees.
_MANY_VERBS = "import json, sys; from app.cli import main; sys.exit(max(main(a) for a in json.load(sys.stdin)))"


_AHEAD = -15
_STARTS_WITHIN_S = 180.0


def go_first(pid: int) -> bool:
    """Let a process that leads a session of its own go before other work on this machine.

    Linux weighs sessions before processes where it groups them by itself (sched(7), autogroup).
    False where the system does not allow it.
    """
    group = Path(f"/proc/{pid}/autogroup")
    try:
        if group.exists():
            # what its threads are to each other stays as they chose
            group.write_text(str(_AHEAD))
        else:
            os.setpriority(os.PRIO_PROCESS, pid, _AHEAD)
    except OSError:
        return False
    return True


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunError(Exception):
    """A run that cannot be measured; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """``cpu_s`` with all children; ``rss_mb`` of the process, ``children_mb`` beside it."""

    cpu_s: float
    rss_mb: float
    children_mb: float
    files: int
    threads: int


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def _rss_mb(pid: int) -> float:
    return int(_stat(pid)[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:
                continue
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def usage(pid: int) -> Usage:
    """What a process has used until now. Raises OSError where it is gone."""
    own = _stat(pid)
    ticks = sum(int(own[at]) for at in (11, 12, 13, 14))
    children_mb = 0.0
    for child in _descendants(pid):
        try:
            ticks += sum(int(_stat(child)[at]) for at in (11, 12))
            children_mb += _rss_mb(child)
        except OSError:
            continue
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Usage(
        cpu_s=ticks / _TICKS,
        rss_mb=_rss_mb(pid),
        children_mb=children_mb,
        files=files,
        threads=int(own[17]),
    )


def jobs(pid: int) -> list[str]:
    """Command lines of what a process runs beside itself."""
    found = []
    for child in _descendants(pid):
        try:
            found.append(Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def commit_of(tree: Path) -> str:
    """The short commit that a checkout stands at, with a mark where files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or tree.name


def machine_cpu_s() -> float:
    """Seconds that all cores together have been busy since the machine started."""
    fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS


class Hotline:
    """A hotline of its own: ``tree`` is where its code is, ``folder`` where its data goes; ``first``
    lets it go before whatever else this machine does; ``second_pass`` hears again with the models
    that are fetched, and is measured before calls are taken."""

    def __init__(
        self, tree: Path, folder: Path, *, first: bool = False, second_pass: bool = False
    ) -> None:
        self.tree, self.folder, self._first = tree, folder, first
        self._second_pass = second_pass
        self.http = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        self.sip = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        self.password = secrets.token_urlsafe(12)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = folder / "log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(tree),
            "HOLDLINE_HOME": str(folder / "home"),
            "HOLDLINE_HTTP": self.http,
            "HOLDLINE_SIP": self.sip,
            "HOLDLINE_DEMO": "false",
            "HOLDLINE_HOURS": "00:00-24:00",
            "HOLDLINE_RTP_PORTS": "42000-43999",
            "HOLDLINE_QUEUE_SECONDS": "90",
            "HOLDLINE_SECOND_PASS": str(second_pass).lower(),
            "HOLDLINE_MODELS": str(models()),
        }

    def add_users(self, agents: Mapping[str, str], others: Sequence[str] = ()) -> None:
        """Agents with their lines, and others without; all with the bench's password."""
        lines = {**agents, **dict.fromkeys(others, "")}
        verbs = [
            ["user", "add", name, "--role", "agent", "--password", self.password, "--line", line]
            for name, line in lines.items()
        ]
        done = subprocess.run(
            [sys.executable, "-c", _MANY_VERBS],
            cwd=self.tree,
            env=self._environment,
            check=False,
            input=json.dumps(verbs),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RunError(f"the users could not be added: {done.stderr[-500:]}")

    def start(self) -> None:
        """Brain and bridge, and wait until calls can be taken."""
        for name, verb in (("brain", "web"), ("bridge", "bridge")):
            with self.log.open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "app", verb],
                    cwd=self.tree,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.processes[name] = process
            if self._first:
                go_first(process.pid)
        self._await(self._is_ready, "the hotline did not start")
        if self._second_pass:
            self._await(self._is_measured, "the second pass was not measured")

    def _await(self, come: Callable[[], bool], fault: str) -> None:
        until = time.monotonic() + _STARTS_WITHIN_S
        while not come():
            if time.monotonic() > until:
                raise RunError(f"{fault}: {self.log.read_text()[-800:]}")
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        try:
            answer = httpx.get(f"http://{self.http}/readyz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == HTTPStatus.OK

    def _is_measured(self) -> bool:
        return "the second pass takes" in self.log.read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def metrics(self) -> str:
        return httpx.get(f"http://{self.http}/metrics", timeout=30, trust_env=False).text

    def faults(self) -> list[str]:
        """Lines of the log that are errors."""
        marks = ("ERROR", "CRITICAL", "Traceback")
        return [
            line
            for line in self.log.read_text(errors="replace").splitlines()
            if any(m in line for m in marks)
        ]


def final_to_card(metrics: str) -> list[tuple[float, float]]:
    """The cumulative histogram (bound in seconds, count) from the brain's own measurement."""
    return [(float(bound), float(count)) for bound, count in _BUCKET.findall(metrics)]


class Helper:
    """A client process of a bench: takes a plan and orders, answers in JSON lines."""

    def __init__(
        self, module: str, plan: Mapping[str, Any], log: Path, *, first: bool = False
    ) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"scripts.bench.{module}"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        if first:
            go_first(self.process.pid)
        self._module, self._log = module, log
        self.order(json.dumps(plan))

    def order(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def await_event(self, event: str) -> dict[str, Any]:
        """The next answer of a kind; others are passed over. Raises RunError where it ended."""
        return self.await_event_of(event)

    def await_event_of(self, *events: str) -> dict[str, Any]:
        """The next answer of one of these kinds."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if answer["event"] in events:
                return answer
        raise RunError(
            f"the process of {self._module} ended: {self._log.read_text(errors='replace')[-800:]}"
        )

    def ask(self, order: str, event: str) -> dict[str, Any]:
        self.order(order)
        return self.await_event(event)

    def stop(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(5)
