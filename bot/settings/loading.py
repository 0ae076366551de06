"""Reading the settings, with all faults at once."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.settings.model import Settings, describe_settings
from bot.settings.source import EnvironmentSource, SettingFault, SettingsError, hidden, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)


def load_settings(
    *, base_dir: Path | None = None, env: Mapping[str, str] | None = None
) -> Settings:
    """Read, check and return the settings.

    Parameters
    ----------
    base_dir
        Where ``.env`` is sought and from where relative paths are seen, the
        defaults' (``tenant.json``, ``data``, ``logs``) and given ones alike;
        by default the working directory.
    env
        The environment; by default the process's own.

    Raises
    ------
    SettingsError
        If anything is wrong; it lists everything that is.
    """
    base = Path(base_dir or ".").absolute()
    source = EnvironmentSource(os.environ if env is None else env, base)
    found: dict[str, Any] = source()
    faults = list(source.faults)
    settings = None
    try:
        settings = Settings(**{**found, "base_dir": base})
    except ValidationError as error:
        faults += _translated(error, found, source.files)
    if faults or settings is None:
        raise SettingsError(sorted(faults, key=lambda fault: fault.name))
    for miss in source.near_misses():
        logger.warning("%s in %s is no setting of the bot; is it meant to be %s?", *miss)
    return settings


def _translated(
    error: ValidationError, found: Mapping[str, str], files: Mapping[str, str]
) -> list[SettingFault]:
    table = {info.name: info for info in describe_settings()}
    faults: dict[str, SettingFault] = {}
    for each in error.errors(include_url=False, include_input=False):
        field = str(each["loc"][0])
        info = table.get(field.upper())
        value = found.get(field, "")
        masked = hidden(value) if info is None or info.secret else shown(value)
        ours = each.get("ctx", {}).get("error") if each["type"] == "value_error" else None
        remedy = str(ours or f"give {info.expects if info else 'another value'}")
        fault = SettingFault(field.upper(), masked, remedy)
        if fault.name in files:
            remedy = f"what this file holds is wrong: {remedy}"
            fault = SettingFault(f"{fault.name}_FILE", shown(files[fault.name]), remedy)
        faults.setdefault(field, fault)
    return list(faults.values())
