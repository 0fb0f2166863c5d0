"""The command ``rehearse``: what it does, says and leaves in files."""

from __future__ import annotations

import argparse
import dataclasses
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .definition.loading import LoadedDefinition
from .errors import WorkshopError
from .materials.addresses import protocol_of
from .policy import Policy
from .rehearsal.dask_pool import dask_pool
from .rehearsal.junit import junit_xml
from .rehearsal.page import page
from .rehearsal.pool import Pool, local_pool
from .rehearsal.rehearse import rehearse
from .rehearsal.results import Rehearsal
from .rehearsal.table import RehearsalDisplay
from .rehearsal.task import Choices, needs_gpu, plan_tasks, read_settings
from .rehearsal.times import times_yaml


class FileUnwritable(WorkshopError):
    """A file for the results cannot be written."""

    code = "file_unwritable"


def run_rehearsal(
    options: argparse.Namespace, loaded: LoadedDefinition, choices: Choices
) -> Rehearsal:
    """Rehearse as the command line says, show it, and write the files.

    Raises
    ------
    WorkshopError
        If the command line names something that is not there.
    """
    with _ended_politely(), tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        if choices.folder is None and not choices.keep and not options.dask:
            # What a lost worker leaves there goes with it.
            choices = dataclasses.replace(choices, folder=Path(folder) / "tasks")
        tasks = plan_tasks(loaded, choices, modules=options.module, kernels=options.kernel)
        with (
            _pool(options, loaded, choices, Path(folder)) as pool,
            RehearsalDisplay() as display,
        ):
            rehearsal = rehearse(
                loaded, choices, tasks, pool, timeout=options.timeout, show=display.show
            )
    _write(options, rehearsal)
    return rehearsal


def lines_of(rehearsal: Rehearsal) -> list[str]:
    """Return what people read at the end: each module, its steps, and what to mend."""
    lines: list[str] = []
    for result in rehearsal.results:
        kernel = f"  [{result.kernel}]" if result.kernel else ""
        lines += ["", f"{result.state:8} {result.title}  ({result.seconds:.0f} s){kernel}"]
        for part in result.preparation:
            if part.failure:
                lines.append(f"  failed   {part.name}")
        for step in result.steps:
            seconds = "" if step.seconds is None else f"  ({step.seconds:.1f} s)"
            lines.append(f"  {step.state:8} {step.title}{seconds}")
            if step.cell:
                lines.append(f"           cell {step.cell} of the notebook")
            for metric in step.training.metrics if step.training else ():
                lines.append(f"           {metric.title}: {metric.value:.{metric.digits}f}")
        for where, failure in result.failures:
            lines += [f"  {where}: {failure.message}"]
            lines += [f"    {failure.hint}"] if failure.hint else []
        lines += [f"  {sentence}" for sentence in result.lost]
        lines += [f"  Folder: {result.folder}"] if result.folder else []
    passed = sum(result.state == "passed" for result in rehearsal.results)
    return [*lines[1:], "", f"{passed} of {len(rehearsal.results)} passed"]


def choices_of(
    options: argparse.Namespace,
    loaded: LoadedDefinition,
    *,
    mirrors: Sequence[str],
    copies: dict[str, str],
    wheels: Path | None,
    policy: Policy,
    token: str,
) -> Choices:
    """Return what the command line chooses; who types an address vouches for its protocol."""
    given = [*mirrors, *copies.values()]
    return Choices(
        profile=options.profile,
        values=read_settings(loaded.definition, options.set),
        folder=options.folder.resolve() if options.folder else None,
        keep=options.keep,
        mirrors=tuple(mirrors),
        data_copies=copies,
        check_copies=not options.unchecked_data,
        wheels=wheels,
        protocols=frozenset({"https"} | {protocol_of(it) for it in given}),
        policy=policy,
        token=token,
        cell_timeout=options.cell_timeout,
        output_limit=options.output_limit,
        share_gpu=options.share_gpu,
    )


@contextmanager
def _pool(
    options: argparse.Namespace, loaded: LoadedDefinition, choices: Choices, folder: Path
) -> Iterator[Pool]:
    if not options.dask:
        with local_pool(max(1, options.jobs), folder) as pool:
            yield pool
        return
    with dask_pool(options.dask, gpu=needs_gpu(loaded.definition, choices)) as cluster:
        yield cluster


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Take being terminated for Ctrl-C, so that nothing is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(options: argparse.Namespace, rehearsal: Rehearsal) -> None:
    files: list[tuple[Path | None, Callable[[Rehearsal], str]]] = [
        (options.junit, junit_xml),
        (options.json_file, lambda it: it.model_dump_json(indent=2) + "\n"),
        (options.html, page),
        (options.record, times_yaml),
    ]
    for path, text in files:
        if path is None or str(path) == "-":
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(rehearsal), encoding="utf-8")
        except OSError as error:
            raise FileUnwritable(
                f"{path} cannot be written: {error.strerror or error}.",
                hint="Give the path of a file in a folder that you may write to.",
            ) from error
