"""Console and log file, with every secret masked.

`setup_logging` is called once per process; `register_secret` by whoever reads
a secret from outside. From the first registered secret on, every record of
the process is masked, whichever logger wrote it and whichever handler of
whichever program shows it.
"""

from bot.logs.masking import install_masking, mask, register_secret, register_uri_secrets
from bot.logs.setup import LOG_FILE_NAME, LogFolderError, close_logging, setup_logging

__all__ = [
    "LOG_FILE_NAME",
    "LogFolderError",
    "close_logging",
    "install_masking",
    "mask",
    "register_secret",
    "register_uri_secrets",
    "setup_logging",
]
