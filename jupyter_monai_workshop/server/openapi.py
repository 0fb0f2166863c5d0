"""The OpenAPI document: the one description of the REST interface.

The handlers are tested against it, and the front end's types are generated from it
(``python -m jupyter_monai_workshop.server.openapi > src/core/openapi.json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ..jobs.job import Failure, JobStatus
from ..progress.snapshot import Catalogue, Snapshot
from .bodies import (
    EditRequest,
    Edits,
    JobRequest,
    ModuleOutputs,
    Patches,
    PipOffer,
    PlanAnswer,
    PreflightAnswer,
    Selection,
    ServerStatus,
    TrustRequest,
)

ANSWERS: tuple[type[BaseModel], ...] = (
    Catalogue,
    Edits,
    Failure,
    JobStatus,
    ModuleOutputs,
    Patches,
    PipOffer,
    PlanAnswer,
    PreflightAnswer,
    Selection,
    ServerStatus,
    Snapshot,
)
REQUESTS: tuple[type[BaseModel], ...] = (EditRequest, JobRequest, TrustRequest)

_IDENTIFIER = {
    "type": "string",
    "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "maxLength": 64,
    "example": "first-light",
}


def _parameter(name: str, place: str, schema: Mapping[str, Any], meaning: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": True,
        "description": meaning,
        "schema": schema,
    }


_WORKSHOP = _parameter("workshop", "path", _IDENTIFIER, "Id of a workshop of the catalogue")
_MODULE = _parameter("module", "path", _IDENTIFIER, "Id of a module of the workshop")
_OF_MODULE = _parameter("module", "query", _IDENTIFIER, "Id of a module of the workshop")
_JOB = _parameter(
    "job", "path", {"type": "string", "minLength": 1}, "Id of a job, as its start told it"
)

_REFUSALS: Mapping[str, tuple[str, str]] = {
    "400": ("BadRequest", "The request does not fit what is described here"),
    "403": (
        "Forbidden",
        "Not logged in, not permitted, without the XSRF token, not trusted or switched off",
    ),
    "404": ("NotFound", "The workshop, module, step or job is not known"),
    "409": ("Conflict", "It does not work now; the code says why"),
    "413": ("BodyTooLarge", "The request's body is larger than any that is meant"),
    "503": ("NotStarted", "The extension has not started"),
}
"""Every way in which the interface refuses, by status: a name and a sentence."""


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document as plain data."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter-monai-workshop",
            "version": "1",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": "/monai-workshop"}],
        "security": [{"token": []}, {"token_in_address": []}, {"login": [], "xsrf": []}],
        "paths": {
            "/status": {
                "get": _operation("get_status", "Whether the extension runs", ServerStatus)
            },
            "/openapi.json": {"get": _operation("get_description", "This document", None)},
            "/workshops": {"get": _operation("get_catalogue", "The catalogue", Catalogue)},
            "/selection": {
                "get": _operation("get_selection", "The workshop to open first", Selection),
                "put": _operation(
                    "put_selection",
                    "Remember the workshop",
                    Selection,
                    body=Selection,
                    refusals=("404", "409"),
                ),
            },
            "/workshops/{workshop}": _of_workshop(
                get=_operation("get_snapshot", "The snapshot", Snapshot, refusals=("404",))
            ),
            "/workshops/{workshop}/patches": _of_workshop(
                get=_operation(
                    "get_patches", "Patches and their preview", Patches, refusals=("404",)
                )
            ),
            "/workshops/{workshop}/edits": _of_workshop(
                post=_operation(
                    "find_edits",
                    "What an edit would change",
                    Edits,
                    body=EditRequest,
                    refusals=("404",),
                )
            ),
            "/workshops/{workshop}/outputs/{module}": _of_workshop(
                _MODULE,
                get=_operation(
                    "get_outputs",
                    "What the cells have printed",
                    ModuleOutputs,
                    refusals=("404", "409"),
                ),
            ),
            "/workshops/{workshop}/trust": _of_workshop(
                post=_operation(
                    "trust_workshop",
                    "Trust the workshop",
                    Snapshot,
                    body=TrustRequest,
                    refusals=("404", "409"),
                )
            ),
            "/workshops/{workshop}/preflight": _of_workshop(
                get=_operation(
                    "get_preflight", "The last preflight", PreflightAnswer, refusals=("404",)
                )
            ),
            "/workshops/{workshop}/plan": _of_workshop(
                get=_operation(
                    "get_plan",
                    "What will be installed, as last found",
                    PlanAnswer,
                    refusals=("404",),
                )
            ),
            "/workshops/{workshop}/pip": _of_workshop(
                _OF_MODULE,
                get=_operation(
                    "get_pip",
                    "What installs the packages into a kernel",
                    PipOffer,
                    refusals=("404", "409"),
                ),
            ),
            "/workshops/{workshop}/jobs": _of_workshop(
                post=_operation(
                    "start_job",
                    "Start a job",
                    JobStatus,
                    status="202",
                    body=JobRequest,
                    refusals=("404", "409"),
                    links={"job": _of_job("get_job"), "stop": _of_job("stop_job")},
                )
            ),
            "/workshops/{workshop}/jobs/{job}": _of_workshop(
                _JOB,
                get=_operation("get_job", "One job", JobStatus, refusals=("404",)),
                delete=_operation(
                    "stop_job", "Ask a job to stop", JobStatus, status="202", refusals=("404",)
                ),
            ),
        },
        "components": {
            "schemas": _schemas(),
            "responses": {
                name: _answer(meaning, _reference(Failure)) for name, meaning in _REFUSALS.values()
            },
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The word “token”, a space, and the server's token",
                },
                "token_in_address": {"type": "apiKey", "in": "query", "name": "token"},
                "login": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "username-HOST-PORT",
                    "description": "The cookie that Jupyter's login page sets",
                },
                "xsrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-XSRFToken",
                    "description": "The value of the cookie _xsrf. Only needed with a login, "
                    "and not for GET",
                },
            },
        },
    }


def _of_workshop(*more: Mapping[str, Any], **operations: Mapping[str, Any]) -> dict[str, Any]:
    return {"parameters": [_WORKSHOP, *more], **operations}


def _of_job(operation: str) -> dict[str, Any]:
    return {
        "operationId": operation,
        "parameters": {"workshop": "$request.path.workshop", "job": "$response.body#/id"},
    }


def _operation(
    name: str,
    summary: str,
    answer: type[BaseModel] | None,
    *,
    status: str = "200",
    body: type[BaseModel] | None = None,
    refusals: Sequence[str] = (),
    links: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an operation that is refused as `refusals` say, and as any can be."""
    good = _answer(summary, _reference(answer) if answer else {"type": "object"})
    every = sorted({"400", "403", "503", *refusals, *(["413"] if body else [])})
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            status: {**good, "links": links} if links else good,
            **{each: {"$ref": f"#/components/responses/{_REFUSALS[each][0]}"} for each in every},
        },
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(body)}},
        }
    return operation


def _answer(meaning: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas() -> dict[str, Any]:
    _, schema = models_json_schema(
        [(model, "serialization") for model in ANSWERS]
        + [(model, "validation") for model in REQUESTS],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = schema["$defs"]
    return schemas


if __name__ == "__main__":
    print(json.dumps(document(), indent=2))
