"""The outbox: short messages leave one by one; a gateway that fails is tried again later."""

import asyncio
import logging

from app.domain.ids import ShortMessageId
from app.service.bus import CommandBus
from app.service.households.commands import SettleMessage
from app.service.ports import Clock, MessageGateway, UnitOfWorkFactory

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
_AT_ONCE = 20


class Outbox:
    """Runs on the event loop; sending blocks in a thread."""

    def __init__(
        self,
        desk: CommandBus,
        unit_of_work: UnitOfWorkFactory,
        gateway: MessageGateway,
        clock: Clock,
    ) -> None:
        self._desk, self._unit_of_work = desk, unit_of_work
        self._gateway, self._clock = gateway, clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.send_due)
            except Exception:
                log.exception("the outbox failed")
            await asyncio.sleep(LOOK_EVERY_S)

    def send_due(self) -> int:
        """Blocking. How many were tried."""
        with self._unit_of_work() as uow:
            due = uow.messages_due(self._clock.now(), _AT_ONCE)
            waiting = [(message.id, message.phone, message.text) for message in due]
        for key, phone, text in waiting:
            assert key is not None  # noqa: S101  stored
            self._desk.execute(SettleMessage(ShortMessageId(key), self._try(phone, text)))
        return len(waiting)

    def _try(self, phone: str, text: str) -> str:
        try:
            self._gateway.send(phone, text)
        except (OSError, ValueError) as error:
            return str(error)
        return ""
