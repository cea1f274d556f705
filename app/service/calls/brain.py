"""What a live call needs of the process around it: the one port of its loop, ear and hearing."""

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Protocol

from app.domain.households.customer_row import CustomerRow
from app.domain.ids import UtteranceId
from app.language.understanding.understood import Situation, Understanding
from app.link import messages as link
from app.service.command import Command, R
from app.service.notices import Notice
from app.service.ports import Content, Recogniser
from app.service.second_pass import SecondPass


class HearingPort(Protocol):
    """What hearing needs. ``content``, ``local`` and ``recogniser`` are also called in the threads
    that hear."""

    @property
    def recogniser(self) -> Recogniser: ...
    @property
    def pool(self) -> Executor:
        """The threads that hear."""
        ...

    def renew_pool(self, stuck: Executor) -> None:
        """A thread never came back: others go on with fresh ones."""
        ...

    def content(self) -> Content: ...
    def local(self) -> datetime:
        """The operator's wall clock."""
        ...


class Brain(HearingPort, Protocol):
    """What hearing does not need is called on the event loop only."""

    @property
    def second_pass(self) -> SecondPass | None:
        """Who hears every final once more; None where nobody does."""
        ...

    def now(self) -> datetime:
        """The time now, aware UTC."""
        ...

    async def execute(self, command: Command[R]) -> R:
        """Raises Refused, or StorageAway where the command is to be given again."""
        ...

    def tell(self, notice: Notice) -> None: ...
    def order(self, bridge: str, order: link.Order) -> None: ...
    async def prompt_key(self, bridge: str, name: str) -> str:
        """The key of a prompt, after its audio was sent once on this connection."""
        ...

    async def speech_key(self, bridge: str, text: str, *, slow: bool) -> str:
        """The key of a sentence, made and sent where it was not yet. Raises where it cannot be."""
        ...

    async def customers(self, caller: str) -> Sequence[CustomerRow]:
        """What the operator's customer system has on a number."""
        ...

    async def compare(self, utterance_id: UtteranceId, heard: Understanding, at: Situation) -> None:
        """Let the version in shadow look at the same words."""
        ...

    def agent_freed(self) -> None: ...
    def closed(self, call_id: str) -> None: ...
