"""The brain alone, without a bridge, served over real HTTP from a thread of the test's process."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.bootstrap.web import build_web
from app.settings import Settings
from tests.support import engines
from tests.support.servers import free_port, wait_for

PASSWORD = "demo1234"


@dataclass(frozen=True, slots=True)
class Brain:
    """``app`` is what is served at ``http://{address}``."""

    app: FastAPI
    address: str
    home: Path

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=f"http://{self.address}", timeout=20, **options)

    @contextlib.contextmanager
    def log_in(self, name: str) -> Iterator[httpx.Client]:
        with self.client() as client:
            answer = client.post("/login", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            yield client

    def socket_headers(self, client: httpx.Client) -> dict[str, str]:
        return {"Cookie": f"holdline_session={client.cookies['holdline_session']}"}


@contextlib.contextmanager
def running_brain(folder: Path, **settings: Any) -> Iterator[Brain]:
    """A brain with the demo in its database."""
    address = f"127.0.0.1:{free_port()}"
    chosen = Settings(home=folder / "home", http=address, robot=False, **settings)
    engines.lend(chosen.home)
    app = build_web(chosen)
    engines.keep(chosen.home)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(address.rpartition(":")[2]), log_level="warning",
        ws="websockets-sansio", timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started or not thread.is_alive(), 30, "the brain")
    try:
        yield Brain(app, address, chosen.home)
    finally:
        server.should_exit = True
        thread.join(15)
