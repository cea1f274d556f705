"""The phones of a bench: a process that rings the hotline, answers as its agents, and talks.

``python -m scripts.bench.phones`` reads a plan (one line of JSON), then orders, a word a line:
``mark`` (answers what was counted since the last one, and counts anew), ``quiet`` (say nothing more),
``finish`` (hang up, answer every sentence that was said, end). Answers are JSON lines.
"""

import gc
import json
import re
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from app.simulator.sip_phone import SipPhone
from app.telephony.sip_dialog import Invitation, SipDialog
from app.telephony.sip_stack import SipEndpoint, SipStack
from scripts.bench.figures import Sentence
from scripts.bench.rtp import Line, SendClock, Window
from scripts.bench.speech import speech

_HOST = "127.0.0.1"
_RINGS_S, _PAUSE_S, _BETWEEN_DIALS_S = 0.3, 0.9, 0.4
_LONGEST_RINGING_S = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``talk_s`` ends a call after so long and rings again (0: one call until the end);
    ``natural``: in natural voices."""

    hotline: str
    agents_port: int
    caller_port: int
    calls: int
    talk_s: float = 0.0
    natural: bool = False


_telling = threading.Lock()


def tell(event: str, **data: Any) -> None:
    line = json.dumps({"event": event, **data})
    with _telling:
        print(line, flush=True)


def answer_sdp(port: int) -> str:
    """PCMU alone, as an offer or an answer (RFC 4566)."""
    return (
        f"v=0\r\no=bench 1 1 IN IP4 {_HOST}\r\ns=-\r\nc=IN IP4 {_HOST}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def remote_of(sdp: str) -> tuple[str, int] | None:
    """Where the other side wants its audio; None where the text says nothing of it."""
    address, port = re.search(r"(?m)^c=IN IP4 (\S+)", sdp), re.search(r"(?m)^m=audio (\d+)", sdp)
    return (address[1], int(port[1])) if address and port else None


class Phone(SipPhone):
    """One telephone: a SIP dialog (on the SIP thread) and its RTP line."""

    def __init__(self, stack: SipStack, clock: SendClock) -> None:
        super().__init__(stack)
        self._clock = clock
        self.line = Line()
        clock.add(self.line)

    def dial(self, uri: str, number: str) -> None:
        self._invite(uri, number, answer_sdp(self.line.port))

    def on_invited(self, dialog: SipDialog, invitation: Invitation) -> None:
        dialog.ring()
        self._stack.later(_RINGS_S, lambda: self._pick_up(dialog, invitation.sdp or ""))

    def _pick_up(self, dialog: SipDialog, sdp: str) -> None:
        if not self.ended.is_set():
            dialog.answer(answer_sdp(self.line.port))
            self.line.remote = remote_of(sdp)
            self.answered.set()

    def on_answered(self, dialog: SipDialog, sdp: str | None) -> None:
        self.line.remote = remote_of(sdp or "") or self.line.remote
        self.answered.set()

    def on_updated(self, dialog: SipDialog, sdp: str | None) -> None:
        self.line.remote = remote_of(sdp or "") or self.line.remote
        dialog.answer(answer_sdp(self.line.port))

    def _close(self) -> None:
        self._clock.remove(self.line)
        self.ended.set()


class Exchange:
    """Every phone of the bench; agents' phones share one SIP port and are told apart by the caller."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.clock = SendClock()
        self.stack = SipStack(SipEndpoint(_HOST, plan.caller_port, _HOST), self._refuse)
        self._agents = SipStack(SipEndpoint(_HOST, plan.agents_port, _HOST), self._rung)
        self._speech = speech(natural=plan.natural)
        self._phones: dict[str, tuple[Phone, str]] = {}
        self._changed = threading.Condition()
        self.quiet, self.finishing = threading.Event(), threading.Event()
        self.said: dict[str, list[Sentence]] = {}
        self.lines: dict[str, Line] = {}
        self.lost: list[str] = []
        self.calls = 0

    def _refuse(self, request: Any, _: Any) -> Any:
        return request.genResponse(404, "Not Found"), None, None

    def _rung(self, request: Any, transaction: Any) -> Any:
        caller = str(request.getHFBody("from").getUrl().username)
        phone = Phone(self._agents, self.clock)
        with self._changed:
            self._phones[caller] = (phone, str(request.getRURI().username))
            self._changed.notify_all()
        return phone.take(request, transaction)

    def _agent_of(self, number: str, caller: Phone) -> tuple[Phone, str] | None:
        """The agent's phone that was rung for a caller and hears something: then they are connected."""
        until = time.monotonic() + _LONGEST_RINGING_S
        while (
            time.monotonic() < until and not caller.ended.is_set() and not self.finishing.is_set()
        ):
            with self._changed:
                self._changed.wait(0.1)
                found = self._phones.get(number)
            if found is not None and found[0].line.heard >= 5:
                return found
        return None

    def place(self, n: int) -> None:
        """Ring, talk until it is enough, hang up; again where the plan says so."""
        self.finishing.wait(n * _BETWEEN_DIALS_S)
        turn = 0
        while not self.finishing.is_set():
            self._one_call(f"1370{n:03d}{turn:04d}", n)
            turn += 1
            if not self.plan.talk_s:
                return
            self.finishing.wait(2)

    def _one_call(self, number: str, n: int) -> None:
        caller = Phone(self.stack, self.clock)
        caller.dial(f"sip:hotline@{self.plan.hotline}", number)
        found = self._agent_of(number, caller)
        if found is None:
            self.lost.append(number)
            tell("lost", number=number, code=caller.end_code)
        else:
            agent, user = found
            self.calls += 1
            self.lines |= {f"{user} caller": caller.line, f"{user} agent": agent.line}
            tell("connected", user=user)
            self._talk(caller, agent, user, n)
        caller.hang_up()
        caller.ended.wait(5)
        if found is not None and not found[0].ended.wait(10):
            found[0].hang_up()
        if self.plan.talk_s and found is not None:
            self._forget(found[1], number)

    def _forget(self, user: str, number: str) -> None:
        self._phones.pop(number, None)
        for side in ("caller", "agent"):
            line = self.lines.pop(f"{user} {side}", None)
            if line is not None:
                line.sock.close()

    def _talk(self, caller: Phone, agent: Phone, user: str, n: int) -> None:
        until = time.monotonic() + self.plan.talk_s if self.plan.talk_s else float("inf")
        turn = n
        while not self._enough(caller, agent, until):
            self._say(agent, "agent", self._turn("agent", turn))
            if self._enough(caller, agent, until):
                break
            text = self._turn("caller", turn)
            ended_at = self._say(caller, "caller", text)
            self.said.setdefault(user, []).append(Sentence(text=text, ended_at=ended_at))
            turn += 1
            self.quiet.wait(_PAUSE_S)
        while not self.plan.talk_s and not self.finishing.wait(0.2):
            if caller.ended.is_set():
                self.lost.append(user)
                return

    def _turn(self, side: str, turn: int) -> str:
        texts = list(self._speech[side])
        return texts[turn % len(texts)]

    def _enough(self, caller: Phone, agent: Phone, until: float) -> bool:
        over = caller.ended.is_set() or agent.ended.is_set()
        return over or self.quiet.is_set() or self.finishing.is_set() or time.monotonic() > until

    def _say(self, phone: Phone, side: str, text: str) -> float:
        saying = phone.line.say(self._speech[side][text])
        saying.over.wait(30)
        if side == "agent":
            self.quiet.wait(_PAUSE_S)
        return saying.ended_at

    def mark(self) -> None:
        """What every phone counted since the last mark."""
        windows = {name: line.window for name, line in list(self.lines.items())}
        for line in self.lines.values():
            line.window = Window()
        late, at = self.clock.lateness(), time.time()
        phones = {name: {"received": w.received, **vars(w.gaps)} for name, w in windows.items()}
        tell(
            "marked",
            at=at,
            phones=phones,
            calls=self.calls,
            lost=self.lost,
            late_p99_s=late.p99_s(),
            **vars(late.delays),
        )

    def serve(self) -> None:
        """Place the calls and obey orders until it is finished; SIP has the main thread."""
        sys.setswitchinterval(0.0005)
        gc.disable()
        self.clock.start()
        callers = [
            threading.Thread(target=self.place, args=(n,), daemon=True)
            for n in range(self.plan.calls)
        ]
        for thread in callers:
            thread.start()
        threading.Thread(target=self._obey, args=(callers,), daemon=True).start()
        self.stack.run(lambda: None)
        self.clock.stop()

    def _obey(self, callers: list[threading.Thread]) -> None:
        for line in sys.stdin:
            if line.strip() == "mark":
                self.mark()
            elif line.strip() == "quiet":
                self.quiet.set()
            else:
                break
        self.finishing.set()
        for thread in callers:
            thread.join(20)
        tell(
            "finished",
            said={u: [asdict(s) for s in said] for u, said in self.said.items()},
            lost=self.lost,
        )
        self.stack.call(self.stack.stop)


if __name__ == "__main__":
    Exchange(Plan(**json.loads(sys.stdin.readline()))).serve()
