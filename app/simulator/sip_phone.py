"""The SIP side of a simulated telephone: one dialog, in or out, and no sound."""

import threading
from abc import ABC, abstractmethod
from typing import Any

from app.telephony.sip_dialog import Invitation, SipDialog
from app.telephony.sip_stack import SipStack


class SipPhone(ABC):
    """``answered`` and ``ended`` are set by what comes; ``end_code`` is the SIP code of the end.

    Verbs may be called from any thread but the SIP thread; events come on the SIP thread.
    """

    def __init__(self, stack: SipStack) -> None:
        self._stack = stack
        self.answered, self.ended = threading.Event(), threading.Event()
        self.end_code = 0
        self._dialog: SipDialog | None = None

    def _invite(self, uri: str, number: str, offer: str) -> None:
        """Call somebody as ``number``."""

        def go() -> None:
            self._dialog = SipDialog(self._stack, self)
            self._dialog.dial(uri, number, number, offer)

        self._stack.call(go)

    def take(self, request: Any, transaction: Any) -> Any:
        """Take an incoming INVITE (SIP thread)."""
        self._dialog = SipDialog(self._stack, self)
        return self._dialog.accept(request, transaction, self.on_invited)

    def hang_up(self) -> None:
        """BYE or CANCEL; ``ended`` is set when it has been sent."""

        def go() -> None:
            if self._dialog is not None and not self.ended.is_set():
                self._dialog.hang_up()
            self._close()

        self._stack.call(go)

    def on_ringing(self, dialog: SipDialog, code: int) -> None: ...
    def on_digit(self, dialog: SipDialog, digit: str) -> None: ...

    def on_ended(self, dialog: SipDialog, code: int, reason: str) -> None:
        self.end_code = code
        self._close()

    @abstractmethod
    def on_invited(self, dialog: SipDialog, invitation: Invitation) -> None:
        """Somebody rings this telephone: answer, or refuse."""

    @abstractmethod
    def on_answered(self, dialog: SipDialog, sdp: str | None) -> None: ...

    @abstractmethod
    def on_updated(self, dialog: SipDialog, sdp: str | None) -> None: ...

    @abstractmethod
    def _close(self) -> None:
        """Let go of what sounds, and set ``ended``; may be called twice."""
