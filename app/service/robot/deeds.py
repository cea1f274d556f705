"""What the robot does for a caller once all is said, in the transaction of that turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.domain.callbacks.callback import TicketDraft, draft_of
from app.domain.field.ticket import TicketKind, needs_address
from app.domain.people.actor import ROBOT
from app.domain.retention import case as case_machine
from app.domain.retention.case import REASONS, CasePhase
from app.domain.robot.vocabulary import Deed
from app.language.texts.spoken_texts import spoken
from app.service.callbacks import callback_list
from app.service.calls.records import Call
from app.service.context import Context
from app.service.field import tickets
from app.service.field.commands import OpenTicket
from app.service.field.records import FieldTicket, Grid
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import cases
from app.service.retention.records import OfferTrial, RetentionCase

_ANSWER_WITHIN = timedelta(hours=24)
#: Danger does not wait for the ordinary clock of a repair.
_MADE_SAFE_WITHIN = timedelta(hours=1)
_UNKNOWN_ADDRESS = "地址待核实"
#: A ticket needs a number to ring; who withholds it is looked for at the address.
_NO_PHONE = "未显示号码"
_URGENT = "【紧急】安全隐患"
_UNKNOWN_GRID = "网格待定"
_STOPS = ("suspend", "cancel", "switch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be done for whom; ``values``: all that was said, by the names of the dialog."""

    uow: UnitOfWork
    context: Context
    call: Call
    values: Mapping[str, str]

    def said(self, name: str) -> str:
        return self.values.get(name, "")


def do(deed: Deed, request: Request) -> Mapping[str, str]:
    """What the dialog says afterwards: ``number`` of the ticket, and the ``promise``. There is no
    number where somebody has to ring back first."""
    return _DEEDS[deed](request)


def _fault(request: Request) -> Mapping[str, str]:
    return _ticket(request, TicketKind.FAULT, request.said("story"))


def _service(request: Request) -> Mapping[str, str]:
    return _ticket(request, TicketKind.SERVICE, request.said("story"))


def _complaint(request: Request) -> Mapping[str, str]:
    """Recorded, and somebody rings back in a day."""
    uow, context, call = request.uow, request.context, request.call
    call.intent = call.intent or "complaint.complaint"
    due = context.clock.now() + _ANSWER_WITHIN
    callback_list.note(uow, context, call, "robot", request.said("story"), due)
    return _ticket(request, TicketKind.COMPLAINT, request.said("story"))


def _kind_of(request: Request) -> str:
    """Which kind of stop: as it was said to the robot, or heard before it, else the final one."""
    family, _, heard = request.call.intent.partition(".")
    said = request.said("kind") or (heard if family == "disconnect" else "")
    return said if said in _STOPS else "cancel"


def _stop(request: Request) -> Mapping[str, str]:
    """The wish is registered as it is: a case with its second stage, and a call-back."""
    call, kind = request.call, _kind_of(request)
    case = _write_case(request, kind)
    if request.said("offer"):
        _decline(request, case)
    offered = "不要优惠" if request.said("offer") else ""
    text = _joined(
        f"要停：{request.said('why') or request.said('what')}", offered, _doubts(request)
    )
    call.intent = call.intent or f"disconnect.{kind}"
    callback_list.note(request.uow, request.context, call, "robot", text)
    return _ticket(request, TicketKind.RETENTION, text)


def _offer(request: Request) -> Mapping[str, str]:
    """An offer that was accepted, or is still open: nothing is stopped, a person settles it."""
    call, kind = request.call, _kind_of(request)
    _write_case(request, kind)
    wants = "愿意了解优惠" if request.said("wants_offer") == "yes" else "还没决定"
    code, why = request.said("offer"), request.said("why") or request.said("what")
    condition = request.said("condition")
    text = _joined(
        f"想停：{why}", f"{wants}：{code}", f"客户提出：{condition}" if condition else ""
    )
    call.intent = call.intent or f"disconnect.{kind}"
    callback_list.note(request.uow, request.context, call, "robot", text, draft=_by_phone(request))
    return {}


def _kept(request: Request) -> Mapping[str, str]:
    """The caller stays: the case is kept, the offer neither accepted nor declined."""
    case = _write_case(request, _kind_of(request))
    cases.attempt(case, case_machine.StayedAnyway(), request.context)
    _show(request, case)
    return {}


def _callback(request: Request) -> Mapping[str, str]:
    """Somebody rings back, at the time that the caller named."""
    when = request.said("call_time")
    text = _joined("请回电", request.said("what"), f"方便时间：{when}" if when else "")
    _note(request, text)
    return {"promise": when}


def _withdraw(request: Request) -> Mapping[str, str]:
    """What was asked for earlier is taken back by a person, who rings to confirm it."""
    _note(request, _joined("撤回或更改", request.said("what")))
    return {}


def _note(request: Request, text: str) -> None:
    callback_list.note(request.uow, request.context, request.call, "robot", text,
                       draft=_by_phone(request))  # fmt: skip


def _by_phone(request: Request) -> TicketDraft | None:
    """Who withholds the number, or named another one, is rung there."""
    phone = request.said("phone")
    if not phone or phone == request.call.party_number:
        return None
    return TicketDraft("service", "", phone, request.said("call_time"), request.said("what"))


