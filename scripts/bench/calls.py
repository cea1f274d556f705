"""One run: a number of calls at once against a hotline of its own, measured between warm-up and end."""

import math
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.bench import figures
from scripts.bench.figures import NEVER, Sentence, Shown, Spread
from scripts.bench.processes import (
    Helper,
    Hotline,
    RunError,
    Usage,
    final_to_card,
    free_port,
    jobs,
    machine_cpu_s,
    usage,
)

#: Calls that have just begun load models and fill caches; silence after the last word lets cards come.
WARM_UP_S, DRAIN_S = 8.0, 10.0
_LONGEST_JOB_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``desks``: agents with a desk open, each with a phone; ``idle``: desks that take no call;
    ``first``: all of it goes before other work on this machine; ``natural``: natural voices, and
    the second pass."""

    calls: int
    seconds: float
    desks: int
    idle: int
    tree: Path
    first: bool = False
    natural: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """What one run showed; latencies in seconds, cores and call-minutes of the steady state."""

    wanted: Wanted
    refused: list[str] = field(default_factory=list)
    log_ins: Spread | None = None
    card: Spread | None = None
    revised: Spread | None = None
    final: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    missed: int = 0
    cards: dict[str, int] = field(default_factory=dict)
    packets: tuple[float, float] = (math.nan, math.nan)
    worst_gap_s: float = math.nan
    worst_gap_in_pause_s: float = math.nan
    pauses: list[float] = field(default_factory=list)
    phones_lag: tuple[float, float] = (math.nan, math.nan)
    feed_lag: Spread | None = None
    cores: dict[str, float] = field(default_factory=dict)
    cpu_per_call_minute: dict[str, float] = field(default_factory=dict)
    memory: dict[str, Usage] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Load:
    """The running parts of one run."""

    hotline: Hotline
    desks: Helper
    phones: Helper
    pauses: Helper

    @property
    def pids(self) -> dict[str, int]:
        pids = {name: process.pid for name, process in self.hotline.processes.items()}
        return {**pids, "phones": self.phones.process.pid, "desks": self.desks.process.pid}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """All counters at one moment (epoch, seconds)."""

    at: float
    used: dict[str, Usage]
    machine_s: float
    phones: dict[str, Any]
    desks: dict[str, Any]
    pauses: list[tuple[float, float]]
    finals: list[tuple[float, float]]


@contextmanager
def load(wanted: Wanted, run: Run, talk_s: float = 0.0) -> Iterator[Load]:
    """Hotline, desks and phones, started in this order and stopped in the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        hotline = Hotline(wanted.tree, folder, first=wanted.first, second_pass=wanted.natural)
        port = free_port(socket.SOCK_DGRAM)
        agents = {f"a{n}": f"sip:a{n}@127.0.0.1:{port}" for n in range(wanted.desks)}
        idle = [f"i{n}" for n in range(wanted.idle)]
        hotline.add_users(agents, idle)
        stack.callback(hotline.stop)
        hotline.start()
        plan = {
            "url": f"http://{hotline.http}",
            "password": hotline.password,
            "agents": list(agents),
            "idle": idle,
        }
        desks = Helper(
            "desks", {**plan, "wrap_up": bool(talk_s)}, folder / "desks.log", first=wanted.first
        )
        stack.callback(desks.stop)
        _log_ins(desks, run)
        desks.await_event("ready")
        rung = {
            "hotline": hotline.sip,
            "agents_port": port,
            "caller_port": free_port(socket.SOCK_DGRAM),
            "calls": wanted.calls,
            "talk_s": talk_s,
            "natural": wanted.natural,
        }
        phones = Helper("phones", rung, folder / "phones.log", first=wanted.first)
        stack.callback(phones.stop)
        pauses = Helper("pauses", {}, folder / "pauses.log", first=wanted.first)
        stack.callback(pauses.stop)
        yield Load(hotline=hotline, desks=desks, phones=phones, pauses=pauses)
        run.faults = hotline.faults()


def _log_ins(desks: Helper, run: Run) -> None:
    answer = desks.await_event("logged_in")
    run.log_ins = figures.spread([float(s) for s in answer["seconds"]])
    why = figures.named("agents could not log in", answer["refused"])
    if why:
        raise RunError(why)


