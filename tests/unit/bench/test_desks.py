"""A desk of the bench, fed with messages as the live socket sends them."""

import json

import httpx

from scripts.bench.desks import AgentDesk
from scripts.bench.figures import NEVER, Shown


def utterance(text: str, side: str = "caller") -> str:
    html = f'<li class="u {side}" id="u-7" data-into="transcript"><span>来电</span><span class="text"><mark>{text}</mark></span></li>'
    return json.dumps({"seq": 1, "target": "u-7", "html": html}, ensure_ascii=False, separators=(",", ":"))


def fragment(target: str) -> str:
    return json.dumps({"seq": 1, "target": target, "html": f'<div id="{target}"></div>'}, separators=(",", ":"))


async def test_a_card_is_that_of_all_words_before_it() -> None:
    desk = AgentDesk("a0", httpx.AsyncClient())
    for at, message in enumerate((utterance("我要报停"), utterance("太贵了"), fragment("who"), fragment("card"), fragment("card"))):
        await desk._take(message, float(at))
    assert [(s.text.split(), s.at, s.card_at) for s in desk.settled()] == [(["来电", "我要报停"], 0.0, 3.0), (["来电", "太贵了"], 1.0, 3.0)]
    assert desk.cards == 2


async def test_the_agents_own_words_wait_for_no_card() -> None:
    desk = AgentDesk("a0", httpx.AsyncClient())
    await desk._take(utterance("您好", side="agent"), 1.0)
    assert desk.settled() == []


async def test_words_without_a_card_are_told() -> None:
    desk = AgentDesk("a0", httpx.AsyncClient())
    await desk._take(utterance("我要报停"), 1.0)
    assert desk.settled() == [Shown(text=desk.shown[0].text, at=1.0, card_at=NEVER)]


async def test_a_page_that_must_load_anew_has_lost_its_socket() -> None:
    desk = AgentDesk("a0", httpx.AsyncClient())
    await desk._take(json.dumps({"seq": 9, "reset": True}), 1.0)
    assert desk.dropped
