"""What the robot does for a caller once all is said, in the transaction of that turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.domain.callbacks.callback import draft_of
from app.domain.field.ticket import TicketKind, needs_address
from app.domain.people.actor import ROBOT
from app.domain.retention import case as case_machine
from app.domain.retention.case import REASONS
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
from app.service.retention.records import OfferTrial

_ANSWER_WITHIN = timedelta(hours=24)
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


def _stop(request: Request) -> Mapping[str, str]:
    """The wish is registered as it is: a case with its second stage, and a call-back."""
    call = request.call
    kind = call.intent.partition(".")[2] if call.intent.startswith("disconnect.") else "cancel"
    kind = kind if kind in _STOPS else "cancel"
    _write_case(request, kind)
    wants = "愿意了解优惠" if request.said("wants_offer") else "不要优惠"
    text = f"要停：{request.said('why') or request.said('what')}；{wants}"
    call.intent = call.intent or f"disconnect.{kind}"
    callback_list.note(request.uow, request.context, call, "robot", text)
    return _ticket(request, TicketKind.RETENTION, text)


def _nothing(_: Request) -> Mapping[str, str]:
    return {}


_DEEDS: dict[Deed, Callable[[Request], Mapping[str, str]]] = {
    Deed.FAULT: _fault, Deed.SERVICE: _service, Deed.COMPLAINT: _complaint, Deed.STOP: _stop,
    Deed.NONE: _nothing,
}  # fmt: skip


def _ticket(request: Request, kind: TicketKind, story: str) -> Mapping[str, str]:
    """A ticket in the robot's name. Where somebody has to go and nobody knows where to, it is
    drafted with a call-back instead: whoever rings completes and opens it."""
    call, when = request.call, request.said("when")
    brief = "；".join(filter(None, (
        request.said("what"), story, f"方便时间：{when}" if when else "",
    )))  # fmt: skip
    if needs_address(kind) and not request.said("address") and call.customer_id is None:
        return _call_back(request, kind, brief)
    grid_id = None
    if call.customer_id is None:
        grid_id, sure = _grid_of(request.uow, request.said("address"))
        brief = brief if sure else f"{brief}；{_UNKNOWN_GRID}"
    wanted = OpenTicket(
        call_id=call.id, kind=kind, address=request.said("address"), phone=request.said("phone"),
        promise=when, brief=brief, grid_id=grid_id, actor=ROBOT,
    )  # fmt: skip
    key = tickets.open_ticket(wanted, request.uow, request.context)
    number = require(request.uow, FieldTicket, key).number
    return {"number": spoken(number.rpartition("-")[2]), "promise": when}


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


def _write_case(request: Request, kind: str) -> None:
    """The case with the reason and the offer that the robot made: nobody makes it again. What is
    heard binds nobody: a yes stays "shown" until a person confirms it."""
    uow, context, call = request.uow, request.context, request.call
    case = cases.case_of(uow, call.id) or cases.open_new(uow, context, call, kind)
    if not case.reason:
        said = request.said("reason")
        reason = said if said in REASONS else "other"
        cases.attempt(case, case_machine.ReasonGiven(reason), context)
    offer = request.said("offer")
    state = cases.attempt(case, case_machine.OfferShown(offer), context) if offer else None
    if state is not None:
        if not request.said("wants_offer"):
            state = cases.keep(case, case_machine.OfferDeclined(), context)
        assert case.id is not None  # noqa: S101  flushed
        outcome, now = state.trials[-1].outcome, context.clock.now()
        uow.add(
            OfferTrial(
                case_id=case.id,
                offer=offer,
                shown_at=now,
                outcome=outcome,
                customer_id=call.customer_id,
            )
        )
    uow.notify(Notice(NoticeKind.CARD, call.id, call.agent_id or 0, case=case.phase))
