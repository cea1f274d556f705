"""Whole stories of calls as data (tests/scenarios/calls): the real session, commands, machines and database, in virtual time."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.machine import CallState
from app.domain.retention.case import CasePhase
from app.language.understanding.understood import Situation
from app.link import messages as link
from app.link.summary import CallSummary
from app.service.calls import session_vocabulary as v
from app.service.calls.commands import FinishWrapUp
from app.service.calls.hearing import Final
from app.service.command import Command
from app.service.field.commands import OpenTicket
from app.service.ports import Content, Word
from app.service.retention.commands import StepCase
from tests.contract.conftest import Shop
from tests.support.actors import as_user
from tests.support.live_calls import CALL, LiveCallTest

SCENARIOS = sorted((Path(__file__).resolve().parent.parent / "scenarios" / "calls").glob("*.yaml"))


class _Stored:
    """The storage of a live call, for real; what it announces goes to the session as in the brain."""

    away = False

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def execute(self, command: Command[Any]) -> Any:
        return self.shop.bus.execute(command)

    @property
    def state(self) -> CallState | None:
        view = self.shop.queries.call(CALL)
        return view.call.state if view is not None else None


class Story:
    def __init__(self, told: dict[str, Any], shop: Shop, content: Content) -> None:
        self.told, self.shop, self.content = told, shop, content
        phones = {shop.agents[name]: does for name, does in told["phones"].items()}
        by_line = {a.user.line: a.user.id for a in shop.queries.agents()}
        self.call = LiveCallTest(_Stored(shop), phones=phones, lines=by_line)  # type: ignore[arg-type]
        self.call.summary = CallSummary(call=CALL, caller=told["caller"], called="hotline")
        self.expecting = ""
        self._seen = self._notices = 0

    def play(self) -> None:
        self.shop.ready(*self.told["agents"])
        self.call.offer()
        for step in self.told["steps"]:
            ((verb, value),) = step.items()
            getattr(self, verb)(value)
            self.call.run(1)
            self._hear_of_cases()
        self._check(self.told["ends"])

    def _hear_of_cases(self) -> None:
        """What the brain follows: notices that move a case."""
        fresh, self._notices = self.shop.notices[self._notices :], len(self.shop.notices)
        for notice in fresh:
            if notice.case:
                self.call.take(v.CaseMoved(CasePhase(notice.case)))
        outputs, self._seen = self.call.outputs[self._seen :], len(self.call.outputs)
        self.expecting = next((o.reply for o in reversed(outputs) if isinstance(o, v.Expect)), self.expecting)

    @property
    def view(self) -> Any:
        return self.shop.queries.call(CALL)

    # -- steps -------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        self.call.run(seconds)

    def caller(self, text: str) -> None:
        words = tuple(Word(c, 0.1 * n, 0.1 * n + 0.1, 0.9) for n, c in enumerate(text))
        situation = Situation(self.shop.clock.local(), self.expecting, 0.9)
        start_ms = self.call.session.next_frame * 20
        self.call.take(v.Uttered(
            side=CALLER, final=Final(start_ms, start_ms + 800, words), situation=situation,
            understanding=self.content.engine.understand(text, situation), heard_frames=(self.call.session.next_frame,) * 2,
        ))  # fmt: skip

    def quiet(self, seconds: float) -> None:
        self.call.run(seconds).take(v.SpeechActivity(speaking_ms=0, quiet_ms=int(seconds * 1000)))

    def agent(self, click: str | dict[str, str]) -> None:
        ((action, value),) = click.items() if isinstance(click, dict) else ((click, ""),)
        case = self.view.case
        self.shop.bus.execute(StepCase(case_id=case.id, action=action, value=value, actor=as_user(case.agent_id)))

    def visit(self, promise: str) -> None:
        self.shop.bus.execute(OpenTicket(call_id=CALL, promise=promise, actor=as_user(self.view.call.agent_id)))

    def agent_phone(self, does: str) -> None:
        facts: dict[str, link.Fact] = {"held": link.LegHeld(call=CALL, leg=AGENT), "resumed": link.LegResumed(call=CALL, leg=AGENT)}
        self.call.fact(facts[does])

    def hangs_up(self, who: str) -> None:
        (self.call.hang_up if who == "caller" else self.call.agent_hangs_up)()
        self.call.run(2)

    def wrap_up(self, disposition: str) -> None:
        self.shop.bus.execute(FinishWrapUp(call_id=CALL, disposition=disposition, note="", actor=as_user(self.view.call.agent_id)))

    def restart(self, _: bool) -> None:
        self.call.restart(case=CasePhase(self.view.case.phase))

    def listens_for(self, reply: str) -> None:
        assert self.expecting == reply

    def expect(self, wanted: dict[str, str]) -> None:
        found = {"phase": self.view.call.phase, "case": self.view.case.phase if self.view.case else None}
        assert {name: found[name] for name in wanted} == wanted

    # -- the end -----------------------------------------------------------------------------

    def _check(self, ends: dict[str, Any]) -> None:
        view = self.view
        states = {a.user.name: a.presence.state for a in self.shop.queries.agents() if a.presence}
        agent = next((a.user.name for a in self.shop.queries.agents() if a.user.id == view.call.agent_id), "")
        found: dict[str, Any] = {
            "phase": view.call.phase, "outcome": view.call.outcome, "agent": states.get(agent), "tickets": len(view.tickets),
            "trials": [[t.offer, t.outcome] for t in view.trials], "first_agent": states.get((self.told["agents"] or [""])[0]),
            "case": view.case and {"phase": view.case.phase, "reason": view.case.reason, "kind": view.case.kind},
            "message": next(({"text": m.voicemail.text, "intent": m.voicemail.intent} for m in self.shop.queries.voicemails()), None),
            "orders": [type(o).__name__ for o in self.call.line.orders if not isinstance(o, link.Play | link.StopPlaying)],
        }
        assert {name: found[name] for name in ends} == ends
        assert self.call.closings() == 1


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_story(path: Path, shop: Shop, content: Content) -> None:
    Story(yaml.safe_load(path.read_text(encoding="utf-8")), shop, content).play()
