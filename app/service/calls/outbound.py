"""Calls that the hotline makes: ringing somebody back, and what an attempt in vain means."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from app.domain.calls.ids import CallId
from app.domain.calls.phone_number import PhoneNumber
from app.domain.ids import CallbackId
from app.domain.people.actor import SYSTEM
from app.domain.refusal import RefusalCode, Refused
from app.link import messages as link
from app.link.summary import CallBack
from app.service.away import StorageAway
from app.service.callbacks.commands import StepCallback
from app.service.calls.stored import StoredCalls
from app.service.ports import Line

log = logging.getLogger(__name__)

RING_UP_S = 45
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 2.0


class Outbound:
    """Runs on the event loop. ``trunk``: the line to the outside, empty for none."""

    def __init__(
        self, execute: Callable[[StepCallback], Awaitable[Any]],
        phone: Callable[[str], PhoneNumber | None], stored: StoredCalls, line: Line, trunk: str,
    ) -> None:  # fmt: skip
        self._execute, self._phone, self._stored = execute, phone, stored
        self._line, self.trunk = line, trunk

    async def ring_up(self, number: str, callback_id: int, user_id: int) -> None:
        """Ring somebody back: once they answer, the agent's phone rings too. Raises Refused."""
        bridges, phone = self._line.bridges, self._phone(number)
        if phone is None:
            raise Refused(
                RefusalCode.NO_NUMBER, f"{number!r} is no telephone number that can be dialled"
            )
        if not self.trunk or not bridges:
            raise Refused(
                RefusalCode.NO_TRUNK, "no line to the outside: set HOLDLINE_TRUNK, or dial by hand"
            )
        if not await asyncio.to_thread(self._stored.is_ready, user_id):
            raise Refused(
                RefusalCode.NOT_READY, "go ready first: your phone rings once the caller answers"
            )
        self._line.order(bridges[0], link.Originate(
            call=CallId(uuid.uuid4().hex), uri=f"sip:{phone}@{self.trunk}",
            number=str(phone),
            purpose=CallBack(callback_id=callback_id, agent_id=user_id), timeout_s=float(RING_UP_S),
        ))  # fmt: skip

    async def nobody_there(self, fact: link.Unanswered) -> None:
        """An attempt in vain counts by itself, once the storage is there."""
        purpose = fact.purpose
        who = SYSTEM.for_user(purpose.agent_id)
        step = StepCallback(
            callback_id=CallbackId(purpose.callback_id), event="no_answer", actor=who
        )
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self._execute(step)
            except StorageAway:
                await asyncio.sleep(wait_s)
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
                continue
            except Refused:
                log.debug("the attempt was noted already")
            return
