"""Fixtures: real engines, real databases, a whole hotline on free ports."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.service.ports import Content
from app.settings import EMBEDDED_MODEL
from tests.support import engines
from tests.support.content import load_content
from tests.support.hotline import Hotline
from tests.support.servers import PostgresServer, postgres_server, redis_server
from tests.support.sip import SipPeer

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        engines.begin()
    config.addinivalue_line("markers", "peer(name): needs a real peer program; skipped without it")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        engines.end()


#: Calls in real time. Only where it is decided whether a change lands (.ci/run) one that failed is tried
#: again, and listed (R): another tenant of that machine must not decide. By hand nothing is.
REAL_TIME = ("integration", "browser")
RERUNS = int(os.environ.get("TEST_RERUNS", "0"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if RERUNS and item.path.parent.name in REAL_TIME:
            item.add_marker(pytest.mark.flaky(reruns=RERUNS))
        for mark in item.iter_markers("peer"):
            if shutil.which(mark.args[0]) is None:
                item.add_marker(pytest.mark.skip(reason=f"peer {mark.args[0]} is not installed"))


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(ROOT)


@pytest.fixture(scope="session")
def voice() -> EspeakSynthesiser:
    return EspeakSynthesiser("m3", 175)


@pytest.fixture(scope="session")
def recogniser() -> VoskRecogniser:
    return VoskRecogniser(EMBEDDED_MODEL)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from postgres_server(tmp_path_factory.mktemp("postgres"))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of its own, which the tests of a module may stop and start."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from redis_server(tmp_path_factory.mktemp("redis"))


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """One running hotline for all tests that leave it as they found it."""
    running = Hotline(tmp_path_factory.mktemp("hotline"))
    running.start()
    yield running
    running.stop()
    log = running.log()
    assert "Traceback" not in log, log[-6000:]


@pytest.fixture
def own_hotline(tmp_path: Path) -> Iterator[Hotline]:
    """A hotline that a test may break."""
    running = Hotline(tmp_path)
    yield running
    running.stop()




@pytest.fixture(autouse=True)
def _close_peers() -> Iterator[None]:
    yield
    while SipPeer.made:
        SipPeer.made.pop().close()
