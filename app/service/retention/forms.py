"""Forms of prompts/agent/forms.yaml: complaints and services become tickets."""

from collections.abc import Mapping
from typing import Any

from app.domain.ids import TicketId
from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.service.command import handles
from app.service.context import Context
from app.service.field import tickets
from app.service.field.commands import OpenTicket
from app.service.lookup import own_call
from app.service.ports import UnitOfWork
from app.service.retention.commands import FileForm

_LONGEST = 500


@handles(FileForm)
def file_form(command: FileForm, uow: UnitOfWork, context: Context) -> TicketId:
    """A ticket that says what was filled in.

    Raises NotFound for an unknown form, Invalid naming the field that is missing.
    """
    call = own_call(uow, command.call_id, command.actor)
    form = context.content.current().scripts["forms"].get(command.form)
    if form is None:
        raise NotFound(RefusalCode.FORM, f"no form {command.form!r}")
    values = _values(form, command.values)
    brief = "；".join([
        str(form["name"]["zh"]),
        *(f"{field['name']['zh']}：{values[key]}" for key, field in form["fields"].items()
          if values.get(key) and key not in ("address", "phone")),
    ])  # fmt: skip
    return tickets.open_ticket(
        OpenTicket(
            call_id=call.id, kind=str(form["ticket"]), address=values.get("address", ""),
            phone=values.get("phone", ""),
            promise=values.get("promise", "") or str(form.get("promise", "")),
            brief=brief, grid_id=command.grid_id, actor=command.actor,
        ), uow, context,
    )  # fmt: skip


def _values(form: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    values = {key: given.get(key, "").strip()[:_LONGEST] for key in form["fields"]}
    for key, field in form["fields"].items():
        options = field.get("options")
        if field.get("required") and not values[key]:
            raise Invalid(RefusalCode.FORM_FIELD, f"fill in {field['name']['zh']}")
        if options and values[key] and values[key] not in options:
            raise Invalid(
                RefusalCode.FORM_FIELD, f"{field['name']['zh']}: {values[key]!r} is not a choice"
            )
    return values
