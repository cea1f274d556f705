"""Ids of a call and of its legs."""

from typing import Final, NewType

#: 32 hexadecimal digits, made by whoever begins the call: the bridge, or the brain that rings up.
CallId = NewType("CallId", str)
#: A leg of one call, unique within it: up to 32 of ``a-z 0-9 _ -``.
LegId = NewType("LegId", str)

#: The leg that a call begins with: who rang the hotline, or whom it rang up.
CALLER: Final = LegId("caller")
#: The first agent's leg.
AGENT: Final = LegId("agent")
#: Not a leg but a track of the tape: what the hotline itself plays to the caller.
PROMPTS: Final = LegId("prompts")
