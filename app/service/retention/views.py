"""What screens show of forms: complaints and services, filled in while the caller speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language.understanding.redact import redact
from app.service.calls.card_shapes import Card
from app.service.calls.queries import CallView
from app.service.ports import Content


@dataclass(frozen=True, slots=True)
class FormField:
    """``name`` by language; ``kind``: text, tel, date, area or choice; ``value``: known already."""

    key: str
    name: Mapping[str, str]
    kind: str
    required: bool
    options: tuple[str, ...]
    value: str

    @property
    def wide(self) -> bool:
        return self.kind == "area" or "address" in self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form as far as it is known; ``filed``: the number of the ticket that it has become."""

    code: str
    name: Mapping[str, str]
    promise: str
    fields: tuple[FormField, ...]
    needs_grid: bool
    filed: str = ""


def build_form(card: Card, view: CallView, content: Content) -> FormView | None:
    """The form that a card brings, with what the call and the customer have to say to it."""
    if not card.form:
        return None
    form = content.scripts["forms"][card.form]
    known = _known(card, view)
    filed = [ticket.number for ticket in view.tickets if ticket.kind == form["ticket"]]
    return FormView(
        code=card.form, name=form["name"], promise=str(form.get("promise", "")),
        fields=tuple(_field(key, field, known) for key, field in form["fields"].items()),
        needs_grid=view.customer is None, filed=filed[-1] if filed else "",
    )  # fmt: skip


def _known(card: Card, view: CallView) -> dict[str, str]:
    """What need not be asked; the address of an installation is a new one."""
    said = next((u.text for u in view.utterances if u.id == card.utterance_id), "")
    address = view.customer.customer.address if view.customer is not None else ""
    return {
        "phone": view.call.caller,
        "address": address if card.form != "install" else "",
        "what": redact(said),
    }


def _field(key: str, field: Mapping[str, Any], known: Mapping[str, str]) -> FormField:
    options = tuple(field.get("options") or ())
    kind = "choice" if options else str(field.get("type", "text"))
    # the caller's own words fill in only a field that has room for them
    value = "" if key == "what" and kind != "area" else known.get(key, "")
    return FormField(key, field["name"], kind, bool(field.get("required")), options, value)
