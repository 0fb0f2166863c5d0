"""The REST interface: parse, call the workshop, render. Described by ``openapi.py``."""

from __future__ import annotations

import asyncio
import json
from http.client import responses
from typing import Any, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from jupyter_server.utils import ensure_async
from pydantic import BaseModel, ValidationError
from tornado import web

from .._version import __version__
from ..errors import WorkshopError
from ..jobs.job import Failure
from ..jobs.runner import Job
from ..kernels.kernel_python import pip_wishes
from ..wish import Wish
from .bodies import (
    CellEdit,
    EditRequest,
    Edits,
    JobRequest,
    NotebookDiff,
    Patches,
    PatchPreview,
    PipOffer,
    PlanAnswer,
    PreflightAnswer,
    Selection,
    ServerStatus,
    TrustRequest,
)
from .offer import Offer
from .openapi import document
from .output_bodies import outputs_json

BodyT = TypeVar("BodyT", bound=BaseModel)

AUTH_RESOURCE = "monai-workshop"

_STATUS = {
    "unknown_workshop": 404,
    "unknown_module": 404,
    "unknown_job": 404,
    "unknown_parameter": 404,
    "unknown_profile": 404,
    "unknown_step": 404,
    "parameter_unfit": 400,
    "bad_request": 400,
    "token_unfit": 400,
    "not_started": 503,
    "configuration_unreadable": 503,
    "not_trusted": 403,
    "feature_disabled": 403,
    "quota_exceeded": 403,
    "body_too_large": 413,
}

_ON_KERNELS = {"install_in_kernel": "execute", "restart_kernel": "write"}
"""What else somebody must be permitted who asks for work on a kernel that runs."""

_MOST_BODY = 8_000_000
"""Bytes of a request's body; the sources of a large notebook are far less."""


class BadRequest(WorkshopError):
    """The body of a request is not what the interface describes."""

    code = "bad_request"


class BodyTooLarge(WorkshopError):
    """The body of a request is larger than any that is meant."""

    code = "body_too_large"


class NotStarted(WorkshopError):
    """The server answers before the extension has begun, or it could not begin."""

    code = "not_started"


class UnknownJob(WorkshopError):
    """No job has that id (any more)."""

    code = "unknown_job"


class WorkshopHandler(ExtensionHandlerMixin, APIHandler):
    """Base of all handlers: JSON in, JSON out, errors as ``{code, message, hint, details}``."""

    auth_resource = AUTH_RESOURCE

    @property
    def offer(self) -> Offer:
        """The server's workshops."""
        offer = self.settings.get("monai_workshop_offer")
        if isinstance(offer, WorkshopError):
            raise offer
        if not isinstance(offer, Offer):
            raise NotStarted(
                "The workshop extension has not started yet.",
                hint="Wait a moment. If it stays so, look at the server's log.",
            )
        return offer

    async def may(self, action: str, resource: str) -> None:
        """Refuse whoever may not do this to something that is not the extension's own.

        Raises
        ------
        tornado.web.HTTPError
            403, if the server's authorizer says no.
        """
        asked = self.authorizer.is_authorized(self, self.current_user, action, resource)
        if not await ensure_async(asked):
            raise web.HTTPError(403, f"User is not authorized to {action} on resource: {resource}.")

    def answer(self, model: BaseModel, status: int = 200) -> None:
        """Finish with `model` as JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(model.model_dump_json())

    def body(self, model: type[BodyT]) -> BodyT:
        """Return the request's body.

        Raises
        ------
        BadRequest
            If it is not JSON, lacks a field, or has one too many or of another type.
        BodyTooLarge
            If it has more bytes than a request can need.
        """
        if len(self.request.body) > _MOST_BODY:
            raise BodyTooLarge(
                f"The request's body is larger than {_MOST_BODY // 1_000_000} MB.",
                hint="Send the sources of cells only, without their outputs.",
            )
        try:
            return model.model_validate_json(self.request.body, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            if first["type"] == "json_invalid":
                raise BadRequest(
                    "The request's body is not JSON.", hint="Send an object such as {}."
                ) from None
            field = ".".join(map(str, first["loc"])) or "the body"
            raise BadRequest(
                f"The request's body does not fit: {field}: {first['msg']}.",
                hint="See openapi.json of this interface.",
            ) from None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every error in the interface's own form, without a traceback."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        if isinstance(error, WorkshopError):
            failure = Failure.of(error)
            status_code = _STATUS.get(error.code, 409)
        elif isinstance(error, web.HTTPError):
            message = error.log_message if status_code < 500 and error.log_message else ""
            known = responses.get(status_code, "Error")
            failure = Failure(
                code=known.lower().replace(" ", "_"), message=message or error.reason or known
            )
        else:
            failure = Failure.of_any(error or RuntimeError(responses.get(status_code, "Error")))
        if status_code == 405:
            self.set_header("Allow", ", ".join(verbs_of(type(self))))
        self.answer(failure, status_code)

    def log_exception(self, *exc_info: Any) -> None:
        """Leave failures that people are told of out of the error log."""
        if not isinstance(exc_info[1], WorkshopError):
            super().log_exception(*exc_info)


def verbs_of(handler: type[WorkshopHandler]) -> list[str]:
    """Return the verbs of HTTP that a handler answers itself."""
    return [
        verb
        for verb in handler.SUPPORTED_METHODS
        if getattr(handler, verb.lower()) is not getattr(web.RequestHandler, verb.lower())
    ]


class StatusHandler(WorkshopHandler):
    """Whether the extension runs."""

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer version and server identity."""
        self.answer(ServerStatus(version=__version__, server=self.offer.server))


