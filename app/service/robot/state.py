"""The state of a conversation as it is kept, also as versions before this one kept it."""

import re
from typing import Any

from app.domain.robot.vocabulary import DialogState
from app.service import state_codec

#: What stood among the values besides slots when both shared one mapping.
_VALUES = frozenset({"what", "why", "reason", "offer", "wants_offer"})
_MARK = re.compile("(.+)_(asked|ok|wrong)")


def dump_dialog(state: DialogState) -> str:
    return state_codec.dump(state)


def load_dialog(text: str) -> DialogState:
    """Raises StateError for what is no state of a conversation."""
    return state_codec.load(DialogState, text, older=_with_slots)


def _with_slots(data: dict[str, Any]) -> dict[str, Any]:
    """States without ``slots`` kept them in ``values``: NAME, NAME_asked, NAME_ok (``yes``), and
    NAME_wrong, a letter x for each denial."""
    if "slots" in data:
        return data
    slots: dict[str, dict[str, Any]] = {}
    for key, value in data["values"].items():
        if key in _VALUES:
            continue
        mark = _MARK.fullmatch(key)
        name, kind = mark.groups() if mark else (key, "value")
        of_kind = {
            "value": ("value", value), "asked": ("asked", True), "ok": ("confirmed", True),
            "wrong": ("denials", len(value)),
        }  # fmt: skip
        field, what = of_kind[kind]
        slots.setdefault(name, {})[field] = what
    values = {key: value for key, value in data["values"].items() if key in _VALUES}
    return {**data, "values": values, "slots": slots}