def _danger(request: Request) -> Mapping[str, str]:
    """An urgent ticket at once, whatever is still missing; it is due within the hour."""
    call = request.call
    call.intent = call.intent or "fault.danger"
    grid_id = None
    if call.customer_id is None:
        grid_id, _ = _grid_of(request.uow, request.said("address"))
    own = call.customer_id is not None
    phone = request.said("phone") or call.party_number or _NO_PHONE
    wanted = OpenTicket(
        call_id=call.id, kind=TicketKind.FAULT, phone=phone,
        address=request.said("address") or ("" if own else _UNKNOWN_ADDRESS),
        brief=_joined(_URGENT, request.said("what")), grid_id=grid_id, actor=ROBOT,
    )  # fmt: skip
    key = tickets.open_ticket(wanted, request.uow, request.context)
    ticket = require(request.uow, FieldTicket, key)
    ticket.due_at = request.context.clock.now() + _MADE_SAFE_WITHIN
    _note(request, _joined(_URGENT, request.said("what")))
    return {"number": spoken(ticket.number.rpartition("-")[2])}


def _joined(*parts: str) -> str:
    return "；".join(filter(None, parts))


def _doubts(request: Request) -> str:
    """What was read back and never confirmed is checked by whoever rings."""
    return "请核对电话和地址" if request.said("unconfirmed") else ""


def _nothing(_: Request) -> Mapping[str, str]:
    return {}


_DEEDS: dict[Deed, Callable[[Request], Mapping[str, str]]] = {
    Deed.FAULT: _fault, Deed.SERVICE: _service, Deed.COMPLAINT: _complaint, Deed.STOP: _stop,
    Deed.OFFER: _offer, Deed.KEPT: _kept, Deed.CALLBACK: _callback, Deed.DANGER: _danger,
    Deed.WITHDRAW: _withdraw, Deed.NONE: _nothing,
}  # fmt: skip


def _ticket(request: Request, kind: TicketKind, story: str) -> Mapping[str, str]:
    """A ticket in the robot's name. Where somebody has to go and nobody knows where to, it is
    drafted with a call-back instead: whoever rings completes and opens it."""
    call, when = request.call, request.said("when")
    brief = "；".join(filter(None, (
        request.said("what"), story, _moves_to(request), f"方便时间：{when}" if when else "",
        _doubts(request),
    )))  # fmt: skip
    address = request.said("address")
    if call.customer_id is None:
        address = address or request.said("new_address")
    if needs_address(kind) and not address and call.customer_id is None:
        return _call_back(request, kind, brief)
    grid_id = None
    if call.customer_id is None:
        grid_id, sure = _grid_of(request.uow, address)
        brief = brief if sure else f"{brief}；{_UNKNOWN_GRID}"
    wanted = OpenTicket(
        call_id=call.id, kind=kind, address=address, phone=request.said("phone"),
        promise=when, brief=brief, grid_id=grid_id, actor=ROBOT,
    )  # fmt: skip
    key = tickets.open_ticket(wanted, request.uow, request.context)
    number = require(request.uow, FieldTicket, key).number
    return {"number": spoken(number.rpartition("-")[2]), "promise": when}


def _moves_to(request: Request) -> str:
    """A relocation keeps the present address beside the new one."""
    new = request.said("new_address")
    return f"新地址：{new}" if new else ""


def _call_back(request: Request, kind: TicketKind, brief: str) -> Mapping[str, str]:
    call = request.call
    draft = draft_of(call.intent or kind, request.values, brief)
    callback_list.note(request.uow, request.context, call, "robot", "", draft=draft)
    return {"promise": request.said("when")}


def _grid_of(uow: UnitOfWork, address: str) -> tuple[int, bool]:
    """The grid whose estates an address names, else the first one."""
    grids = uow.find(Grid)
    found = uow.grid_of_address(address) if address else None
    return (found, True) if found is not None else (grids[0].id or 0, False)


def _write_case(request: Request, kind: str) -> RetentionCase:
    """The open case of this call with the reason and the offer that the robot made: nobody makes
    it again. What is heard binds nobody: a yes stays "shown" until a person confirms it."""
    uow, context, call = request.uow, request.context, request.call
    case = cases.case_of(uow, call.id)
    if case is None or CasePhase(case.phase) not in case_machine.OPEN:
        case = cases.open_new(uow, context, call, kind)
    if case.kind != kind:
        cases.attempt(case, case_machine.KindHeard(kind), context)
    if not case.reason:
        said = request.said("reason")
        reason = said if said in REASONS else "other"
        cases.attempt(case, case_machine.ReasonGiven(reason), context)
    if request.said("offer"):
        cases.attempt(case, case_machine.OfferShown(request.said("offer")), context)
        _show(request, case)
    uow.notify(Notice(NoticeKind.CARD, call.id, call.agent_id or 0, case=case.phase))
    return case


def _show(request: Request, case: RetentionCase) -> None:
    """The offer as it stands in the case, beside it for the statistics of offers."""
    trials = case.state.trials
    if not trials:
        return
    assert case.id is not None  # noqa: S101  flushed
    rows = request.uow.find(OfferTrial, case_id=case.id, offer=trials[-1].offer)
    if rows:
        rows[0].outcome = trials[-1].outcome
        return
    request.uow.add(
        OfferTrial(
            case_id=case.id,
            offer=trials[-1].offer,
            shown_at=request.context.clock.now(),
            outcome=trials[-1].outcome,
            customer_id=request.call.customer_id,
        )
    )


def _decline(request: Request, case: RetentionCase) -> None:
    cases.attempt(case, case_machine.OfferDeclined(), request.context)
    _show(request, case)
