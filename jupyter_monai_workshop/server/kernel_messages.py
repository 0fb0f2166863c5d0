"""Reading what a kernel publishes, cheaply."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]

_DELIMITER = b"<IDS|MSG>"


class MessageReader:
    """Checks and reads the messages of one kernel, and joins what belongs together.

    Text of one stream that comes in many messages of the same run becomes one message.
    Dates stay texts: nothing here needs them, and reading them costs more than all the
    rest.

    Parameters
    ----------
    key
        The kernel's key; with an empty one, messages are not signed.
    scheme
        How messages are signed, such as ``hmac-sha256``.
    """

    def __init__(self, key: bytes, scheme: str = "hmac-sha256") -> None:
        digest = scheme.partition("-")[2] or "sha256"
        self._auth = hmac.new(key, digestmod=getattr(hashlib, digest)) if key else None
        self._parent: tuple[bytes, Mapping[str, Any]] = (b"", {})
        self._batch: list[Message] = []
        self._texts: list[str] = []
        self._stream: tuple[object, ...] = ()

    def feed(self, frames: list[bytes]) -> None:
        """Take one message; one that is not signed by this kernel is passed over."""
        try:
            at = frames.index(_DELIMITER)
            signature, header, parent, metadata, content = frames[at + 1 : at + 6]
        except ValueError:
            return
        if self._auth and not self._is_signed(signature, header, parent, metadata, content):
            return
        try:
            self._take(_json(header), self._parent_of(parent), _json(content))
        except (ValueError, KeyError, TypeError, AttributeError):
            return

    def batch(self) -> list[Message]:
        """Return what has come since this was last asked."""
        self._join()
        batch, self._batch = self._batch, []
        return batch

    def _take(self, header: Message, parent: Mapping[str, Any], content: Message) -> None:
        if header["msg_type"] == "stream":
            stream = (parent.get("msg_id"), content["name"], header["session"])
            text = content["text"]
            if not isinstance(text, str):
                return
            if self._stream != stream:
                self._join()
                self._stream = stream
                self._add(header, parent, content)
            self._texts.append(text)
        else:
            self._join()
            self._add(header, parent, content)

    def _add(self, header: Message, parent: Mapping[str, Any], content: Message) -> None:
        self._batch.append({"header": header, "parent_header": parent, "content": content})

    def _join(self) -> None:
        if self._stream:
            self._batch[-1]["content"]["text"] = "".join(self._texts)
            self._texts, self._stream = [], ()

    def _is_signed(self, signature: bytes, *parts: bytes) -> bool:
        assert self._auth is not None
        auth = self._auth.copy()
        for part in parts:
            auth.update(part)
        return hmac.compare_digest(auth.hexdigest().encode(), signature)

    def _parent_of(self, text: bytes) -> Mapping[str, Any]:
        # All messages of a run have the same parent.
        if text != self._parent[0]:
            self._parent = text, _json(text)
        return self._parent[1]


def _json(text: bytes) -> Message:
    found: Message = json.loads(text.decode("utf-8", "replace"))
    return found
