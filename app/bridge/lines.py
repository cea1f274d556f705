"""Which SIP a bridge speaks: its own (sippy), or as one extension of an existing PBX (pyVoIP)."""

from collections.abc import Callable
from typing import Any, Protocol

from app.telephony.sip_account import SipAccount
from app.telephony.sip_dialog import Dialog, DialogEvents, SipDialog
from app.telephony.sip_stack import SipEndpoint, SipStack

OnInvite = Callable[[Any, Any], Any]


class Line(Protocol):
    """Where calls come from. ``call`` crosses to the SIP thread, ``later`` stays on it."""

    @property
    def endpoint(self) -> SipEndpoint: ...
    def call(self, function: Callable[..., None], *args: object) -> None: ...
    def later(self, seconds: float, function: Callable[[], None]) -> None: ...
    def run(self, on_stop: Callable[[], None]) -> None: ...
    def dialog(self, owner: DialogEvents | None = None) -> Dialog: ...


class Trunk(SipStack):
    """Calls in and out, from anywhere."""

    def dialog(self, owner: DialogEvents | None = None) -> Dialog:
        return SipDialog(self, owner)


def open_line(endpoint: SipEndpoint, account: SipAccount | None, on_invite: OnInvite) -> Line:
    """Raises SipAccountError where the extension's library is not installed."""
    if account is None:
        return Trunk(endpoint, on_invite)
    from app.telephony.extension import ExtensionLine  # noqa: PLC0415  an optional library

    return ExtensionLine(endpoint, account, on_invite)
