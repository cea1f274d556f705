"""A shift begins: everybody logs in at the same moment."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from scripts.bench.processes import Hotline

_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One person's way in: status of the form's answer, seconds to it and to the loaded page."""

    status: int
    answered_s: float
    loaded_s: float


async def _arrive(client: httpx.AsyncClient, name: str, password: str) -> Arrival:
    began = time.monotonic()
    answer = await client.post("/login", data={"name": name, "password": password})
    answered_s = time.monotonic() - began
    if answer.status_code == 303:
        cookie = f"holdline_session={answer.cookies['holdline_session']}"
        page = await client.get("/desk", headers={"Cookie": cookie})
        page.raise_for_status()
    return Arrival(
        status=answer.status_code, answered_s=answered_s, loaded_s=time.monotonic() - began
    )


async def _all_arrive(hotline: Hotline, names: list[str]) -> list[Arrival]:
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=f"http://{hotline.http}",
        cookies=cookies,
        limits=limits,
        timeout=_LONGEST_S,
        trust_env=False,
    ) as client:
        return await asyncio.gather(*(_arrive(client, name, hotline.password) for name in names))


def begin_shift(
    tree: Path, people: int, rounds: int, *, first: bool = False
) -> list[list[Arrival]]:
    """A number of people at once, several times against the same hotline (a session each time)."""
    names = [f"a{n}" for n in range(people)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        hotline = Hotline(tree, Path(folder), first=first)
        hotline.add_users(dict.fromkeys(names, ""))
        try:
            hotline.start()
            return [asyncio.run(_all_arrive(hotline, names)) for _ in range(rounds)]
        finally:
            hotline.stop()
