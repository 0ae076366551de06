"""How the gateway packs what it sends."""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def packer_for(compress: str | None) -> Callable[[bytes], bytes] | None:
    """Return what packs the messages of one connection; None for plain text.

    Parameters
    ----------
    compress
        As the client asked: ``zlib-stream`` or ``zstd-stream``.

    Raises
    ------
    LookupError
        If it is unknown, or this Python has no Zstandard.
    """
    if not compress:
        return None
    if compress == "zlib-stream":
        return _zlib()
    if compress == "zstd-stream":
        return _zstd()
    raise LookupError(compress)


def _zlib() -> Callable[[bytes], bytes]:
    stream = zlib.compressobj()
    return lambda raw: stream.compress(raw) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Callable[[bytes], bytes]:
    try:
        own: Any = importlib.import_module("compression.zstd")
    except ImportError:
        own = None
    if own is not None:
        compressor = own.ZstdCompressor()
        flush_block = own.ZstdCompressor.FLUSH_BLOCK
        return lambda raw: bytes(compressor.compress(raw, flush_block))
    try:
        foreign: Any = importlib.import_module("zstandard")
    except ImportError:
        raise LookupError("zstd-stream") from None
    stream = foreign.ZstdCompressor().compressobj()
    return lambda raw: bytes(stream.compress(raw) + stream.flush(foreign.COMPRESSOBJ_FLUSH_BLOCK))
