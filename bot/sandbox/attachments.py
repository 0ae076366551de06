"""Files that came with messages."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

MOST_BYTES = 10 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent.

    Attributes
    ----------
    slot
        The number in the name of its form field, ``files[0]``.
    """

    slot: str
    filename: str
    data: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """Its type by its name, as Discord finds it."""
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


def attachment_body(
    upload: Upload, attachment_id: str, channel_id: str, address: str, description: str | None
) -> dict[str, Any]:
    """Return a file as Discord shows it in a message."""
    name = quote(upload.filename)
    url = f"{address}/attachments/{channel_id}/{attachment_id}/{name}"
    body: dict[str, Any] = {
        "id": attachment_id,
        "filename": upload.filename,
        "size": len(upload.data),
        "url": url,
        "proxy_url": url,
        "content_type": upload.content_type,
    }
    if description:
        body["description"] = description
    if upload.data.startswith(_PNG) and len(upload.data) >= 24:
        body["width"] = int.from_bytes(upload.data[16:20], "big")
        body["height"] = int.from_bytes(upload.data[20:24], "big")
    return body


def point_embeds_at(embeds: list[dict[str, Any]], attachments: list[dict[str, Any]]) -> None:
    """Let pictures named ``attachment://…`` show the files of their message."""
    by_name = {entry["filename"]: entry["url"] for entry in attachments}
    for embed in embeds:
        for part in ("image", "thumbnail", "author", "footer"):
            links = embed.get(part, {})
            for key, value in links.items():
                name = str(value).rpartition("attachment://")[2]
                if "attachment://" in str(value) and name in by_name:
                    links[key] = by_name[name]