class OpenApiHandler(WorkshopHandler):
    """The description of this interface."""

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer the OpenAPI document."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(document()))


class CatalogueHandler(WorkshopHandler):
    """The workshops on offer."""

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer the catalogue."""
        self.answer(self.offer.catalogue())


class SelectionHandler(WorkshopHandler):
    """The workshop that the panel opens on."""

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer the workshop to open first."""
        self.answer(Selection(workshop=self.offer.selected))

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Remember the workshop last used."""
        selection = self.body(Selection)
        await asyncio.to_thread(self.offer.select, selection.workshop)
        self.answer(selection)


class SnapshotHandler(WorkshopHandler):
    """One workshop's snapshot."""

    @web.authenticated
    @authorized
    async def get(self, workshop: str) -> None:
        """Look and answer the snapshot. Starts no work."""
        live = self.offer.get(workshop)
        await self.offer.match_kernels()
        self.answer(await live.snapshot())


class PatchesHandler(WorkshopHandler):
    """What a workshop's patches change."""

    @web.authenticated
    @authorized
    async def get(self, workshop: str) -> None:
        """Answer every patch and the pending changes as unified diffs."""
        notebooks = await asyncio.to_thread(self.offer.get(workshop).workshop.patches)
        self.answer(
            Patches(
                patches=tuple(
                    PatchPreview(
                        module=it.module,
                        id=status.id,
                        why=status.why,
                        state=status.state,
                        message=status.message,
                    )
                    for it in notebooks
                    for status in it.states
                ),
                notebooks=tuple(
                    NotebookDiff(
                        module=it.module, notebook=it.notebook, diff=it.diff, failure=it.failure
                    )
                    for it in notebooks
                ),
            )
        )


class EditsHandler(WorkshopHandler):
    """What an edit would change in a notebook that is open."""

    @web.authenticated
    @authorized
    async def post(self, workshop: str) -> None:
        """Answer the changes of the cells that are sent, or why they do not fit."""
        loaded = self.offer.get(workshop).workshop
        request = self.body(EditRequest)
        wish = Wish(
            module=request.module, step=request.step, values=request.values, profile=request.profile
        )
        cells = [(cell.id, cell.kind, cell.source) for cell in request.cells]
        try:
            found = await asyncio.to_thread(loaded.edits, request.purpose, wish, cells)
        except WorkshopError as error:
            if error.code in _STATUS:
                raise
            self.answer(Edits(edits=(), failure=Failure.of(error)))
            return
        self.answer(
            Edits(
                edits=tuple(
                    CellEdit(
                        index=it.index,
                        id=it.id,
                        start=it.edit.start,
                        end=it.edit.end,
                        text=it.edit.text,
                        why=it.why,
                    )
                    for it in found
                )
            )
        )


class OutputsHandler(WorkshopHandler):
    """What the cells of a module's notebook have printed and shown."""

    @web.authenticated
    @authorized
    async def get(self, workshop: str, module: str) -> None:
        """Answer the last run of every cell, also of one that still runs."""
        live = self.offer.get(workshop)
        notebook = live.workshop.notebook_path(live.workshop.module(module))
        await self.offer.match_kernels()
        cells = await self.offer.outputs(workshop, module)
        # Megabytes, perhaps: not on the event loop.
        answer = await asyncio.to_thread(outputs_json, module, notebook, cells)
        self.set_header("Content-Type", "application/json")
        self.finish(answer)


