"""All configuration: HOLDLINE_* from the environment or ``.env``, read once, frozen."""

import re
import secrets
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from app.language.understanding.bands import ACT_FROM, ANSWER_FROM, CLARIFY_FROM
from app.learning_settings import LearningSettings

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_MODEL = ROOT / "app" / "models" / "vosk-cn-catv"


def split_address(text: str) -> tuple[str, int]:
    """Host and port of ``host:port``. Raises ValueError with what was expected."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"expected host:port such as 127.0.0.1:5060, got {text!r}")
    return host, int(port)


class Settings(LearningSettings):
    """Every field is ``HOLDLINE_`` and its name in capitals. SETTINGS.md is made from them
    (``scripts/settings_doc``)."""

    model_config = SettingsConfigDict(
        env_prefix="HOLDLINE_", env_file=".env", frozen=True, extra="ignore"
    )

    home: Path = Field(
        default=ROOT / "var",
        description="Folder of the database, recordings, prompts and the secret.",
    )
    http: str = Field(
        default="127.0.0.1:8000",
        description="Address that serves the pages and the API, `host:port`.",
    )
    sip: str = Field(
        default="127.0.0.1:5060",
        description=(
            "Address that speaks SIP over UDP, `host:port`; further bridges use ports 10 apart."
        ),
    )
    rtp_ports: str = Field(
        default="40000-41999", description="UDP ports for audio, shared by all bridges."
    )
    public_ip: str = Field(
        default="",
        description=(
            "Address that peers are told in SIP and SDP, for a host behind NAT; empty: the one "
            "of `HOLDLINE_SIP`."
        ),
    )
    outbound_proxy: str = Field(
        default="",
        description=(
            "`host:port` of a SIP proxy for calls to agents' phones; empty: they are rung directly."
        ),
    )
    trunk: str = Field(
        default="",
        description=(
            "`host:port` of the SIP trunk to the outside, for call-backs from the screen; "
            "empty: the list shows a `tel:` link."
        ),
    )
    extension: str = Field(
        default="",
        description=(
            "`user:password@host:port` of an extension of your PBX; empty: the hotline is rung "
            "directly. Needs `holdline[pyvoip]`."
        ),
    )
    hotline: str = Field(
        default="hotline,96396",
        description="Called numbers that reach the hotline, separated by commas.",
    )
    bridges: int = Field(default=1, ge=1, le=64, description="Voice processes on this machine.")
    brain: str = Field(
        default="",
        description=(
            "`host:port` where a bridge on another machine finds the brain; empty: `HOLDLINE_HTTP`."
        ),
    )
    secret_file: Path | None = Field(
        default=None,
        description=(
            "File with the secret that bridge and brain share, made on first use; empty: "
            "`secret` in `HOLDLINE_HOME`."
        ),
    )
    database_url: str = Field(
        default="",
        description="`postgresql://user:password@host/name`; empty: SQLite in `HOLDLINE_HOME`.",
    )
    redis_url: str = Field(
        default="", description="`redis://…` keeps the live feed in Redis; empty: in memory."
    )
    demo: bool = Field(
        default=True, description="Load the demo into an empty database and offer simulated calls."
    )
    demo_open: bool = Field(
        default=False,
        description=(
            "Run the demo on an address that others reach too, though everybody knows its password."
        ),
    )
    disk_warn_mb: int = Field(
        default=1024,
        ge=0,
        description="MB free in `HOLDLINE_HOME` below which supervisors are warned; 0: never.",
    )
    area_code: str = Field(
        default="",
        pattern="^(0[1-9][0-9]{1,2})?$",
        description="Area code of your town with its 0, such as `0531`: completes local numbers.",
    )
    tz: str = Field(default="Asia/Shanghai", description="The operator's time zone.")
    hours: str = Field(
        default="08:00-22:00",
        description=(
            "When people answer; outside these hours the robot does. The demo, as long as this is"
            " not set, at any hour: whoever tries it at night wants to see the desk."
        ),
    )
    holidays: str = Field(
        default="", description="Days on which nobody answers, such as `2027-02-06,2027-02-07`."
    )
    queue_seconds: int = Field(
        default=45, ge=5, description="How long a caller waits for an agent, in seconds."
    )
    ring_seconds: int = Field(
        default=20, ge=3, description="How long an agent's phone rings, in seconds."
    )
    robot: bool = Field(
        default=True,
        description="Whether the robot answers where nobody can; `false`: a message is taken.",
    )
    overload: int = Field(
        default=0,
        ge=0,
        description="The robot answers in the day too once this many callers wait; 0: never.",
    )
    on_duty: str = Field(
        default="",
        description=(
            "Log-in name of the agent whose phone rings at night for danger, anger and complaints."
        ),
    )
    speech_model: Path = Field(
        default=EMBEDDED_MODEL,
        description=(
            "Folder of a vosk or streaming sherpa-onnx model; a model chosen with `holdline "
            "model use` comes first."
        ),
    )
    models: Path | None = Field(
        default=None,
        description=(
            "Folder of fetched models, to share it between installations; empty: `models` in "
            "HOLDLINE_HOME."
        ),
    )
    second_pass: bool = Field(
        default=True,
        description=(
            "Hear every sentence once more and correct it in place: with Whisper, where `holdline "
            "model fetch whisper-base` has been run, or the model chosen with `holdline model use "
            "--second`, and where this machine is fast enough (`holdline model advise`)."
        ),
    )
    speech_server: str = Field(
        default="",
        description=(
            "A vosk-server that recognises instead, such as `ws://192.168.1.30:2700`. While it "
            "does not answer, calls go on and their transcript says so."
        ),
    )
    voice: Path | None = Field(
        default=None,
        description=(
            "Folder of a sherpa-onnx text-to-speech model (VITS, Matcha, Kokoro) that the "
            "robot speaks with, before its own natural voice (Kokoro: shipped recordings, new "
            "sentences once `holdline model fetch kokoro-82m` was run). Needs `holdline[sherpa]`. "
            "Hear one first: "
            '`holdline say "您好" --voice FOLDER --out hello.wav`.'
        ),
    )
    caller_voice: str = Field(
        default="natural",
        description=(
            "Whose voice simulated callers have: `natural`, a voice of Kokoro, or `espeak`, which "
            "the second pass does not understand."
        ),
    )
    voice_speaker: int = Field(default=0, ge=0, description="Which speaker, in a voice of several.")
    act_from: float = Field(
        default=ACT_FROM,
        ge=0,
        le=1,
        description=(
            "Probability from which an intent is acted on; a wish to stop also needs its cue words."
        ),
    )
    clarify_from: float = Field(
        default=CLARIFY_FROM,
        ge=0,
        le=1,
        description="Probability from which the agent or the robot asks back.",
    )
    answer_from: float = Field(
        default=ANSWER_FROM,
        ge=0,
        le=1,
        description="Probability from which an FAQ answer is shown.",
    )
    crm: Path | None = Field(
        default=None,
        description=(
            "YAML file that says how the operator's CRM is asked for a number: `url` with "
            "`{phone}`, `list_at`, `fields`, `headers`, `timeout_s`, `cache_s`, `faults`, "
            "`rest_s`."
        ),
    )
    sms_url: str = Field(
        default="",
        description=(
            'Where short messages are posted as JSON `{"phone", "text"}`; empty: they are only '
            "counted in the log."
        ),
    )

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
    def model_folder(self) -> Path:
        """Where fetched models are."""
        return self.models or self.home / "models"

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
    def days_off(self) -> frozenset[date]:
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
