"""The agent's desk: the screen of eight hours a day. Every click is a command with a key."""

import asyncio
from datetime import datetime, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from app.domain.calls import machine
from app.domain.calls.sip_uri import parse_sip_uri
from app.domain.refusal import Invalid, RefusalCode
from app.service.calls.commands import ChooseMode, FinishWrapUp, LinkCustomer, Promise, SettleCard
from app.service.command import Command
from app.service.field.commands import OpenTicket, StepGuide
from app.service.households.commands import AddCustomer, SendMessage
from app.service.knowledge.commands import CorrectUtterance
from app.service.queue.commands import ChangeLine, ChangePresence
from app.service.retention.commands import FileForm, OpenCase, StepCase, TickDisclosure
from app.web.calls.screens import DeskScreen
from app.web.calls.shared import shared_of
from app.web.deps import deps_of, feed_seq
from app.web.parameters import (
    CaseKey,
    Count,
    CustomerKey,
    DisclosureKey,
    Id,
    UtteranceKey,
    id_or_none,
)
from app.web.people.auth import AgentUser, actor_of, user_id_of
from app.web.reads import HouseholdReads, QueueReads
from app.web.render import page_of

router = APIRouter(prefix="/desk")
_DONE = 204
_LONGEST_FIELD = 2000
_BUTTONS: dict[str, machine.Event] = {
    "hold": machine.HoldRequested(),
    "resume": machine.ResumeRequested(),
    "hang-up": machine.HangUpRequested(),
}
Key = Annotated[str, Form(max_length=100)]
Text = Annotated[str, Form(max_length=2000)]


async def _execute(request: Request, command: Command[Any], key: str = "") -> Response:
    """Carry a click out once; the screens hear of it through the feed."""
    deps = deps_of(request)
    if key:
        await asyncio.to_thread(deps.bus.execute_once, key, command)
    else:
        await asyncio.to_thread(deps.bus.execute, command)
    return Response(status_code=_DONE)


@router.get("")
async def desk(request: Request, user: AgentUser) -> HTMLResponse:
    """Snapshot and the number from which the feed goes on."""
    page = page_of(request, user)
    seq = await feed_seq(page.deps)
    screen = DeskScreen(page, user, shared_of(request))

    def build() -> str:
        return page.html("desk.html", seq=seq, **screen.values())

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/presence")
async def presence(
    request: Request, user: AgentUser, event: Annotated[str, Form()]
) -> Response:  # fmt: skip
    answer = await _execute(
        request, ChangePresence(user_id=user_id_of(user), event=event, actor=actor_of(user))
    )
    deps_of(request).switchboard.agent_freed()
    return answer


@router.post("/line")
async def line(request: Request, user: AgentUser, line: Text) -> Response:
    parse_sip_uri(line)
    return await _execute(request, ChangeLine(line=line, actor=actor_of(user)))


@router.post("/call/{call_id}/case")
async def open_case(
    request: Request, user: AgentUser, call_id: str, kind: Annotated[str, Form()], key: Key
) -> Response:
    return await _execute(request, OpenCase(call_id=call_id, kind=kind, actor=actor_of(user)), key)


@router.post("/call/{call_id}/ticket")
async def open_ticket(
    request: Request, user: AgentUser, call_id: str, key: Key, kind: Annotated[str, Form()],
    address: Text = "", phone: Text = "", promise: Text = "", brief: Text = "",
    grid_id: Annotated[Id | None, Form()] = None,
) -> Response:  # fmt: skip
    command = OpenTicket(
        call_id=call_id,
        kind=kind,
        address=address,
        phone=phone,
        promise=promise,
        brief=brief,
        grid_id=grid_id,
        actor=actor_of(user),
    )
    return await _execute(request, command, key)


@router.post("/call/{call_id}/customer")
async def link_customer(
    request: Request, user: AgentUser, call_id: str, customer_id: Annotated[CustomerKey, Form()]
) -> Response:
    return await _execute(
        request, LinkCustomer(call_id=call_id, customer_id=customer_id, actor=actor_of(user))
    )


@router.post("/call/{call_id}/new-customer")
async def new_customer(
    request: Request, user: AgentUser, call_id: str, name: Text, address: Text,
    grid_id: Annotated[Id, Form()], plan_code: Annotated[str, Form()], phone: Text = "",
    key: Key = "",
) -> Response:  # fmt: skip
    command = AddCustomer(
        call_id=call_id,
        name=name,
        phone=phone,
        address=address,
        grid_id=grid_id,
        plan_code=plan_code,
        actor=actor_of(user),
    )
    return await _execute(request, command, key)


@router.post("/call/{call_id}/sms")
async def sms(
    request: Request, user: AgentUser, call_id: str, template: Annotated[str, Form()],
    phone: Text = "", key: Key = "",
) -> Response:  # fmt: skip
    """A short message by template."""
    command = SendMessage(call_id=call_id, template=template, phone=phone, actor=actor_of(user))
    return await _execute(request, command, key)


@router.get("/customers")
async def customers(
    request: Request, user: AgentUser, reads: HouseholdReads, call_id: str, q: str = ""
) -> HTMLResponse:
    """Search for the customer view: number, name, account, card, address."""
    text = q.strip()
    page = page_of(request, user)
    found = await asyncio.to_thread(reads.find_customers, text) if text else ()
    return HTMLResponse(page.html("desk/found.html", found=found, call_id=call_id, text=text))


