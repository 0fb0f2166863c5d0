"""The OpenAPI document: the one description of the REST interface.

The handlers are tested against it, and the front end's types are generated from it
(``python -m jupyter_monai_workshop.server.openapi > src/core/openapi.json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
REQUESTS: tuple[type[BaseModel], ...] = (EditRequest, JobRequest)

_WORKSHOP = {"name": "workshop", "in": "path", "required": True, "schema": {"type": "string"}}
_MODULE = {"name": "module", "in": "path", "required": True, "schema": {"type": "string"}}
_OF_MODULE = {**_MODULE, "in": "query"}
_JOB = {"name": "job", "in": "path", "required": True, "schema": {"type": "string"}}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document as plain data."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "jupyter-monai-workshop", "version": "1"},
        "servers": [{"url": "/monai-workshop"}],
        "paths": {
            "/status": {"get": _operation("Whether the extension runs", 200, ServerStatus)},
            "/openapi.json": {
                "get": _operation("This document", 200, None),
            },
            "/workshops": {"get": _operation("The catalogue", 200, Catalogue)},
            "/selection": {
                "get": _operation("The workshop to open first", 200, Selection),
                "put": _operation("Remember the workshop", 200, Selection, body=Selection),
            },
            "/workshops/{workshop}": {
                "parameters": [_WORKSHOP],
                "get": _operation("The snapshot", 200, Snapshot),
            },
            "/workshops/{workshop}/patches": {
                "parameters": [_WORKSHOP],
                "get": _operation("Patches and their preview", 200, Patches),
            },
            "/workshops/{workshop}/edits": {
                "parameters": [_WORKSHOP],
                "post": _operation("What an edit would change", 200, Edits, body=EditRequest),
            },
            "/workshops/{workshop}/outputs/{module}": {
                "parameters": [_WORKSHOP, _MODULE],
                "get": _operation("What the cells have printed", 200, ModuleOutputs),
            },
            "/workshops/{workshop}/preflight": {
                "parameters": [_WORKSHOP],
                "get": _operation("The last preflight", 200, PreflightAnswer),
            },
            "/workshops/{workshop}/plan": {
                "parameters": [_WORKSHOP],
                "get": _operation("What will be installed, as last found", 200, PlanAnswer),
            },
            "/workshops/{workshop}/pip": {
                "parameters": [_WORKSHOP, _OF_MODULE],
                "get": _operation("What installs the packages into a kernel", 200, PipOffer),
            },
            "/workshops/{workshop}/jobs": {
                "parameters": [_WORKSHOP],
                "post": _operation("Start a job", 202, JobStatus, body=JobRequest),
            },
            "/workshops/{workshop}/jobs/{job}": {
                "parameters": [_WORKSHOP, _JOB],
                "get": _operation("One job", 200, JobStatus),
                "delete": _operation("Ask a job to stop", 202, JobStatus),
            },
        },
        "components": {"schemas": _schemas()},
    }


def _operation(
    summary: str,
    status: int,
    answer: type[BaseModel] | None,
    *,
    body: type[BaseModel] | None = None,
) -> dict[str, Any]:
    schema: Mapping[str, Any] = _reference(answer) if answer else {"type": "object"}
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            str(status): {
                "description": summary,
                "content": {"application/json": {"schema": schema}},
            },
            "default": {
                "description": "Why it did not work",
                "content": {"application/json": {"schema": _reference(Failure)}},
            },
        },
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(body)}},
        }
    return operation


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
