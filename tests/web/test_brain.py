"""The brain as a whole: it runs while it is held, and leaves nothing behind."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.brain import Brain, build_brain
from app.bootstrap.web import build_web
from app.settings import Settings
from app.web import render
from tests.support import engines
from tests.support.servers import free_port


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kept between two brains: what was learned is learned once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def brain(home: Path) -> Brain:
    engines.lend(home)
    return build_brain(Settings(home=home, http=f"127.0.0.1:{free_port()}", robot=False))


def _is_closed(brain: Brain) -> bool:
    """Whether the threads that hear calls take no more work."""
    try:
        brain.telephony.switchboard.pool.submit(int).result(5)
    except RuntimeError:
        return True
    return False


async def test_it_runs_while_it_is_held(brain: Brain) -> None:
    before = asyncio.all_tasks()
    async with brain as held:
        deps = held.web_deps()
        assert deps.demo and deps.reads.people.user_by_name("1001") is not None
        assert deps.content.current().engine.understand("我要报停").intent == "disconnect.suspend"
        assert asyncio.all_tasks() > before and not _is_closed(brain)
    async with asyncio.timeout(5):
        while asyncio.all_tasks() != before:
            await asyncio.sleep(0.01)
    assert _is_closed(brain)


class _Failing:
    def close(self) -> None:
        raise OSError("cannot be closed")


async def test_where_one_part_fails_the_rest_is_closed(brain: Brain) -> None:
    await brain.start()
    failing: Any = _Failing()
    with pytest.raises(OSError, match="cannot be closed"):
        await replace(brain, passwords=failing).stop()
    brain.passwords.close()
    assert _is_closed(brain)


def test_pages_are_compiled_before_somebody_comes(home: Path) -> None:
    """Forty people come at the same moment, at the start of a shift."""
    assert render._environment.cache is not None
    render._environment.cache.clear()
    engines.lend(home)
    build_web(Settings(home=home, http=f"127.0.0.1:{free_port()}", robot=False))
    compiled = {name for _, name in iter(render._environment.cache)}
    assert {"login.html", "desk.html"} < compiled == set(render._environment.list_templates())
