"""The server extension: configuration and life cycle."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from traitlets import Bool, Dict, List, TraitError, Unicode, validate

from ..definition.catalogue import DefinitionCatalogue, discover
from ..definition.paths import check_relative
from ..site import Site
from . import events
from .handlers import HANDLERS
from .offer import Offer


class MonaiWorkshopApp(ExtensionApp):
    """Walks attendees through hands-on MONAI workshops."""

    name = "monai-workshop"
    app_name = "MONAI Workshop"
    description = "Walks attendees through hands-on MONAI workshops."
    extension_url = "/monai-workshop"
    load_other_extensions = True

    definition_folders = List(
        Unicode(),
        help="Folders with workshop definitions of your own: each holds a workshop.yaml, or "
        "subfolders that do. Default: none; the built-in workshops are offered anyway.",
    ).tag(config=True)

    offered = List(
        Unicode(),
        help="Ids of the workshops to offer. Default: empty, which offers all.",
    ).tag(config=True)

    default_workshop = Unicode(
        "",
        help="Id of the workshop that opens for somebody who has not chosen one. "
        "Default: empty, which means first-light.",
    ).tag(config=True)

    folder = Unicode(
        "",
        help="Folder below the server's root that receives the materials, with forward "
        "slashes. Default: empty, the server's root itself.",
    ).tag(config=True)

    base_python = Unicode(
        "",
        help="Interpreter whose packages the workshops' environments inherit. "
        "Default: empty, the interpreter that runs the server.",
    ).tag(config=True)

    protocols = List(
        Unicode(),
        default_value=["https"],
        help="Protocols by which materials may be fetched. Add 'file', 'http' or 'ssh' only "
        "where every definition is trusted. Default: https.",
    ).tag(config=True)

    mirrors = List(
        Unicode(),
        help="Addresses of git repositories to try before those of the definition. Default: none.",
    ).tag(config=True)

    @validate("folder")
    def _folder_below_the_root(self, proposal: Any) -> str:
        folder = str(proposal["value"]).strip("/")
        try:
            return check_relative(folder) if folder else ""
        except ValueError as error:
            raise TraitError(f"MonaiWorkshopApp.folder: {error}") from None

    data_copies = Dict(
        value_trait=Unicode(),
        help="For data sets by id, a path or an address that stands in for the definition's "
        "own, such as a copy on a shared disk. Default: none.",
    ).tag(config=True)

    check_data_copies = Bool(
        True,
        help="Whether copies of data sets must have the size and checksum that the definition "
        "states. Default: yes.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Register the pushed event; the rest needs a running loop."""
        events.register(self._server.event_logger)

    def initialize_handlers(self) -> None:
        """Put the REST interface under the server's base URL."""
        self.handlers.extend((pattern, handler) for pattern, handler in HANDLERS)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Begin to observe, once the event loop runs."""
        server_root = Path(serverapp.root_dir)
        logger = serverapp.event_logger
        offer = Offer(
            await asyncio.to_thread(self._definitions),
            Site(
                root=server_root / self.folder,
                jupyter_data=Path(jupyter_data_dir()),
                base_python=Path(self.base_python or sys.executable),
                protocols=frozenset(self.protocols),
                mirrors=tuple(self.mirrors),
                data_copies=dict(self.data_copies),
                check_copies=self.check_data_copies,
                kernels_elsewhere=bool(GatewayClient.instance().gateway_enabled),
            ),
            folder=self.folder,
            default=self.default_workshop,
            kernels=serverapp.kernel_manager,
            sessions=serverapp.session_manager,
            push=lambda workshop, number, server: events.emit(logger, workshop, number, server),
        )
        for problem in offer.catalogue().problems:
            self.log.warning("%s\n%s", problem.message, problem.details)
        serverapp.web_app.settings["monai_workshop_offer"] = offer
        offer.begin(logger)

    @property
    def _server(self) -> Any:
        assert self.serverapp is not None
        return self.serverapp

    def _definitions(self) -> DefinitionCatalogue:
        folders = [Path(folder).expanduser() for folder in self.definition_folders]
        return discover(folders, self.offered)

    async def stop_extension(self) -> None:
        """Stop every job before the server ends."""
        offer = self._server.web_app.settings.get("monai_workshop_offer")
        if isinstance(offer, Offer):
            await offer.end()
