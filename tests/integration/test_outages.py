"""Storage away while people call: PostgreSQL stopped, Redis stopped, the disk full. No caller hears a 500, no call stays open."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hotline import Hotline
from tests.support.servers import PostgresServer, RedisServer, wait_for
from tests.support.talking import talk

CLOSED_WITHIN_S = 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Hotline]:
    """A hotline over a PostgreSQL that each test stops and starts."""
    running = Hotline(tmp_path_factory.mktemp("house"), HOLDLINE_DATABASE_URL=postgres.url, HOLDLINE_RING_SECONDS="4")
    running.start()
    yield running
    running.stop()
    assert "Traceback" not in running.log(), running.log()[-3000:]


def _is_closed(hotline: Hotline, number: str, name: str = "1001") -> None:
    """The call is over and its agent free of it."""
    call = hotline.wait_call(number, lambda c: c["phase"] == "wrap_up" and c["recording_seconds"], CLOSED_WITHIN_S)
    assert call["ended_at"] and call["outcome"] == "caller_hung_up"
    wait_for(lambda: hotline.agent(name)["state"] == "wrap_up", 5, "the agent")
    hotline.finish(name)
    wait_for(lambda: not list((hotline.home / "spool").glob("*.json")), 10, "the spool to be empty")


def test_a_call_ends_while_postgresql_is_away(house: Hotline, postgres: PostgresServer) -> None:
    """N3: what could not be stored is kept, and stored in order when it can be."""
    caller, _ = talk(house, "13800000001")
    caller.send_rtp(1)
    postgres.stop()
    caller.send_rtp(2)
    caller.bye()
    time.sleep(4)
    postgres.start()
    _is_closed(house, "13800000001")


def _leaves_a_message(hotline: Hotline, number: str) -> str:
    return hotline.ring("--say", "我家电视没信号", "--from", number, "--no-agent").communicate(timeout=90)[0]


def _has_message(hotline: Hotline, number: str) -> None:
    call = hotline.wait_call(number, lambda c: c["phase"] == "ended", 30)
    assert call["outcome"] == "voicemail"
    waiting = [m for m in hotline.get("voicemails")["voicemails"] if m["call_id"] == call["id"]]
    assert len(waiting) == 1 and waiting[0]["text"].endswith("电视没信号"), waiting
    wait_for(lambda: not list((hotline.home / "spool").glob("*.json")), 10, "the spool to be empty")


def test_a_call_comes_while_postgresql_is_away(house: Hotline, postgres: PostgresServer) -> None:
    """N4: a message is taken as without a brain, and delivered when it can be stored; never 500."""
    postgres.stop()
    output = _leaves_a_message(house, "13800000007")
    assert "1 sentences said" in output and " 500" not in output, output
    postgres.start()
    _has_message(house, "13800000007")


def test_a_caller_waits_when_postgresql_goes(house: Hotline, postgres: PostgresServer) -> None:
    """An agent's phone rings in vain; the caller leaves a message and the agent is free again."""
    house.line("1002")
    house.presence("1002", "go_ready")
    ring = house.ring("--say", "我家电视没信号", "--from", "13800000008", "--no-agent")
    house.wait_call("13800000008", lambda c: c["phase"] == "ringing_agent", 20)
    postgres.stop()
    output = ring.communicate(timeout=90)[0]
    assert " 500" not in output, output
    postgres.start()
    call = house.wait_call("13800000008", lambda c: c["phase"] == "ended", 30)
    assert call["outcome"] in ("voicemail", "abandoned")
    wait_for(lambda: house.agent("1002")["state"] in ("ready", "break"), 10, "the agent")


def test_calls_go_on_while_redis_is_away(tmp_path: Path) -> None:
    """Only what is live on the screens waits: calls are taken, held talks and closed."""
    redis = RedisServer(tmp_path)
    redis.start()
    hotline = Hotline(tmp_path, HOLDLINE_REDIS_URL=redis.url)
    try:
        hotline.start()
        redis.stop()
        caller, _ = talk(hotline, "13800000001")
        caller.send_rtp(1)
        caller.bye()
        redis.start()
        _is_closed(hotline, "13800000001")
    finally:
        hotline.stop()
        redis.stop()
    assert "Traceback" not in hotline.log(), hotline.log()[-3000:]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for a hotline's home, small enough to fill."""
    home = tmp_path / "home"
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(home)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield home
    subprocess.run(["umount", "-l", str(home)], check=True)


def _fill(home: Path) -> Path:
    """Until nothing more can be written."""
    full = home / "full"
    with full.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    assert shutil.disk_usage(home).free == 0
    return full


def test_the_disk_is_full_when_a_call_ends_and_when_one_comes(small_disk: Path) -> None:
    """N3 and N4 with a full disk."""
    hotline = Hotline(small_disk.parent)
    try:
        hotline.start()
        caller, _ = talk(hotline, "13800000001")
        caller.send_rtp(1)
        full = _fill(small_disk)
        caller.send_rtp(1)
        caller.bye()
        output = _leaves_a_message(hotline, "13800000007")
        assert "1 sentences said" in output and " 500" not in output, output
        full.unlink()
        _is_closed(hotline, "13800000001")
        _has_message(hotline, "13800000007")
    finally:
        hotline.stop()
    assert "Traceback" not in hotline.log(), hotline.log()[-3000:]
