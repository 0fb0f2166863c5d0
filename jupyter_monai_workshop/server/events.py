"""Telling the pages that a snapshot has changed.

Pushes ride on the events socket that JupyterLab holds open anyway. They carry the
snapshot's number and no content: a page that wants to know reads the snapshot. Nothing
personal is in them.
"""

from __future__ import annotations

from jupyter_events import EventLogger

SCHEMA_ID = "https://events.jupyter.org/jupyter_monai_workshop/snapshot/v1"

_SCHEMA = f"""
"$id": {SCHEMA_ID}
version: "1"
title: Workshop snapshot changed
personal-data: false
description: The snapshot of a workshop has a new number.
type: object
required: [workshop, number, server]
additionalProperties: false
properties:
  workshop:
    type: string
    description: The workshop's id.
  number:
    type: integer
    description: Number of the newest snapshot.
  server:
    type: string
    description: Identity of the server process that numbers it.
"""


def register(logger: EventLogger) -> None:
    """Make the event known to `logger`; doing it again changes nothing."""
    if SCHEMA_ID not in logger.schemas:
        logger.register_event_schema(_SCHEMA)


def emit(logger: EventLogger, workshop: str, number: int, server: str) -> None:
    """Push the number of a workshop's newest snapshot. Call on the event loop only."""
    data = {"workshop": workshop, "number": number, "server": server}
    logger.emit(schema_id=SCHEMA_ID, data=data)
