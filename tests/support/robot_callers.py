"""Callers of the robot: tasks by conditions, each a real call whose outcome is known.

An agenda-based user simulation (Schatzmann et al. 2007): a caller knows what to answer to each question, and is told
which one was asked (the robot's place in its dialog) instead of understanding it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Voices that the embedded model was not trained with, and their speeds.
VOICES = (("m5", 170), ("f4", 185), ("klatt3", 160), ("linda", 175), ("michael", 190), ("steph", 165), ("anika", 180), ("adam", 175))
NOISE_DB = 20.0
OPENING, LEAVE = "opening", ""
KEYS = frozenset("0123456789*#")


@dataclass(frozen=True)
class Caller:
    """``answers``: the question (place, or place:slot) to what is said the first, second … time; the last one stays. A text
    of characters of the key pad is pressed, ``wait N`` is silence. ``expect``: the robot's outcome; ``ticket``: the kind
    that is opened; ``words`` stand in its address, phone or brief.
    ``snr_db``: how far below the voice the noise of the room is, all through the call; a ``rumble``, or else white."""

    name: str
    condition: str
    number: str
    voice: tuple[str, int]
    answers: Mapping[str, tuple[str, ...]]
    expect: str
    ticket: str = ""
    words: str = ""
    snr_db: float | None = None
    interrupts: bool = False
    rumble: bool = False
    linger_s: float = 8.0
    asked: dict[str, int] = field(default_factory=dict)

    def answer(self, place: str, slot: str) -> str:
        """What is said now; empty where the caller only listens."""
        key = next((k for k in (f"{place}:{slot}", place) if k in self.answers), "")
        said = self.answers.get(key, ())
        at = self.asked.get(key, 0)
        self.asked[key] = at + 1
        return said[min(at, len(said) - 1)] if said else LEAVE


@dataclass(frozen=True)
class Task:
    expect: str
    ticket: str
    openings: tuple[str, ...]


TASKS = {
    "faq": Task("answered", "", ("营业厅在哪里", "怎么交费", "宽带有哪些套餐")),
    "fault": Task("fault", "fault", ("我家电视没信号", "电视没信号了怎么办", "我家没有信号")),
    "complaint": Task("complaint", "complaint", ("我要投诉你们", "我要投诉", "我要投诉服务态度")),
    "service": Task("service", "service", ("我要装宽带", "我想新装一个宽带", "给我报装电视")),
    "relocate": Task("relocate", "service", ("我要移机", "我想办理移机", "我要把电视移到新家")),
    "stop": Task("stop", "retention", ("我要报停", "帮我办理拆机", "我要停机")),
    "bill": Task("bill", "", ("查一下什么时候到期", "查一下我的套餐到期时间", "我的宽带什么时候到期")),
}
USUAL = {
    "sure": ("对", "是的"), "guide": ("没有",), "confirm": ("对", "是的"), "slot:when": ("明天下午",), "slot:story": ("师傅约了三次都没来",), "reason": ("太贵了",),
    "offer": ("不要",), "slot:address": ("海景花园三栋三零二",), "slot:new_address": ("滨海小区八栋五零一",), "slot:call_time": ("晚上八点",), "slot:phone": ("一三九零零一一二二三三",), "more": ("没有了谢谢",), "person": ("不用",),
}


def spoken_digits(digits: str) -> str:
    return "".join("零一二三四五六七八九"[int(d)] for d in digits)


def callers(last4: Callable[[str], str]) -> Iterator[Caller]:
    """All of them; ``last4`` tells the ID digits of a demo customer by number."""
    made = 0

    def caller(condition: str, name: str, expect: str, ticket: str, opening: str, *, stranger: bool = False, words: str = "",
               snr_db: float | None = None, interrupts: bool = False, rumble: bool = False, **answers: tuple[str, ...]) -> Caller:
        nonlocal made
        made += 1
        number = f"1390{made:07d}" if stranger else f"138{made + 20:08d}"
        said = {**USUAL, "open": (opening,), "slot:last4": (spoken_digits(last4(number)), last4(number)), **{k.replace("_", ":", 1): v for k, v in answers.items()}}
        return Caller(f"{condition}-{name}", condition, number, VOICES[made % len(VOICES)], said, expect, ticket, words, snr_db, interrupts, rumble)

    for name, task in TASKS.items():
        for at, opening in enumerate(task.openings):
            yield caller("clean", f"{name}-{at}", task.expect, task.ticket, opening)
        for at, opening in enumerate(task.openings):
            yield caller("noisy", f"{name}-{at}", task.expect, task.ticket, opening, snr_db=NOISE_DB, rumble=bool(at % 2))
        first = task.openings[0]
        yield caller("interrupting", name, task.expect, task.ticket, first, interrupts=True)
        yield caller("silent", name, task.expect, task.ticket, first, open=("wait 10", first))
        angry: dict[str, Any] = dict.fromkeys(("guide", "reason", "confirm", "slot:story", "slot:last4", "more"), ("你们这些骗子",))
        yield caller("angry", name, "message", "", first, **angry)
        person: dict[str, Any] = dict.fromkeys(angry, ("转人工",))
        yield caller("person", name, "message", "", first, **person)
    wrong = ("不是，是海景花园五栋五零一", "对")
    yield caller("correcting", "fault", "fault", "fault", "我家电视没信号", confirm_address=wrong, words="海景花园5栋501")
    yield caller("correcting", "service", "service", "service", "我要装宽带", confirm_address=wrong, words="海景花园5栋501")
    yield caller("correcting", "phone", "complaint", "complaint", "我要投诉你们", confirm_phone=("不对", "对"), words="13900112233")
    yield caller("correcting", "stop", "stop", "retention", "我要报停", confirm_phone=("不对", "对"), words="13900112233")
    for at, pieces in enumerate((("一三九零零一一", "二二三三"), ("一三九", "零零一一", "二二三三"), ("一三九零", "零一一二", "二三三"))):
        yield caller("dictating", f"complaint-{at}", "complaint", "complaint", "我要投诉你们", confirm_phone=("不对", "对"), slot_phone=pieces, words="13900112233")
    yield caller("dictating", "service", "service", "service", "我要装宽带", stranger=True, confirm_phone=("不对", "对"), slot_phone=("一三九零零一一", "二二三三"), words="海景花园3栋302")
    yield caller("keys", "complaint", "complaint", "complaint", "4", confirm=("1",), more=("2",))
    yield caller("keys", "fault", "fault", "fault", "1", confirm=("1",), more=("2",))
    yield caller("keys", "bill", "bill", "", "2", more=("2",))
    yield caller("keys", "message", "message", "", "9")
    yield caller("mute", "nobody", "silent", "", "wait 90")
