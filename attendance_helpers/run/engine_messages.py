"""The messages of a kernel, without a socket: what would arrive of each, handed to a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jupyter_client import session as jupyter_session

Message = dict[str, Any]


class Messages(jupyter_session.Session):
    """Jupyter's session without a socket: every message goes to `deliver`."""

    deliver: Callable[[Message], None]

    def msg(  # noqa: D102
        self,
        msg_type: str,
        content: Any = None,
        parent: Any = None,
        header: Any = None,
        metadata: Any = None,
    ) -> Message:
        header = {"msg_type": msg_type, "date": datetime.now(tz=UTC)}
        return {
            "header": header,
            "msg_type": msg_type,
            "parent_header": jupyter_session.extract_header(parent) if parent else {},
            "content": content or {},
            "metadata": metadata or {},
        }

    def send(  # type: ignore[override]  # noqa: D102
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, **rest: Any
    ) -> Message:
        message: Message = (
            msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content, parent)
        )
        message["content"] = _as_sent(message["content"])
        self.deliver(message)
        return message


def _as_sent(content: Message) -> Message:
    """Return what arrives of a message's content: what JSON makes of it, a copy. Most hold nothing but text, which JSON leaves alone."""
    made = {}
    for key, value in content.items():
        texts = value.items() if type(value) is dict else [("", value)]
        if not all(type(name) is str and _is_plain(text) for name, text in texts):
            packed = jupyter_session.json_packer(content)
            return dict(json.loads(packed.decode("utf-8", "replace")))
        made[key] = dict(value) if type(value) is dict else value
    return made


def _is_plain(value: Any) -> bool:
    if type(value) is str:
        return value.isascii() or not _has_surrogates(value)
    return value is None or type(value) is int


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
