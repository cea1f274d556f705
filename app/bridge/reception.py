"""A new INVITE: it becomes a call, or is refused with the code that says why."""

from app.bridge.call_leg import parsed
from app.bridge.parties import Parties
from app.bridge.voice_call import BridgeServices, VoiceCall
from app.telephony.sip_dialog import Dialog, Invitation


def receive(bridge: BridgeServices, dialog: Dialog, invitation: Invitation) -> None:
    """404 for a number that is not ours, 488 without audio that we speak, 503 without a port."""
    offer = parsed(invitation.sdp)
    if invitation.called not in bridge.numbers:
        return dialog.reject(404, "Not Found")
    if offer is None:
        return dialog.reject(488, "Not Acceptable Here")
    parties = Parties(
        caller=invitation.caller, called=invitation.called, name=invitation.display_name,
        sip_call_id=invitation.sip_call_id,
    )  # fmt: skip
    try:
        return VoiceCall(bridge, parties).invited(dialog, offer)
    except OSError:
        return dialog.reject(503, "Service Unavailable")
