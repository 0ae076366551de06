"""Runs a receiver or a sandbox as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from bot.sandbox.switches import BOT_TOKEN

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver


def receiver_options(description: str) -> argparse.ArgumentParser:
    """Return the options of a receiver's process."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--webhook", action="append", default=[], metavar="ID:TOKEN")
    parser.add_argument("--bot-token", default=BOT_TOKEN)
    parser.add_argument("--accept-any", action="store_true", help="make webhooks as they are used")
    parser.add_argument("--no-limits", action="store_true", help="apply no request limits")
    return parser


async def serve(receiver: Receiver, options: argparse.Namespace) -> None:
    """Run a receiver until SIGTERM or SIGINT; print its addresses."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await receiver.start(options.host, options.port)
    for hook in options.webhook:
        hook_id, _, token = hook.partition(":")
        receiver.world.add_webhook(hook_id=hook_id, token=token or None)
    sys.stdout.write("".join(f"{address}\n" for address in receiver.addresses))
    sys.stdout.flush()
    await stop.wait()
    await receiver.stop()
