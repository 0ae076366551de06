"""Settings of the process: environment, ``.env``, or a secret in a file.

Nothing is read at import: `load_settings` reads all three and lists every
fault at once.
"""

from bot.settings.loading import load_settings
from bot.settings.model import SettingInfo, Settings, describe_settings
from bot.settings.source import SettingFault, SettingsError

__all__ = [
    "SettingFault",
    "SettingInfo",
    "Settings",
    "SettingsError",
    "describe_settings",
    "load_settings",
]
