"""The outbox: short messages leave one by one; a gateway that fails is tried again later."""

import asyncio
import logging

from app.service.away import StorageAway
from app.service.bus import CommandBus
from app.service.households.commands import ClaimMessage, SettleMessage
from app.service.ports import Clock, MessageGateway, ReadSessionFactory

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
_AT_ONCE = 20


class Outbox:
    """Runs on the event loop; sending blocks in a thread."""

    def __init__(
        self,
        bus: CommandBus,
        reads: ReadSessionFactory,
        gateway: MessageGateway,
        clock: Clock,
    ) -> None:
        self._bus, self._reads = bus, reads
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
            except StorageAway:
                log.debug("nothing can be read now: short messages wait")
            except Exception:
                log.exception("the outbox failed")
            await asyncio.sleep(LOOK_EVERY_S)

    def send_due(self) -> int:
        """Blocking. How many were tried."""
        tried = 0
        while tried < _AT_ONCE and self._is_due():
            message = self._bus.execute(ClaimMessage())
            if message is None:
                break
            self._bus.execute(
                SettleMessage(message_id=message.id, error=self._try(message.phone, message.text))
            )
            tried += 1
        return tried

    def _is_due(self) -> bool:
        """Asked often and mostly in vain: it takes no lock."""
        with self._reads() as reads:
            return reads.is_message_due(self._clock.now())

    def _try(self, phone: str, text: str) -> str:
        try:
            self._gateway.send(phone, text)
        except (OSError, ValueError) as error:
            return str(error)
        return ""
