"""Where the demo may be, and when somebody answers in it."""

from app.settings import Settings, split_address

_ALWAYS = "00:00-24:00"


def demo_fault(settings: Settings) -> str:
    """Why the demo must not run on this address, and what to do; empty where it may."""
    host = split_address(settings.http)[0].strip("[]")
    local = host == "localhost" or host.startswith("127.") or host == "::1"
    if local or not settings.demo or settings.demo_open:
        return ""
    return (
        f"HOLDLINE_HTTP={settings.http} can be reached by others, and the demo's log-ins have a"
        " password that everybody knows: set HOLDLINE_DEMO=false and add your own people with"
        " holdline user add; or keep HOLDLINE_HTTP=127.0.0.1:8000; or, for a show without any"
        " real data, say HOLDLINE_DEMO_OPEN=true"
    )


def answering_hours(settings: Settings) -> str:
    """When people answer: as set, and in a demo that nobody set them for, always."""
    is_set = "hours" in settings.model_fields_set
    return settings.hours if is_set or not settings.demo else _ALWAYS
