"""Start one bridge from the settings."""

import logging
import os
import sys
from pathlib import Path

from app.bridge.voice_bridge import BridgeSettings, VoiceBridge
from app.memory import keep_out_what_is_loaded, share_pools
from app.settings import ROOT, Settings, split_address
from app.telephony.sip_account import parse_account
from app.telephony.sip_stack import SipEndpoint

log = logging.getLogger(__name__)

#: A short switch interval keeps the media thread on time while SIP is busy.
SWITCH_INTERVAL_S = 0.0005
#: As FreeSWITCH and Asterisk do where they may: a voice that is late is lost, all else can wait.
PRIORITY = -10


def bridge_settings(settings: Settings, index: int) -> BridgeSettings:
    """The share of the ``index``-th of HOLDLINE_BRIDGES: SIP ports 10 apart, RTP ports split."""
    host, port = split_address(settings.sip)
    account = parse_account(settings.extension) if settings.extension else None
    numbers = settings.numbers | ({account.user} if account is not None else set())
    first, last = settings.rtp_range
    share = (last - first + 1) // settings.bridges
    low = first + index * share
    return BridgeSettings(
        name=f"bridge-{index + 1}",
        sip=SipEndpoint(host, port + 10 * index, settings.public_address),
        rtp_address=host, rtp_ports=(low, low + share - 1), home=Path(settings.home),
        sounds=ROOT / "static" / "sounds", link_url=settings.link_url, secret=settings.secret(),
        numbers=numbers, proxy=settings.proxy, account=account,
    )  # fmt: skip


def _go_first() -> None:
    """Before whatever else this machine does, where the system allows it (root, or LimitNICE)."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    except OSError:
        log.info("the bridge runs at ordinary priority: raising it is not allowed here")


def run_bridge(settings: Settings, index: int) -> None:
    """Serve until told to stop."""
    share_pools()
    _go_first()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    bridge = VoiceBridge(bridge_settings(settings, index))
    keep_out_what_is_loaded()
    bridge.run()
