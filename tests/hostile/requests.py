"""Requests that no page of ours sends."""

from __future__ import annotations

import json
from dataclasses import dataclass

_TINY = "workshops/tiny"
_JOBS = f"{_TINY}/jobs"
_EDITS = f"{_TINY}/edits"
_STRANGER = "workshops/stranger"


@dataclass(frozen=True)
class Odd:
    """A request and how it is refused.

    Attributes
    ----------
    said
        A piece of the message.
    """

    method: str
    path: str
    body: bytes | None
    status: int
    code: str
    said: str = ""


def _get(path: str, status: int, code: str, said: str = "") -> Odd:
    return Odd("GET", path, None, status, code, said)


def _post(path: str, body: object, status: int, code: str, said: str = "") -> Odd:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Odd("POST", path, data, status, code, said)


def _edit(**different: object) -> object:
    cells = [{"kind": "code", "source": "x = 1", "id": "a"}]
    return {"module": "one", "purpose": "patches", "cells": cells, **different}


ODD: dict[str, Odd] = {
    "id-unknown": _get("workshops/none", 404, "unknown_workshop", "no workshop 'none'"),
    "id-up": _get("workshops/%2e%2e", 404, "unknown_workshop"),
    "id-with-slashes": _get("workshops/..%2F..%2Fetc%2Fpasswd", 404, "unknown_workshop"),
    "id-nul": _get("workshops/tiny%00", 404, "unknown_workshop"),
    "id-no-text": _get("workshops/%ff%fe", 400, "bad_request"),
    "id-wide": _get("workshops/%EF%BD%94iny", 404, "unknown_workshop"),
    "id-right-to-left": _get("workshops/%E2%80%AEynit", 404, "unknown_workshop"),
    "id-long": _get("workshops/" + "a" * 20_000, 404, "unknown_workshop"),
    "module-unknown": _get(f"{_TINY}/outputs/none", 404, "unknown_module", "no module"),
    "module-up": _get(f"{_TINY}/outputs/..%2F..%2Fetc", 404, "unknown_module"),
    "module-nul": _get(f"{_TINY}/pip?module=%00", 404, "unknown_module"),
    "module-no-text": _get(f"{_TINY}/pip?module=%ff", 400, "bad_request"),
    "job-unknown": _get(f"{_JOBS}/0", 404, "unknown_job"),
    "job-up": _get(f"{_JOBS}/..%2F0", 404, "unknown_job"),
    "job-stopped-unknown": Odd("DELETE", f"{_JOBS}/%00", None, 404, "unknown_job"),
    "nowhere": _get("../monai-workshop/nothing", 404, "not_found"),
    "put-on-jobs": Odd("PUT", _JOBS, b"{}", 405, "method_not_allowed"),
    "body-none": _post(_JOBS, b"", 400, "bad_request", "not JSON"),
    "body-no-json": _post(_JOBS, b"{", 400, "bad_request", "not JSON"),
    "body-no-text": _post(_JOBS, b"\xff\xfe\xfa", 400, "bad_request", "not JSON"),
    "body-list": _post(_JOBS, [], 400, "bad_request", "does not fit"),
    "body-null": _post(_JOBS, None, 400, "bad_request", "does not fit"),
    "body-deep": _post(_JOBS, b"[" * 200_000, 400, "bad_request", "not JSON"),
    "body-deep-field": _post(
        _JOBS,
        b'{"kind":"materials","values":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        400,
        "bad_request",
    ),
    "body-long-number": _post(_JOBS, b"9" * 100_000, 400, "bad_request"),
    "body-huge": _post(_JOBS, b" " * 9_000_000 + b"{}", 413, "body_too_large", "larger than"),
    "body-huge-edit": _post(
        _EDITS, _edit(cells=[{"kind": "code", "source": "x" * 9_000_000}]), 413, "body_too_large"
    ),
    "body-unknown-field": _post(
        _JOBS, {"kind": "materials", "folder": "/etc"}, 400, "bad_request", "folder"
    ),
    "body-unknown-kind": _post(_JOBS, {"kind": "pack"}, 400, "bad_request", "kind"),
    "body-wrong-type": _post(_JOBS, {"kind": ["materials"]}, 400, "bad_request", "kind"),
    "body-half-letter": _post(
        _JOBS, b'{"kind":"materials","key":"\\ud800"}', 400, "bad_request", "JSON"
    ),
    "key-long": _post(_JOBS, {"kind": "materials", "key": "k" * 101}, 400, "bad_request", "key"),
    "job-module-up": _post(
        _JOBS, {"kind": "start_again", "module": "../../x"}, 404, "unknown_module"
    ),
    "job-module-long": _post(
        _JOBS, {"kind": "start_again", "module": "m" * 65}, 400, "bad_request", "module"
    ),
    "job-step-unknown": _post(
        _JOBS, {"kind": "solution", "module": "one", "step": "../x"}, 404, "unknown_step"
    ),
    "token-two-lines": _post(
        _JOBS, {"kind": "materials", "token": "a\nb"}, 403, "feature_disabled", "access token"
    ),
    "token-switched-off": _post(
        _JOBS, {"kind": "prepare", "token": "secret"}, 403, "feature_disabled", "access token"
    ),
    "parameters-switched-off": _post(
        _JOBS,
        {"kind": "parameters", "module": "one", "values": {"x": 1}},
        403,
        "feature_disabled",
        "values of notebooks",
    ),
    "profile-switched-off": _post(
        _JOBS, {"kind": "prepare", "profile": "p"}, 403, "feature_disabled"
    ),
    "edit-switched-off": _post(
        _EDITS, _edit(purpose="parameters", values={"x": 1}), 403, "feature_disabled"
    ),
    "edit-module-unknown": _post(_EDITS, _edit(module="../x"), 404, "unknown_module"),
    "edit-no-cells": _post(_EDITS, _edit(cells={}), 400, "bad_request", "cells"),
    "edit-cell-half-letter": _post(
        _EDITS,
        b'{"module":"one","purpose":"patches","cells":[{"kind":"code","source":"\\ud800"}]}',
        400,
        "bad_request",
        "JSON",
    ),
    "selection-unknown": Odd(
        "PUT", "selection", b'{"workshop": "../../x"}', 404, "unknown_workshop"
    ),
    "selection-half-letter": Odd(
        "PUT", "selection", b'{"workshop": "\\udfff"}', 400, "bad_request"
    ),
    "trust-nothing": _post(f"{_STRANGER}/trust", {}, 400, "bad_request", "digest"),
    "trust-no-digest": _post(
        f"{_STRANGER}/trust", {"digest": "../../x"}, 400, "bad_request", "digest"
    ),
    "trust-another": _post(f"{_STRANGER}/trust", {"digest": "0" * 64}, 409, "trust_outdated"),
    "untrusted-prepare": _post(
        f"{_STRANGER}/jobs", {"kind": "prepare"}, 403, "not_trusted", "not trusted yet"
    ),
    "untrusted-environment": _post(
        f"{_STRANGER}/jobs", {"kind": "environment"}, 403, "not_trusted"
    ),
    "untrusted-plan": _post(f"{_STRANGER}/jobs", {"kind": "plan"}, 403, "not_trusted"),
    "untrusted-solution": _post(
        f"{_STRANGER}/jobs",
        {"kind": "solution", "module": "one", "step": "first"},
        403,
        "not_trusted",
    ),
    "untrusted-edit": _post(f"{_STRANGER}/edits", _edit(), 403, "not_trusted"),
}
