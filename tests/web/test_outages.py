"""Pages while Redis is away."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.adapters.feed.feed_redis import RedisFeed
from tests.support.brain import Brain, running_brain
from tests.support.servers import RedisServer, wait_for

AWAY = 'data-seq="0"'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def brain(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brain]:
    """Started while Redis is away: the brain does not wait for it."""
    with running_brain(tmp_path_factory.mktemp("brain"), redis_url=server.url) as made:
        yield made


def _live(brain: Brain, client: httpx.Client, after: int) -> ClientConnection:
    url = f"ws://{brain.address}/ws/feed?after={after}&screen=desk"
    return connect(url, additional_headers=brain.socket_headers(client))


def test_pages_live_from_the_database_while_redis_is_away(
    brain: Brain, server: RedisServer
) -> None:
    with brain.log_in("1001") as agent, brain.log_in("super") as floor:
        for client, path in ((agent, "/desk"), (floor, "/calls")):
            answer = client.get(path)
            assert answer.status_code == 200 and AWAY in answer.text, path
        server.start()
        wait_for(lambda: AWAY not in agent.get("/desk").text, 10, "the feed")
        server.stop()
        for client, path in ((agent, "/desk"), (floor, "/calls")):
            answer = client.get(path)
            assert answer.status_code == 200 and AWAY in answer.text, path
        began = time.monotonic()
        done = agent.post("/desk/presence", data={"event": "go_ready"})
        assert done.status_code == 204 and time.monotonic() - began < 10
        with _live(brain, agent, 0) as socket:
            server.start()
            assert json.loads(socket.recv(10))["reset"] is True
        assert AWAY not in agent.get("/desk").text


def test_a_live_socket_whose_sender_dies_is_closed(
    brain: Brain, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the page connects anew: an open socket that nobody writes to is a screen that stands still."""
    async def broken(*_: object) -> bool:
        raise KeyError("nobody expected this")

    with brain.log_in("1001") as client:
        monkeypatch.setattr(RedisFeed, "open", broken)
        with _live(brain, client, 1) as socket, pytest.raises(ConnectionClosed):  # noqa: PT012
            while True:
                socket.recv(10)