class PreflightHandler(WorkshopHandler):
    """Whether this machine suits a workshop."""

    @web.authenticated
    @authorized
    async def get(self, workshop: str) -> None:
        """Answer the last verdicts; a job of kind ``preflight`` looks again."""
        live = self.offer.get(workshop)
        self.answer(PreflightAnswer(preflight=(await live.snapshot()).preflight))


class PlanHandler(WorkshopHandler):
    """What an environment would have installed."""

    @web.authenticated
    @authorized
    def get(self, workshop: str) -> None:
        """Answer the last plan; a job of kind ``plan`` makes one, and so does a build."""
        self.answer(PlanAnswer(plan=self.offer.get(workshop).workshop.plan))


class PipHandler(WorkshopHandler):
    """What installs the packages where no environment can be made."""

    @web.authenticated
    @authorized
    async def get(self, workshop: str) -> None:
        """Answer the line for the kernel of the module that is named; changes nothing."""
        found = self.offer.get(workshop).workshop
        module = found.module(self.get_query_argument("module", ""))
        kernel = await self.offer.kernels.find(found.notebook_path(module))
        if kernel is None:
            python = await asyncio.to_thread(found.base)
        else:
            python, _ = await self.offer.kernels.python(kernel)
        wishes = pip_wishes(found.definition.environment, python)
        self.answer(
            PipOffer(
                line=wishes.line,
                kernel=kernel.id if kernel else "",
                python=python.version,
                torch=python.torch,
            )
        )


class TrustHandler(WorkshopHandler):
    """A person's consent before a workshop does anything."""

    @web.authenticated
    @authorized
    async def post(self, workshop: str) -> None:
        """Remember that the workshop, as it was shown, may be run; answer the snapshot."""
        live = self.offer.get(workshop)
        request = self.body(TrustRequest)
        await asyncio.to_thread(live.workshop.trust.give, request.digest)
        live.touch()
        self.answer(await live.snapshot())


class JobsHandler(WorkshopHandler):
    """The jobs of a workshop."""

    @web.authenticated
    @authorized
    async def post(self, workshop: str) -> None:
        """Start a job and answer at once, or answer the job that does it already."""
        live = self.offer.get(workshop)
        request = self.body(JobRequest)
        if request.kind in _ON_KERNELS:
            await self.may(_ON_KERNELS[request.kind], "kernels")
        wish = Wish(
            module=request.module,
            step=request.step,
            values=request.values,
            profile=request.profile,
            source=request.source,
            restore_deleted=request.restore_deleted,
            token=request.token.get_secret_value(),
        )
        self.answer(live.workshop.start(request.kind, key=request.key, wish=wish).status, 202)


class JobHandler(WorkshopHandler):
    """One job."""

    @web.authenticated
    @authorized
    def get(self, workshop: str, job: str) -> None:
        """Answer where the job stands."""
        self.answer(self._job(workshop, job).status)

    @web.authenticated
    @authorized
    async def delete(self, workshop: str, job: str) -> None:
        """Ask the job to stop; it ends as ``cancelled`` within two seconds."""
        found = self._job(workshop, job)
        await asyncio.to_thread(found.cancel)
        self.answer(found.status, 202)

    def _job(self, workshop: str, name: str) -> Job:
        self.offer.get(workshop)
        job = self.offer.runner.get(name)
        if job is None or job.status.workshop != workshop:
            raise UnknownJob(
                "This job is not known here.",
                hint="It may have ended before the server was restarted; look at the snapshot.",
            )
        return job


class NotFoundHandler(WorkshopHandler):
    """Every other address below the extension's.

    Each verb is decorated on its own: ``authorized`` takes what it asks for from the first
    request that comes through it.
    """

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer that nothing is here."""
        self._nothing()

    @web.authenticated
    @authorized
    def post(self) -> None:
        """Answer that nothing is here."""
        self._nothing()

    @web.authenticated
    @authorized
    def put(self) -> None:
        """Answer that nothing is here."""
        self._nothing()

    @web.authenticated
    @authorized
    def patch(self) -> None:
        """Answer that nothing is here."""
        self._nothing()

    @web.authenticated
    @authorized
    def delete(self) -> None:
        """Answer that nothing is here."""
        self._nothing()

    def _nothing(self) -> None:
        raise web.HTTPError(404, "There is nothing at this address.")


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
    (r"monai-workshop/workshops/([^/]+)/trust", TrustHandler),
    (r"monai-workshop/workshops/([^/]+)/jobs", JobsHandler),
    (r"monai-workshop/workshops/([^/]+)/jobs/([^/]+)", JobHandler),
    (r"monai-workshop/.*", NotFoundHandler),
]