def take_mark(load: Load) -> Mark:
    """Every counter, now; the counts of phones and desks begin anew."""
    used = {name: usage(pid) for name, pid in load.pids.items()}
    machine_s, at = machine_cpu_s(), time.time()
    phones, desks = load.phones.ask("mark", "marked"), load.desks.ask("mark", "marked")
    pauses = [(a, b) for a, b in load.pauses.ask("mark", "marked")["pauses"]]
    return Mark(
        at=at,
        pauses=pauses,
        used=used,
        machine_s=machine_s,
        phones=phones,
        desks=desks,
        finals=final_to_card(load.hotline.metrics()),
    )


def measure(wanted: Wanted) -> Run:
    """One whole run. What makes its figures worthless is in ``refused``."""
    run = Run(wanted=wanted)
    try:
        with load(wanted, run) as parts:
            for _ in range(wanted.calls):
                if parts.phones.await_event_of("connected", "lost")["event"] == "lost":
                    raise RunError("a call was not connected")
            _await_jobs(parts)
            time.sleep(WARM_UP_S)
            before = take_mark(parts)
            time.sleep(wanted.seconds)
            after = take_mark(parts)
            parts.phones.order("quiet")
            time.sleep(DRAIN_S)
            desks = parts.desks.ask("finish", "finished")
            said = parts.phones.ask("finish", "finished")
            _fill(run, before, after)
            _latencies(run, before, after, said["said"], desks)
    except RunError as error:
        run.refused.append(str(error))
    return run


def _await_jobs(parts: Load) -> None:
    """A new hotline learns its knowledge base in a job of its own: that is start-up, not load."""
    until = time.monotonic() + _LONGEST_JOB_S
    while time.monotonic() < until and any(
        "knowledge-job" in job for job in jobs(parts.pids["brain"])
    ):
        time.sleep(1)


def _fill(run: Run, before: Mark, after: Mark) -> None:
    seconds = after.at - before.at
    minutes = run.wanted.calls * seconds / 60
    for name, used in after.used.items():
        spent = used.cpu_s - before.used[name].cpu_s
        run.cores[name], run.cpu_per_call_minute[name] = spent / seconds, spent / minutes
    run.cores["others"] = max(
        0.0, (after.machine_s - before.machine_s) / seconds - sum(run.cores.values())
    )
    run.memory = after.used
    window_s = after.phones["at"] - before.phones["at"]
    phones = after.phones["phones"].values()
    rates = [phone["received"] / window_s for phone in phones]
    run.packets = (min(rates), max(rates))
    pauses = after.pauses
    run.pauses = [until - since for since, until in pauses]
    run.worst_gap_s = max(_worst(phone, pauses) for phone in phones)
    run.worst_gap_in_pause_s = max(_worst(phone, ()) for phone in phones)
    run.phones_lag = (after.phones["late_p99_s"], _worst(after.phones, pauses))
    run.feed_lag = figures.spread(after.desks["lags"]) if run.wanted.idle else None
    run.cards = after.desks["cards"]
    run.final = _finals(before.finals, after.finals)
    run.refused += filter(None, _refusals(after, *run.phones_lag))


def _worst(delays: dict[str, Any], pauses: Sequence[tuple[float, float]]) -> float:
    long = [(end, length) for end, length in delays["long"]]
    return figures.worst_outside(delays["worst_short_s"], long, pauses)


def _refusals(after: Mark, p99_s: float, worst_s: float) -> Iterator[str]:
    yield figures.late_phones(p99_s, worst_s)
    yield figures.named("calls were not connected or ended early", after.phones["lost"])
    yield figures.named("sockets of desks dropped", after.desks["dropped"])


def _finals(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> tuple[float, float, float]:
    """Bounds of p50, p95 and the greatest of what came between two scrapes."""
    earlier = dict(before)
    counted = [(bound, count - earlier.get(bound, 0.0)) for bound, count in after]
    p50, p95, worst = (figures.bucket_percentile(counted, share) for share in (50, 95, 100))
    return p50, p95, worst


def _latencies(
    run: Run, before: Mark, after: Mark, said: dict[str, Any], desks: dict[str, Any]
) -> None:
    cards: list[float] = []
    revised: list[float] = []
    for user, sentences in said.items():
        spoken = [Sentence(**s) for s in sentences]
        measured = [before.at <= s.ended_at <= after.at for s in spoken]
        for found, what in ((cards, "shown"), (revised, "revised")):
            taken = figures.card_latencies(spoken, [Shown(**s) for s in desks[what][user]])
            found += [t for t, counts in zip(taken, measured, strict=True) if counts]
    run.card = figures.spread(cards)
    # who was heard right at first is not revised
    run.revised = figures.spread([late for late in revised if late != NEVER])
    run.missed = sum(latency == NEVER for latency in cards)
    if not cards:
        run.refused.append("nobody said anything")
