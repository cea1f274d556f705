"""Start and prepare: serve, web, bridge, migrate, demo."""

import argparse
import os
import socket

from app.bootstrap.demo_rules import demo_fault
from app.domain.refusal import Invalid
from app.process_log import set_up_logging
from app.processes import Processes
from app.settings import ROOT, Settings
from app.verbs import VerbError

DEMO_PASSWORD = "demo1234"  # noqa: S105  printed at the start; the demo holds nobody's data


def _free(address: str, kind: socket.SocketKind, setting: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise VerbError(
                f"{setting}={address} cannot be used ({error.strerror}): stop what uses it, or set"
                f" another address"
            ) from None


def serve(_: argparse.Namespace, settings: Settings) -> int:
    """Check what can be checked before the start, then start everything.

    Nothing heavy is loaded here: the brain's start is what the operator waits for.
    """
    set_up_logging()
    fault = demo_fault(settings)
    if fault:
        raise VerbError(fault)
    _free(settings.http, socket.SOCK_STREAM, "HOLDLINE_HTTP")
    _free(settings.sip, socket.SOCK_DGRAM, "HOLDLINE_SIP")
    settings.secret()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = Processes(settings.bridges, environment, f"http://{settings.http}/readyz")
    return processes.run(_greeting(settings))


def _greeting(settings: Settings) -> str:
    number = min(settings.numbers)
    lines = [
        "", f"Holdline 守线 is ready:  http://{settings.http}",
        f"ring the hotline:        sip:hotline@{settings.sip}   (also {number})",
        '                         scripts/ring --say "你好我想把电视停掉太贵了"',
    ]  # fmt: skip
    if settings.demo:
        lines.append(f"demo users:              1001-1006 (agents), super, manager, admin,"
                     f" tech1-tech6; password {DEMO_PASSWORD}")  # fmt: skip
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])


def web(_: argparse.Namespace, settings: Settings) -> int:
    """The brain; in the demo it fills an empty database first."""
    # heavy, and serve must not wait for it
    from app.bootstrap.store import StartError  # noqa: PLC0415
    from app.bootstrap.web import run_web  # noqa: PLC0415

    set_up_logging()
    try:
        run_web(settings)
    except StartError as error:
        raise VerbError(str(error)) from None
    return 0


def bridge(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run one voice process until it is told to stop."""
    # sippy takes the main thread of whatever process loads it.
    from app.bridge.start import run_bridge  # noqa: PLC0415
    from app.telephony.sip_account import SipAccountError  # noqa: PLC0415

    set_up_logging()
    try:
        run_bridge(settings, chosen.index)
    except (SipAccountError, Invalid) as error:
        raise VerbError(str(error)) from None
    return 0


def migrate(_: argparse.Namespace, settings: Settings) -> int:
    """Bring the database to the current schema."""
    from app.bootstrap import store  # noqa: PLC0415  heavy, and serve must not wait for it

    store.open_store(settings).engine.dispose()
    return 0


def demo(_: argparse.Namespace, settings: Settings) -> int:
    """Load the demo into an empty database."""
    from app.bootstrap import demo, store  # noqa: PLC0415  heavy, and serve must not wait for it

    opened = store.open_store(settings)
    loaded = demo.load_demo(opened)
    opened.engine.dispose()
    why = "the database has users or real customers already: nothing was changed"
    print("demo loaded" if loaded else why)
    return 0
