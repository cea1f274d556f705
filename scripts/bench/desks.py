"""The desks of a bench: a process in which every agent logs in, opens the desk and keeps its socket.

``python -m scripts.bench.desks`` reads a plan (one line of JSON), then orders, a word a line: ``mark``
(answers what came since the last one) and ``finish`` (answers what every desk was shown). Some desks
only watch: they never take a call; one of them after the other clicks once a second, and how long its
own click takes to its own screen is the lag of the feed.
"""

import asyncio
import contextlib
import html
import itertools
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from scripts.bench.figures import NEVER, Shown

_TARGET = re.compile(r'"target":\s*"([^"]+)"')
_WRAP_UP = re.compile(r"/desk/call/([\w-]+)/wrap-up")
_CALLER = re.compile(r'class=\\"u caller')
#: The mark of words that were heard again: the first ones are shown on hovering.
_REVISED = re.compile(r'class=\\"text\\" title=')
_TAGS = re.compile(r"<[^>]*>")
_LOG_IN_S = 60.0
_CLICKS_EVERY_S, _LONGEST_CLICK_S = 1.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``agents`` take calls, ``idle`` only watch. ``wrap_up`` ends what comes after each call."""

    url: str
    password: str
    agents: list[str]
    idle: list[str]
    wrap_up: bool = False


def tell(event: str, **data: Any) -> None:
    print(json.dumps({"event": event, **data}), flush=True)


def text_of(fragment: str) -> str:
    """What a fragment's message reads as, without its markup."""
    return html.unescape(_TAGS.sub(" ", str(json.loads(fragment)["html"])))


@dataclass(slots=True)
class AgentDesk:
    """One agent's browser: cookie, socket, what was shown."""

    name: str
    client: httpx.AsyncClient
    cookie: str = ""
    seq: str = ""
    logged_in_s: float = NEVER
    cards: int = 0
    dropped: str = ""
    shown: list[Shown] = field(default_factory=list)
    revised: dict[str, Shown] = field(default_factory=dict)
    presence_at: float = 0.0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    wrap_up: bool = False
    away: bool = False
    _waiting: list[tuple[str, float]] = field(default_factory=list)

    async def log_in(self, password: str) -> None:
        """Post the form; ``logged_in_s`` stays NEVER where it did not work."""
        began = time.monotonic()
        with contextlib.suppress(httpx.HTTPError):
            form = {"name": self.name, "password": password}
            answer = await self.client.post("/login", data=form, timeout=_LOG_IN_S)
            if answer.status_code == 303:
                self.cookie = f"holdline_session={answer.cookies['holdline_session']}"
                self.logged_in_s = time.monotonic() - began

    async def post(self, path: str, **form: str) -> int:
        answer = await self.client.post(
            path, data=form, headers={"Cookie": self.cookie}, timeout=30
        )
        return answer.status_code

    async def load(self) -> None:
        """The page, and the number from which its socket goes on."""
        answer = await self.client.get("/desk", headers={"Cookie": self.cookie}, timeout=60)
        found = re.search(r'data-seq="(\d+)"', answer.text)
        if found is None:
            raise SystemExit(f"the desk of {self.name} did not load: status {answer.status_code}")
        self.seq = found[1]

    async def watch(self, host: str) -> None:
        """Hold the socket until cancelled; ``dropped`` says why it ended earlier."""
        url = f"ws://{host}/ws/feed?after={self.seq}&screen=desk"
        try:
            async with connect(
                url, additional_headers={"Cookie": self.cookie}, open_timeout=60
            ) as socket:
                self.open.set()
                async for message in socket:
                    await self._take(str(message), time.time())
            self.dropped = f"closed {socket.close_code}"
        except (ConnectionClosed, InvalidHandshake, OSError) as error:
            self.dropped = type(error).__name__
        finally:
            self.open.set()

    async def _take(self, message: str, now: float) -> None:
        if '"reset"' in message[:80]:
            self.dropped = "the page had to load anew"
            return
        found = _TARGET.search(message)
        target = found[1] if found else ""
        if target.startswith("u-") and _CALLER.search(message):
            text = text_of(message)
            self._waiting.append((text, now))
            if _REVISED.search(message):
                self.revised.setdefault(target, Shown(text=text, at=now, card_at=now))
        elif target == "card":
            self.cards += 1
            self._settle(now)
        elif target == "presence":
            self.presence_at = now
            self.changed.set()
        if self.wrap_up and (over := _WRAP_UP.search(message)):
            await self.post(f"/desk/call/{over[1]}/wrap-up", disposition="other")

    def _settle(self, card_at: float) -> None:
        """A card shows the call as it stands: it is that of all words that were shown before it."""
        self.shown += [Shown(text=text, at=at, card_at=card_at) for text, at in self._waiting]
        self._waiting.clear()

    def settled(self) -> list[Shown]:
        self._settle(NEVER)
        return self.shown