@router.post("/call/{call_id}/wrap-up")
async def wrap_up(
    request: Request, user: AgentUser, call_id: str, disposition: Annotated[str, Form()] = "",
    note: Text = "", draft: Text = "", promise: Annotated[list[Count] | None, Form()] = None,
    promise_text: Annotated[list[str] | None, Form()] = None,
    promise_due: Annotated[list[str] | None, Form()] = None,
) -> Response:  # fmt: skip
    deps = deps_of(request)
    zone = deps.clock.local().tzinfo
    kept = _promises(promise or [], promise_text or [], promise_due or [], zone)
    command = FinishWrapUp(
        call_id=call_id,
        disposition=disposition,
        note=note,
        promises=kept,
        draft=draft,
        actor=actor_of(user),
    )
    await deps_of(request).switchboard.finish_wrap_up(command)
    return Response(status_code=_DONE)


def _promises(
    chosen: list[int], texts: list[str], dues: list[str], zone: tzinfo | None
) -> tuple[Promise, ...]:
    """Those that are ticked. Raises Invalid for a time that is none."""
    try:
        return tuple(
            Promise(texts[at], datetime.fromisoformat(dues[at]).replace(tzinfo=zone))
            for at in chosen
            if texts[at].strip()
        )
    except (IndexError, ValueError):
        raise Invalid(RefusalCode.PROMISE_DUE, "a promise needs a day and a time") from None


@router.post("/call/{call_id}/guide/{tree}/{action}")
async def guide(
    request: Request, user: AgentUser, call_id: str, tree: str, action: str, key: Key = ""
) -> Response:  # fmt: skip
    """One answer of the guided steps, or their end."""
    command = StepGuide(call_id=call_id, tree=tree, action=action, actor=actor_of(user))
    return await _execute(request, command, key)


@router.post("/call/{call_id}/form/{form}")
async def form(
    request: Request, user: AgentUser, call_id: str, form: str, key: Key = ""
) -> Response:
    """A complaint or a service, filled in while the caller speaks."""
    given = await request.form()
    values = {name: str(value)[:_LONGEST_FIELD] for name, value in given.items()}
    grid = values.get("grid_id", "")
    command = FileForm(
        call_id=call_id, form=form, values=values, grid_id=id_or_none(grid), actor=actor_of(user)
    )
    return await _execute(request, command, key)


@router.post("/card/{utterance_id}/{fate}")
async def settle_card(
    request: Request, user: AgentUser, utterance_id: UtteranceKey, fate: str, key: Key = ""
) -> Response:  # fmt: skip
    """Done with a card, put it away, or bring it back."""
    return await _execute(
        request, SettleCard(utterance_id=utterance_id, fate=fate, actor=actor_of(user)), key
    )


@router.post("/mode")
async def mode(request: Request, user: AgentUser, mode: Annotated[str, Form()]) -> Response:
    return await _execute(request, ChooseMode(mode=mode, actor=actor_of(user)))


@router.post("/disclosure/{disclosure_id}/tick")
async def tick(
    request: Request, user: AgentUser, disclosure_id: DisclosureKey, key: Key = ""
) -> Response:  # fmt: skip
    """It was said, though it was not heard."""
    command = TickDisclosure(disclosure_id=disclosure_id, actor=actor_of(user))
    return await _execute(request, command, key)


@router.post("/call/{call_id}/{button}")
async def call_button(
    request: Request, user: AgentUser, reads: QueueReads, call_id: str, button: str
) -> Response:
    """Hold, resume, hang up."""
    event = _BUTTONS.get(button)
    if event is None:
        raise Invalid(RefusalCode.CALL_PHASE, f"no such button {button!r}")
    deps = deps_of(request)
    mine = await asyncio.to_thread(reads.current_call, user_id_of(user))
    if mine != call_id:
        raise Invalid(RefusalCode.NOT_YOURS, "this call belongs to another agent")
    await deps.switchboard.advance(call_id, event, actor_of(user))
    return Response(status_code=_DONE)


@router.post("/case/{case_id}/{action}")
async def case_action(
    request: Request, user: AgentUser, case_id: CaseKey, action: str, key: Key, value: Text = ""
) -> Response:
    command = StepCase(case_id=case_id, action=action, value=value, actor=actor_of(user))
    return await _execute(request, command, key)


@router.post("/utterance/{utterance_id}/correct")
async def correct(
    request: Request, user: AgentUser, utterance_id: UtteranceKey, key: Key, wanted: Text = "",
    wanted_faq: Text = "",
) -> Response:  # fmt: skip
    """不是这个: the card follows at once, the utterance goes to the supervisor's queue."""
    command = CorrectUtterance(
        utterance_id=utterance_id, wanted=wanted, wanted_faq=wanted_faq, actor=actor_of(user)
    )
    return await _execute(request, command, key)


@router.post("/simulate")
async def simulate(request: Request, user: AgentUser, scenario: Annotated[str, Form()]) -> Response:
    """The demo's button: a simulated caller, and the agent's own phone."""
    deps = deps_of(request)
    if deps.simulator is None:
        return Response(status_code=404)
    await asyncio.to_thread(deps.simulator.ring, scenario, user.line)
    return Response(status_code=_DONE)
