"""All configuration: HOLDLINE_* from the environment or ``.env``, read once, frozen."""

import re
import secrets
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.language.understanding.bands import ACT_FROM, ANSWER_FROM, CLARIFY_FROM

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_MODEL = ROOT / "app" / "models" / "vosk-cn-catv"


def split_address(text: str) -> tuple[str, int]:
    """Host and port of ``host:port``. Raises ValueError with what was expected."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"expected host:port such as 127.0.0.1:5060, got {text!r}")
    return host, int(port)


class Settings(BaseSettings):
    """See the table in README.md; every field is ``HOLDLINE_`` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="HOLDLINE_", env_file=".env", frozen=True, extra="ignore"
    )

    home: Path = ROOT / "var"
    http: str = "127.0.0.1:8000"
    sip: str = "127.0.0.1:5060"
    rtp_ports: str = "40000-41999"
    public_ip: str = ""
    outbound_proxy: str = ""
    bridges: int = Field(default=1, ge=1, le=64)
    brain: str = ""
    database_url: str = ""
    redis_url: str = ""
    speech_model: Path = EMBEDDED_MODEL
    speech_server: str = ""
    voice: Path | None = None
    voice_speaker: int = Field(default=0, ge=0)
    sms_url: str = ""
    trunk: str = ""
    extension: str = ""
    crm: Path | None = None
    robot: bool = True
    overload: int = Field(default=0, ge=0)
    on_duty: str = ""
    holidays: str = ""
    secret_file: Path | None = None
    demo: bool = True
    tz: str = "Asia/Shanghai"
    hotline: str = "hotline,96396"
    hours: str = "08:00-22:00"
    queue_seconds: int = Field(default=45, ge=5)
    ring_seconds: int = Field(default=20, ge=3)
    act_from: float = Field(default=ACT_FROM, ge=0, le=1)
    clarify_from: float = Field(default=CLARIFY_FROM, ge=0, le=1)
    answer_from: float = Field(default=ANSWER_FROM, ge=0, le=1)

    @field_validator("http", "sip", "outbound_proxy", "trunk")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @field_validator("speech_server")
    @classmethod
    def _server(cls, value: str) -> str:
        if value and not value.startswith(("ws://", "wss://")):
            raise ValueError(f"expected ws://host:2700, got {value!r}")
        return value

    @field_validator("extension")
    @classmethod
    def _account(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@:\s]+:.+@[^@:\s]+(:\d{1,5})?", value):
            raise ValueError(
                "expected user:password@host:port, such as 8001:secret@192.168.1.5:5060"
            )
        return value

    @field_validator("holidays")
    @classmethod
    def _days(cls, value: str) -> str:
        for day in filter(None, value.replace(" ", "").split(",")):
            try:
                date.fromisoformat(day)
            except ValueError:
                raise ValueError(f"expected days such as 2027-02-06, got {day!r}") from None
        return value

    @field_validator("tz")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"unknown time zone {value!r}, expected one such as Asia/Shanghai"
            ) from None
        return value

    @property
    def adapted_model(self) -> Path:
        """Where ``holdline model adapt`` puts the embedded model with the operator's words."""
        return self.home / "models" / "adapted"

    @property
    def database(self) -> str:
        """The database URL, SQLite in HOLDLINE_HOME by default."""
        url = self.database_url or f"sqlite:///{self.home}/holdline.db"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def rtp_range(self) -> tuple[int, int]:
        first, _, last = self.rtp_ports.partition("-")
        if not (first.isdigit() and last.isdigit() and 1024 <= int(first) < int(last) < 65536):
            raise ValueError(f"HOLDLINE_RTP_PORTS: expected 40000-41999, got {self.rtp_ports!r}")
        return int(first), int(last)

    @property
    def numbers(self) -> frozenset[str]:
        """Called numbers that reach the hotline."""
        return frozenset(n.strip() for n in self.hotline.split(",") if n.strip())

    @property
    def free_days(self) -> frozenset[date]:
        """Days on which nobody answers."""
        days = self.holidays.replace(" ", "").split(",")
        return frozenset(date.fromisoformat(day) for day in days if day)

    @property
    def proxy(self) -> tuple[str, int] | None:
        return split_address(self.outbound_proxy) if self.outbound_proxy else None

    @property
    def public_address(self) -> str:
        """The address that peers are told in SIP and SDP."""
        host = split_address(self.sip)[0]
        if self.public_ip:
            return self.public_ip
        return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104

    @property
    def link_url(self) -> str:
        """Where a bridge finds the brain."""
        return f"ws://{self.brain or self.http}/link"

    def secret(self) -> str:
        """The link's secret, made on first use. Raises OSError where it cannot be kept."""
        path = self.secret_file or self.home / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32), encoding="ascii")
        return path.read_text(encoding="ascii").strip()
