"""Where raw values come from, and what can be wrong with them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_settings import PydanticBaseSettingsSource

from bot.errors import BotError
from bot.logs import mask
from bot.settings.model import SettingInfo, Settings, setting_fields, setting_info

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic.fields import FieldInfo

MISSPELT = 0.88
_FOREIGN = frozenset({"LOGLEVEL", "LOG_LEVELS", "LOGDIR", "LOG_DIRS", "DATADIR", "DATA_DIRS"})
"""Names of other programs' that look like ours."""


class NearMiss(NamedTuple):
    """A name that is likely one of ours misspelt, and where it is set."""

    name: str
    place: str
    ours: str


@dataclass(frozen=True, slots=True)
class SettingFault:
    """What is wrong with one setting; a secret's value is masked."""

    name: str
    value: str
    remedy: str

    def __str__(self) -> str:
        shown = f"{self.name}={self.value}" if self.value else self.name
        return f"{shown}: {self.remedy}"


class SettingsError(BotError):
    """Settings are wrong; every fault is listed."""

    def __init__(self, faults: Sequence[SettingFault]) -> None:
        self.faults = tuple(faults)
        many = f"{len(faults)} settings are wrong" if len(faults) > 1 else "a setting is wrong"
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"{many}; correct it in the environment or in .env:{lines}")


class EnvironmentSource(PydanticBaseSettingsSource):
    """Values from the environment, from ``.env`` behind it, and ``NAME_FILE``.

    Names are read whatever their case, an empty value means "not set", and
    foreign names are passed over: a backend may share the ``.env``. What
    cannot be read is kept in ``faults``, and in ``files`` which secrets came
    from a file, by name.
    """

    def __init__(self, env: Mapping[str, str], base_dir: Path) -> None:
        super().__init__(Settings)
        self.faults: list[SettingFault] = []
        self.files: dict[str, str] = {}
        self._base_dir = base_dir
        self._levels = (_by_name(env), _by_name(self._dotenv(base_dir / ".env")))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a setting's raw text, its name, and that it is no JSON."""
        info = setting_info(field_name, field)
        for level in self._levels:
            if info.name in level or (info.secret and f"{info.name}_FILE" in level):
                return self._at_level(info, level), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the raw text of every setting that is set."""
        found = {}
        for name, field in setting_fields().items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found[name] = value
        return found

    def near_misses(self) -> list[NearMiss]:
        """Return names that look like one of ours misspelt; a name set twice counts once."""
        infos = [setting_info(name, field) for name, field in setting_fields().items()]
        known = {info.name for info in infos}
        known |= {f"{info.name}_FILE" for info in infos if info.secret}
        places = dict.fromkeys(self._levels[1], ".env")
        places |= dict.fromkeys(self._levels[0].keys() - _FOREIGN, "the environment")
        found = []
        for name in sorted(places.keys() - known):
            close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=MISSPELT)
            if close:
                found.append(NearMiss(name, places[name], close[0]))
        return found

    def _at_level(self, info: SettingInfo, level: Mapping[str, str]) -> str | None:
        path = level.get(f"{info.name}_FILE") if info.secret else None
        if path is None:
            return level[info.name]
        if info.name in level:
            self._fault(f"{info.name}_FILE", path, f"{info.name} is set too; keep one of the two")
            return None
        self.files[info.name] = path
        return self._secret_file(f"{info.name}_FILE", path)

    def _secret_file(self, name: str, path: str) -> str | None:
        try:
            file = self._base_dir / Path(path).expanduser()
            value = file.read_text(encoding="utf-8-sig").strip()
        except (OSError, ValueError, RuntimeError) as error:
            remedy = f"cannot read this file ({_reason(error)}); correct the path or the file"
            self._fault(name, path, remedy)
            return None
        if not value:
            self._fault(name, path, "this file is empty; put the secret into it")
            return None
        if len(value.splitlines()) > 1:
            remedy = "this file holds more than one line; leave only the secret in it"
            self._fault(name, path, remedy)
            return None
        return value

    def _dotenv(self, path: Path) -> Mapping[str, str | None]:
        if not path.is_file():
            return {}
        from dotenv import dotenv_values

        try:
            return dotenv_values(path, encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            remedy = f"cannot read {path} ({_reason(error)}); correct the file"
            self._fault(".env", "", remedy)
            return {}

    def _fault(self, name: str, value: str, remedy: str) -> None:
        self.faults.append(SettingFault(name, shown(value), remedy))


def shown(value: str) -> str:
    """Return a value as faults show it: quoted, escaped and not too long."""
    value = mask(value)
    return repr(value if len(value) <= 60 else value[:57] + "...") if value else ""


def hidden(value: str) -> str:
    """Return a secret value as faults show it: of a URI the scheme is left."""
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+]{0,20}://", value)
    return f"{scheme[0]}***" if scheme else "***"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not UTF-8 text" if isinstance(error, UnicodeError) else "no such path"


def _by_name(values: Mapping[str, str | None]) -> dict[str, str]:
    capitals_last = sorted(values.items(), key=lambda item: item[0].isupper())
    return {name.upper(): value for name, value in capitals_last if value and value.strip()}
