"""What may have come of a call, as the agent says in the wrap-up."""

from typing import Final

DISPOSITIONS: Final = (
    "kept", "proceeded", "second_stage", "fault_ticket", "answered", "registered", "complaint",
    "other",
)  # fmt: skip
