"""The one table of settings: name, default, help and secrecy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.logs import register_secret, register_uri_secrets
from bot.settings import values

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

DISCORD_API = "https://discord.com/api/v10"


@dataclass(frozen=True, slots=True)
class About:
    """What a person reads about a setting; see `SettingInfo`."""

    help: str
    expects: str
    default: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting, for the README, ``.env.example`` and ``check``.

    Attributes
    ----------
    name
        The environment variable.
    default
        The default as a person writes it; empty where there is none.
    help
        What it does, in one sentence.
    expects
        What a good value looks like.
    secret
        Whether its value is never shown; ``NAME_FILE`` works for it.
    """

    name: str
    default: str
    help: str
    expects: str
    secret: bool


Hours = Annotated[float, Field(ge=0, le=87_600, allow_inf_nan=False)]
LeaseSeconds = Annotated[float, Field(ge=0.5, le=3600, allow_inf_nan=False)]
QuerySeconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class Settings(BaseSettings):
    """All settings, checked and converted.

    Relative paths, and the path of a relative SQLite URI, are seen from
    ``base_dir``. Values come from the caller only, so that a test or a
    program that builds one never picks up a stray variable; `load_settings`
    is what reads the environment.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    base_dir: Path = Field(default_factory=Path.cwd)
    discord_token: Annotated[
        SecretStr | None,
        About(
            "The bot's token: the bot logs in with it, and every way of posting uses it to "
            "look whether a doubtful post arrived.",
            "the token from the developer portal, without 'Bot' before it",
            secret=True,
        ),
    ] = None
    discord_api_base: Annotated[
        str,
        About(
            "Discord's REST address, or a proxy's.",
            "an http(s) address that ends in the version, such as https://host/api/v10",
            DISCORD_API,
        ),
    ] = DISCORD_API
    discord_gateway: Annotated[
        str | None,
        About(
            "The gateway's address, or a proxy's; by default Discord tells it.",
            "an address such as wss://gateway.discord.gg",
        ),
    ] = None
    command_guild: Annotated[
        int | None,
        Field(ge=1, le=2**63 - 1),
        About(
            "For development: the one server that gets the commands; by default all do.",
            "the server's id, digits only",
        ),
    ] = None
    tenant_file: Annotated[
        Path, About("The backend's tenant file.", "the path of a JSON file", "tenant.json")
    ] = Path("tenant.json")
    data_dir: Annotated[
        Path, About("Folder of the bot's own data.", "the path of a folder", "data")
    ] = Path("data")
    state_db_uri: Annotated[
        SecretStr,
        About(
            "The ledger's database; all processes that post for the same tenants share one.",
            "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
            "SQLite file state.db in DATA_DIR",
            secret=True,
        ),
    ] = SecretStr("")
    log_dir: Annotated[
        Path, About("Folder of tick_scheduler.log.", "the path of a folder", "logs")
    ] = Path("logs")
    log_level: Annotated[
        str, About("How much is logged.", f"one of {', '.join(values.LOG_LEVELS)}", "INFO")
    ] = "INFO"
    log_max_bytes: Annotated[
        int,
        Field(ge=1, le=10**12),
        About(
            "Size at which the log file is rotated.",
            "a whole number of bytes, at least 1",
            "10000000",
        ),
    ] = 10_000_000
    log_backups: Annotated[
        int,
        Field(ge=1, le=1000),
        About("How many rotated log files are kept.", "a whole number from 1 to 1000", "5"),
    ] = 5
    webhook_hosts: Annotated[
        tuple[str, ...],
        About(
            "Hosts beside Discord's that webhooks may point to; http is allowed for them.",
            "hosts separated by commas, each host or host:port",
        ),
    ] = ()
    in_doubt: Annotated[
        Literal["resend", "skip"],
        About(
            "What to do with a post that may have arrived where nobody can look.",
            "resend (rather twice than never) or skip (rather never than twice)",
            "resend",
        ),
    ] = "resend"
    lease_seconds: Annotated[
        LeaseSeconds,
        About(
            "Seconds after which a killed process loses its claim on a post.",
            "a number of seconds from 0.5 to 3600",
            "30",
        ),
    ] = 30.0
    catch_up_hours: Annotated[
        Hours,
        About(
            "How many hours old a missed night may be and still be posted.",
            "a number of hours, 0 or more",
            "36",
        ),
    ] = 36.0
    retry_hours: Annotated[
        Hours,
        About(
            "For how many hours a failing post is tried again.",
            "a number of hours, 0 or more",
            "6",
        ),
    ] = 6.0
    query_timeout: Annotated[
        QuerySeconds,
        About(
            "Time limit, in seconds, of one statement in a tenant's database.",
            "a number of seconds above 0, at most 86400",
            "20",
        ),
    ] = 20.0
    health_addr: Annotated[
        str | None,
        About(
            "Where health and metrics are served; by default nowhere.",
            "host:port, such as 127.0.0.1:8080, or a port alone for this machine only",
        ),
    ] = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the caller only."""
        return (init_settings,)

    def model_post_init(self, context: Any, /) -> None:
        """Have every log mask the secrets from now on."""
        if self.discord_token:
            register_secret(self.discord_token.get_secret_value())
        register_uri_secrets(self.state_db_uri.get_secret_value())

    @field_validator("base_dir", "tenant_file", "data_dir", "log_dir")
    @classmethod
    def _absolute(cls, path: Path, info: ValidationInfo) -> Path:
        return values.absolute_path(path, _base(info))

    @field_validator("discord_token", mode="before")
    @classmethod
    def _bare_token(cls, value: object) -> object:
        text = _plain(value)
        if not isinstance(text, str):
            return value
        register_secret(text)
        return SecretStr(values.token(text)) if text.strip() else None

    @field_validator("state_db_uri", mode="before")
    @classmethod
    def _state_database(cls, value: object, info: ValidationInfo) -> object:
        text = _plain(value)
        if not isinstance(text, str):
            return value
        if text.strip():
            return SecretStr(values.state_uri(text.strip(), _base(info)))
        data_dir = info.data.get("data_dir") or _base(info) / "data"
        return SecretStr(f"sqlite:///{data_dir / 'state.db'}")

    @field_validator("discord_api_base", mode="before")
    @classmethod
    def _rest_base(cls, value: object) -> object:
        return values.rest_base(value) if isinstance(value, str) else value

    @field_validator("command_guild", mode="before")
    @classmethod
    def _no_guild(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("discord_gateway", mode="before")
    @classmethod
    def _gateway(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return values.address(value, ("ws", "wss")) if value.strip() else None

    @field_validator("log_level", mode="before")
    @classmethod
    def _level(cls, value: object) -> object:
        return values.log_level(value) if isinstance(value, str) else value

    @field_validator("in_doubt", mode="before")
    @classmethod
    def _choice(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, Sequence) or not all(isinstance(part, str) for part in value):
            return value
        return values.hosts(value)

    @field_validator("health_addr", mode="before")
    @classmethod
    def _listen_address(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return values.listen_address(value) if value.strip() else None


def describe_settings() -> list[SettingInfo]:
    """Return every setting, in the order in which the README lists them."""
    return [setting_info(name, field) for name, field in setting_fields().items()]


def setting_fields() -> dict[str, FieldInfo]:
    """Return the fields that the environment can set."""
    return {
        name: field
        for name, field in Settings.model_fields.items()
        if any(isinstance(each, About) for each in field.metadata)
    }


def setting_info(name: str, field: FieldInfo) -> SettingInfo:
    """Return what a person reads about a field."""
    about = next(each for each in field.metadata if isinstance(each, About))
    return SettingInfo(name.upper(), about.default, about.help, about.expects, about.secret)


def _base(info: ValidationInfo) -> Path:
    base = info.data.get("base_dir")
    return base if isinstance(base, Path) else Path.cwd()


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