async def click(desk: AgentDesk, lags: list[float]) -> None:
    """Change an idle agent's presence and note how long its own screen took, in seconds."""
    desk.changed.clear()
    began = time.time()
    try:
        if (
            await desk.post("/desk/presence", event="go_offline" if desk.away else "go_break")
            == HTTPStatus.NO_CONTENT
        ):
            desk.away = not desk.away
        await asyncio.wait_for(desk.changed.wait(), _LONGEST_CLICK_S)
    except (httpx.HTTPError, TimeoutError):
        lags.append(NEVER)
    else:
        lags.append(desk.presence_at - began)


async def keep_clicking(desks: list[AgentDesk], lags: list[float]) -> None:
    """One idle desk after the other, a click a second."""
    for desk in itertools.cycle(desks):
        await click(desk, lags)
        await asyncio.sleep(_CLICKS_EVERY_S)


class Room:
    """All desks of one process."""

    def __init__(self, plan: Plan, client: httpx.AsyncClient) -> None:
        self.plan = plan
        self.agents = [AgentDesk(name, client, wrap_up=plan.wrap_up) for name in plan.agents]
        self.idle = [AgentDesk(name, client) for name in plan.idle]
        self.lags: list[float] = []
        self._host = plan.url.partition("//")[2]

    async def open(self) -> None:
        """Everybody in, every socket open, agents ready; says how the log-ins went."""
        everybody = [*self.agents, *self.idle]
        await asyncio.gather(*(desk.log_in(self.plan.password) for desk in everybody))
        refused = [desk.name for desk in everybody if desk.logged_in_s == NEVER]
        took = [desk.logged_in_s for desk in everybody]
        tell("logged_in", seconds=took, refused=refused)
        if refused:
            raise SystemExit(1)
        for desk in everybody:
            await desk.load()
            asyncio.get_running_loop().create_task(desk.watch(self._host), name=desk.name)
            await desk.open.wait()
        for desk in self.agents:
            await desk.post("/desk/presence", event="go_ready")
        tell("ready")

    def mark(self) -> None:
        cards = {desk.name: desk.cards for desk in self.agents}
        dropped = {desk.name: desk.dropped for desk in (*self.agents, *self.idle) if desk.dropped}
        lags, self.lags[:] = list(self.lags), []
        for desk in self.agents:
            desk.cards = 0
        tell("marked", cards=cards, dropped=dropped, lags=lags)

    async def obey(self) -> None:
        """Orders from standard input until ``finish``."""
        loop = asyncio.get_running_loop()
        while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            if line != "mark":
                break
            self.mark()
        tell(
            "finished",
            shown={d.name: [asdict(s) for s in d.settled()] for d in self.agents},
            revised={d.name: [asdict(s) for s in d.revised.values()] for d in self.agents},
        )


async def main() -> None:
    plan = Plan(**json.loads(sys.stdin.readline()))
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=plan.url,
        cookies=cookies,
        limits=limits,
        verify=False,  # noqa: S501  plain HTTP, loopback
        trust_env=False,
    ) as client:
        room = Room(plan, client)
        await room.open()
        clicking = asyncio.create_task(keep_clicking(room.idle, room.lags))
        await room.obey()
        clicking.cancel()


if __name__ == "__main__":
    asyncio.run(main())
