"""The bot's cogs, one per subject; every module here is loaded at start."""
