"""The server extension: configuration and life cycle."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from traitlets import TraitError

from ..settings import SettingUnfit, WorkshopSettings
from ..site import Site
from . import events
from .handlers import HANDLERS
from .offer import Offer


class MonaiWorkshopApp(WorkshopSettings, ExtensionApp):
    """Walks attendees through hands-on MONAI workshops."""

    name = "monai-workshop"
    app_name = "MONAI Workshop"
    description = "Walks attendees through hands-on MONAI workshops."
    extension_url = "/monai-workshop"
    load_other_extensions = True

    _unfit = ""

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        """Take the configuration; one with a mistake is not taken for one without limits."""
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._unfit = str(error)
            raise

    def initialize_settings(self) -> None:
        """Register the pushed event; the rest needs a running loop."""
        events.register(self._server.event_logger)

    def initialize_handlers(self) -> None:
        """Put the REST interface under the server's base URL."""
        self.handlers.extend((pattern, handler) for pattern, handler in HANDLERS)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Begin to observe, once the event loop runs."""
        if self._unfit:
            unfit = SettingUnfit(self._unfit)
            self.log.error("MONAI workshops are not offered. %s %s", unfit.message, unfit.hint)
            serverapp.web_app.settings["monai_workshop_offer"] = unfit
            return
        server_root = Path(serverapp.root_dir)
        logger = serverapp.event_logger
        offer = Offer(
            await asyncio.to_thread(self.catalogue),
            Site(
                root=server_root / self.folder,
                jupyter_data=Path(jupyter_data_dir()),
                base_python=Path(self.base_python or sys.executable),
                protocols=frozenset(self.protocols),
                mirrors=tuple(self.mirrors),
                data_copies=dict(self.data_copies),
                check_copies=self.check_data_copies,
                kernels_elsewhere=bool(GatewayClient.instance().gateway_enabled),
                policy=self.policy(),
                walls=server_root,
            ),
            message=self.message,
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

    async def stop_extension(self) -> None:
        """Stop every job before the server ends."""
        offer = self._server.web_app.settings.get("monai_workshop_offer")
        if isinstance(offer, Offer):
            await offer.end()
