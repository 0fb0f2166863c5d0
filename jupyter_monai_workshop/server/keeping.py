"""Writes down the outputs of a notebook's cells, and tells them to who asks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from copy import copy
from datetime import datetime, timezone
from pathlib import Path

from ..notebooks.reading import read_text
from ..notebooks.saving import last_saved
from ..progress.giving_back import GivenBack, NotebookFile, give_back, notebook_file
from ..progress.output_entries import CellOutputs
from ..progress.output_files import OutputFiles
from ..progress.output_log import OutputLog
from ..progress.output_record import OutputRecord

_log = logging.getLogger(__name__)

WRITE_INTERVAL = 1.0
"""Seconds between two writes of what running cells print."""


class OutputKeeper:
    """Keeps the outputs of one notebook's cells in memory and on the disk.

    The record is changed on the event loop only; files are read and written in threads.

    Parameters
    ----------
    notebook
        The notebook's file.
    """

    def __init__(self, files: OutputFiles, notebook: Path) -> None:
        self.record = OutputRecord()
        self._files = files
        self._notebook = notebook
        self._working = asyncio.Lock()
        self._loaded = False
        self._behind = False
        self._writing: asyncio.Task[None] | None = None
        self._at_once = asyncio.Event()
        self._read: tuple[tuple[int, int, int], NotebookFile] | None = None

    def log(self) -> OutputLog:
        """Return a log that writes into the record."""
        return OutputLog(self.record, self._write_soon)

    async def load(self) -> None:
        """Take in what was recorded earlier, once."""
        async with self._working:
            if self._loaded:
                return
            self._loaded = True
            record = OutputRecord()
            try:
                await asyncio.to_thread(lambda: record.replay(self._files.entries()))
            except OSError as error:
                _log.warning("recorded outputs could not be read: %s", error)
            self.record.runs = record.runs

    async def given_back(self) -> tuple[GivenBack, ...]:
        """Return the last run of every cell of the file, with its outputs.

        Raises
        ------
        WorkshopError
            If the notebook is not there or cannot be read.
        """
        await self.load()
        await self._follow()
        runs = [_copy(run) for run in self.record.runs.values()]
        return await asyncio.to_thread(self._give_back, runs)

    async def close(self) -> None:
        """Write what is not written yet."""
        if self._writing:
            self._writing.cancel()
        if self._loaded:
            await self._write()

    # Writing

    def _write_soon(self, at_once: bool) -> None:
        if at_once:
            self._at_once.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._keep_writing())

    async def _keep_writing(self) -> None:
        """Write now or in a while, and go on as long as there is something new."""
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), WRITE_INTERVAL)
            self._at_once.clear()
            if not await self._write():
                return

    async def _write(self) -> bool:
        """Write what is new; return whether there was anything."""
        await self.load()
        await self._follow()
        async with self._working:
            try:
                await self._put_away()
                if self._behind or self._files.outdated:
                    news, stored = self.record.everything(), self.record.stored()
                    await asyncio.to_thread(self._files.rewrite, news, stored)
                else:
                    news = self.record.news()
                    await asyncio.to_thread(self._files.append, news)
                self._behind = False
            except OSError as error:
                # A full disk must not stop the showing of what happens.
                _log.warning("outputs could not be recorded: %s", error)
                self._behind = True
                return False
        return bool(news)

    async def _put_away(self) -> None:
        for large in self.record.large():
            stored = await asyncio.to_thread(self._files.store, large.content)
            self.record.put_away(large, stored)

    async def _follow(self) -> None:
        """Forget what was recorded when somebody has begun anew, here or elsewhere."""
        async with self._working:
            if await asyncio.to_thread(lambda: self._files.gone):
                self._files.written = 0
                self.record.forget()

    # Reading

    def _give_back(self, runs: list[CellOutputs]) -> tuple[GivenBack, ...]:
        return give_back(runs, self._file(), self._files.load)

    def _file(self) -> NotebookFile:
        try:
            stat = self._notebook.stat()
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            saved = datetime.fromtimestamp(last_saved(self._notebook) / 1e9, timezone.utc)
        except OSError:
            mark, saved = (0, 0, 0), datetime.now(timezone.utc)  # read_text says what is wrong
        if self._read is None or self._read[0] != mark:
            text = read_text(self._notebook)
            self._read = mark, notebook_file(text, saved, name=self._notebook.name)
        return self._read[1]


def _copy(run: CellOutputs) -> CellOutputs:
    taken = copy(run)
    taken.area = run.area.copy()
    return taken
