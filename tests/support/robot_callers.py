"""Scripted callers of the robot: tasks by conditions, each a real call whose outcome is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.simulator.cast import Scenario, Turn

#: Voices that the embedded model was not trained with, and their speeds.
VOICES = (("m5", 170), ("f4", 185), ("klatt3", 160), ("linda", 175), ("michael", 190), ("steph", 165), ("anika", 180), ("adam", 175))
BYE = "没有了谢谢"
NO_ONE = "1390011"


@dataclass(frozen=True)
class Caller:
    """``expect``: the robot's outcome; ``ticket``: the kind that is opened; ``words`` stand in its brief or address."""

    name: str
    condition: str
    scenario: Scenario
    voice: tuple[str, int]
    expect: str
    ticket: str = ""
    words: str = ""
    snr_db: float | None = None


@dataclass(frozen=True)
class Task:
    """What a known customer says from the first wish to the good-bye."""

    expect: str
    ticket: str
    openings: tuple[str, ...]
    answers: tuple[str, ...]


TASKS = {
    "faq": Task("answered", "", ("营业厅在哪里", "怎么交费", "宽带有哪些套餐"), ()),
    "fault": Task("fault", "fault", ("我家电视没信号", "电视没信号了怎么办", "我家没有信号"), ("没有", "没有", "对", "可以", "明天下午")),
    "complaint": Task("complaint", "complaint", ("我要投诉你们", "我要投诉", "我要投诉服务态度"), ("师傅约了三次都没来", "可以")),
    "service": Task("service", "service", ("我要移机", "我想办理移机", "我要装宽带"), ("对", "可以", "明天上午")),
    "stop": Task("stop", "retention", ("我要报停", "帮我办理拆机", "我要停机"), ("太贵了", "不要", "可以")),
    "bill": Task("bill", "", ("查一下什么时候到期", "查一下我的套餐到期时间", "我的宽带什么时候到期"), ("LAST4",)),
}


def spoken_digits(digits: str) -> str:
    return "".join("零一二三四五六七八九"[int(d)] for d in digits)


def callers(last4: Callable[[str], str]) -> Iterator[Caller]:
    """All of them; ``last4`` tells the ID digits of a demo customer by number."""
    made = 0

    def caller(condition: str, name: str, expect: str, ticket: str, said: list[Turn], *, number: str = "", words: str = "", snr_db: float | None = None) -> Caller:
        nonlocal made
        made += 1
        number = number or f"138{made + 20:08d}"
        turns = tuple(Turn(t.who, spoken_digits(last4(number)) if t.what == "LAST4" else t.what) for t in said)
        return Caller(f"{condition}-{name}", condition, Scenario(f"{condition}-{name}", number, turns, with_agent=False, linger_s=6.0),
                      VOICES[made % len(VOICES)], expect, ticket, words, snr_db)

    def say(*texts: str, who: str = "caller") -> list[Turn]:
        return [Turn(who, text) for text in texts]

    for name, task in TASKS.items():
        for at, opening in enumerate(task.openings):
            yield caller("clean", f"{name}-{at}", task.expect, task.ticket, say(opening, *task.answers, BYE))
        for at, opening in enumerate(task.openings):
            yield caller("noisy", f"{name}-{at}", task.expect, task.ticket, say(opening, *task.answers, BYE), snr_db=15)
        yield caller("interrupting", name, task.expect, task.ticket, say(task.openings[0]) + say(*task.answers, BYE, who="interrupt"))
        yield caller("silent", name, task.expect, task.ticket, [*say(task.openings[0]), Turn("wait", "12"), *say(*task.answers, BYE)])
        yield caller("angry", name, "message", "", say(task.openings[0], "你们这些骗子", "给我回电话"))
        yield caller("person", name, "message", "", say(task.openings[0], "转人工", "我要投诉你们"))
    wrong = "不是，是海景花园五栋五零一"
    yield caller("correcting", "fault", "fault", "fault", say("我家电视没信号", "没有", "没有", wrong, "对", "可以", "明天下午", BYE), words="海景花园5栋501")
    yield caller("correcting", "service", "service", "service", say("我要移机", wrong, "对", "可以", "明天上午", BYE), words="海景花园5栋501")
    yield caller("correcting", "phone", "complaint", "complaint", say("我要投诉你们", "师傅约了三次都没来", "不对", "一三九零零一一二二三三", "对", BYE), words="13900112233")
    for at, pieces in enumerate((("一三九零零一一", "二二三三"), ("一三九", "零零一一", "二二三三"))):
        yield caller("dictating", f"complaint-{at}", "complaint", "complaint", say("我要投诉你们", "师傅约了三次都没来", *pieces, "对", BYE), number="anonymous", words="13900112233")
    yield caller("dictating", "service", "service", "service", say("我要装宽带", "海景花园三栋三零二", "对", "一三九零零一一", "二二三三", "对", "明天上午", BYE), number="anonymous", words="海景花园3栋302")
    keys = [Turn("press", "4"), *say("师傅约了三次都没来"), Turn("press", "1"), *say(BYE)]
    yield caller("keys", "complaint", "complaint", "complaint", keys)
    yield caller("keys", "fault", "fault", "fault", [Turn("press", "1"), Turn("press", "1"), Turn("press", "1"), *say("明天下午"), Turn("press", "2")])
    yield caller("keys", "message", "message", "", [Turn("press", "9"), *say("请给我回电话")])
    yield caller("mute", "nobody", "silent", "", [Turn("wait", "45")])


def noisy(pcm16: bytes, snr_db: float, seed: int) -> bytes:
    """White noise under a sentence."""
    clean = np.frombuffer(pcm16, "<i2").astype(np.float32)
    power = np.sqrt((clean**2).mean()) * 10 ** (-snr_db / 20)
    mixed = clean + np.random.default_rng(seed).normal(0, 1, len(clean)) * power
    return np.clip(mixed, -32767, 32767).astype("<i2").tobytes()
