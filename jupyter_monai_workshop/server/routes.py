"""Which handler answers at which path below the server's base URL."""

from __future__ import annotations

from .handlers import (
    CatalogueHandler,
    EditsHandler,
    JobHandler,
    JobsHandler,
    NotFoundHandler,
    OpenApiHandler,
    OutputsHandler,
    PatchesHandler,
    PipHandler,
    PlanHandler,
    PreflightHandler,
    SelectionHandler,
    SnapshotHandler,
    StatusHandler,
)
from .trusting import TrustHandler

HANDLERS = [
    (r"monai-workshop/status", StatusHandler),
    (r"monai-workshop/openapi.json", OpenApiHandler),
    (r"monai-workshop/workshops", CatalogueHandler),
    (r"monai-workshop/selection", SelectionHandler),
    (r"monai-workshop/workshops/([^/]+)", SnapshotHandler),
    (r"monai-workshop/workshops/([^/]+)/patches", PatchesHandler),
    (r"monai-workshop/workshops/([^/]+)/edits", EditsHandler),
    (r"monai-workshop/workshops/([^/]+)/outputs/([^/]+)", OutputsHandler),
    (r"monai-workshop/workshops/([^/]+)/preflight", PreflightHandler),
    (r"monai-workshop/workshops/([^/]+)/plan", PlanHandler),
    (r"monai-workshop/workshops/([^/]+)/pip", PipHandler),
    (r"monai-workshop/workshops/([^/]+)/jobs", JobsHandler),
    (r"monai-workshop/workshops/([^/]+)/jobs/([^/]+)", JobHandler),
    (r"monai-workshop/workshops/([^/]+)/trust", TrustHandler),
    (r"monai-workshop/.*", NotFoundHandler),
]
