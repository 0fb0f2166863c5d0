"""What each command of ``jupyter monai-workshop`` does."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from . import environment_commands
from .authoring import lint_file
from .definition.catalogue import DefinitionCatalogue
from .definition.loading import LoadedDefinition
from .definition.models import Module, Needs
from .errors import WorkshopError
from .jobs.job import Failure, JobKind
from .jobs.progress import Progress, Silent
from .jobs.runner import Job, JobRunner
from .kit import KIT_PARTS, Kit, Sources, open_kit, pack_kit
from .materials.addresses import protocol_of
from .notebooks import Plain
from .notebooks.settings import parameter_of
from .preflight import read_nvml, run_preflight
from .preparing import PARTS
from .progress.snapshot import PartName
from .proposing.proposing import propose_definition
from .retiming import retime
from .settings import read_settings
from .site import Site
from .studio_command import print_studio
from .terminal import Answer, JobDisplay, complain, verdict_table
from .trust_command import show_settings, trusted
from .wish import Wish
from .workshop import Workshop


def _list(options: argparse.Namespace) -> Answer:
    catalogue = _catalogue(options)
    rows = [
        {
            "id": it.definition.id,
            "title": it.definition.title,
            "summary": it.definition.summary,
            "modules": len(it.definition.modules),
        }
        for it in catalogue.definitions.values()
    ]
    for problem in catalogue.problems:
        complain(Failure.of(problem))
    lines = [
        line for row in rows for line in (f"{row['id']}: {row['title']}", f"    {row['summary']}")
    ]
    ok = not catalogue.problems
    problems = [problem.message for problem in catalogue.problems]
    return int(not ok), {"ok": ok, "workshops": rows, "problems": problems}, lines


def _show(options: argparse.Namespace) -> Answer:
    definition = _catalogue(options).get(options.workshop).definition
    lines = [definition.title, definition.summary]
    for module in definition.modules:
        lines += ["", f"{module.title}  ({module.notebook})"]
        for step in module.steps:
            lines.append(f"  {step.title}  ({_minutes(step.duration.gpu)})")
        lines += [f"  correction {patch.id}: {patch.why}" for patch in module.patches]
        for parameter in module.parameters:
            choices = ", ".join(str(choice.value) for choice in parameter.choices)
            lines.append(f"  parameter {parameter.id}: {parameter.title} ({choices})")
    lines += [f"profile {profile.id}: {profile.title}" for profile in definition.profiles]
    return 0, {"ok": True, "workshop": definition.model_dump(mode="json")}, lines


def _prepare(options: argparse.Namespace) -> Answer:
    parts = _parts(options.only)
    loaded = _trusted(options)
    copies = _copies(options.data, loaded)
    wish = Wish(parts=parts, profile=options.profile, token=_token(options.token_file))
    with JobDisplay() as display:
        kit = _kit(options.kit, loaded)
        site = _site(
            options.folder,
            mirrors=[*([str(kit.bundle)] if kit.bundle else []), *options.mirror],
            copies={**{name: str(path) for name, path in kit.data.items()}, **copies},
            check_copies=not options.unchecked_data,
            wheels=kit.wheels_for_environment() if "environment" in parts else None,
        )
        workshop = Workshop(loaded, site, JobRunner(display.show))
        job = workshop.start("prepare", wish=wish)
        _wait(job)
    snapshot = workshop.snapshot(workshop.look())
    found = {part.name: part for part in snapshot.preparation if part.name in parts}
    ok = job.status.state == "succeeded"
    for failure in {it.failure for it in snapshot.jobs if it.failure and it.kind in parts}:
        complain(failure)
    data: dict[str, object] = {
        "ok": ok,
        "folder": str(workshop.folder.resolve()),
        "kernel": snapshot.kernel.name,
        "parts": {name: part.model_dump(mode="json") for name, part in found.items()},
    }
    lines = [f"{part.state:8} {name}: {part.message}" for name, part in found.items()]
    if workshop.plan:
        data["plan"] = workshop.plan.model_dump(mode="json")
        lines.append(f"Packages: {workshop.plan.sentence()}")
    return int(not ok), data, [*lines, f"Folder: {workshop.folder.resolve()}"]


def _update(options: argparse.Namespace) -> Answer:
    token = _token(options.token_file)
    wish = Wish(restore_deleted=options.restore_deleted, token=token)
    return _change("update", options, wish, options.mirror)


def _undo(options: argparse.Namespace) -> Answer:
    return _change("undo", options, Wish(), ())


def _start_again(options: argparse.Namespace) -> Answer:
    return _change("start_again", options, Wish(module=options.module), ())


def _set(options: argparse.Namespace) -> Answer:
    loaded = _trusted(options)
    module = _workshop(loaded, options.folder).module(options.module)
    wish = Wish(module=module.id, values=_values(options.values, module))
    workshop, failure = _done("parameters", loaded, options, wish)
    if failure:
        return _failed(failure)
    [found] = [it for it in workshop.snapshot(workshop.look()).modules if it.id == module.id]
    parameters = [it for step in found.steps for it in step.parameters]
    lines = [f"{it.title}: {it.value}" for it in parameters]
    return 0, {"ok": True, "values": {it.id: it.value for it in parameters}}, lines


def _profile(options: argparse.Namespace) -> Answer:
    loaded = _trusted(options)
    workshop, failure = _done("profile", loaded, options, Wish(profile=options.profile))
    if failure:
        return _failed(failure)
    profiles = workshop.snapshot(workshop.look()).profiles
    lines = [f"{it.title}: {it.state}" for it in profiles]
    return 0, {"ok": True, "profiles": {it.id: it.state for it in profiles}}, lines


def _change(
    kind: JobKind, options: argparse.Namespace, wish: Wish, mirrors: Sequence[str]
) -> Answer:
    """Do one job on the folder of the materials, and tell how it went."""
    loaded = _trusted(options)
    workshop, failure = _done(kind, loaded, options, wish, mirrors)
    if failure:
        return _failed(failure)
    materials = workshop.snapshot(workshop.look()).materials
    folder = str(workshop.folder.resolve())
    data: dict[str, object] = {
        "ok": True,
        "folder": folder,
        "materials": materials.model_dump(mode="json"),
    }
    lines = []
    if kind == "update" and materials.update:
        lines += [f"follow the new version: {materials.update.followed} files"]
        lines += [f"merged: {path}" for path in materials.update.merged]
        lines += [f"the workshop's, beside yours: {path}" for path in materials.update.beside]
        lines += [f"stays deleted: {path}" for path in materials.update.deleted]
    return 0, data, [*lines, f"Folder: {folder}"]


def _done(
    kind: JobKind,
    loaded: LoadedDefinition,
    options: argparse.Namespace,
    wish: Wish,
    mirrors: Sequence[str] = (),
) -> tuple[Workshop, Failure | None]:
    """Do one job on the folder of the materials; return why it failed, if it did."""
    with JobDisplay() as display:
        site = _site(options.folder, mirrors=mirrors)
        workshop = Workshop(loaded, site, JobRunner(display.show))
        job = workshop.start(kind, wish=wish)
        _wait(job)
    return workshop, job.status.failure


def _failed(failure: Failure) -> Answer:
    complain(failure)
    return 1, {"ok": False, "failure": failure.model_dump()}, []


def _report(options: argparse.Namespace) -> Answer:
    loaded = _catalogue(options).get(options.workshop)
    workshop, failure = _done("report", loaded, options, Wish(source=options.source))
    if failure:
        return _failed(failure)
    report = workshop.snapshot(workshop.look()).report
    path = str(workshop.folder.resolve() / Path(report.path).name) if report else ""
    return 0, {"ok": True, "report": path}, [path]


def _pack(options: argparse.Namespace) -> Answer:
    loaded = _trusted(options)
    output = options.output.absolute()
    site = _site(Path(), mirrors=options.mirror, copies=_copies(options.data, loaded))
    sources = Sources(
        mirrors=site.mirrors,
        protocols=site.protocols,
        data_copies=site.data_copies,
        login=Wish(token=_token(options.token_file)).login,
        base_python=site.base_python,
        gpu=options.gpu or read_nvml().state == "ok",
    )
    parts = [part for part in KIT_PARTS if part not in options.without]

    def work(progress: Progress) -> None:
        packing = site.data / "packing"
        pack_kit(loaded, output, packing, sources=sources, parts=parts, progress=progress)

    with JobDisplay() as display:
        job = JobRunner(display.show).start("pack", options.workshop, work)
        _wait(job)
    if job.status.failure:
        return _failed(job.status.failure)
    size = output.stat().st_size
    return 0, {"ok": True, "kit": str(output), "bytes": size}, [f"{output}: {size / 1e6:.1f} MB"]


def _plan(options: argparse.Namespace) -> Answer:
    loaded = _trusted(options)
    with JobDisplay() as display:
        workshop = Workshop(loaded, _site(Path()), JobRunner(display.show))
        return environment_commands.plan(workshop, _wait)


def _pip(options: argparse.Namespace) -> Answer:
    loaded = _trusted(options)
    with JobDisplay() as display:
        workshop = Workshop(loaded, _site(Path()), JobRunner(display.show))
        return environment_commands.pip(workshop, options.existing, options.install, _wait)


def _remove(options: argparse.Namespace) -> Answer:
    return environment_commands.remove(options.workshop, Path(jupyter_data_dir()))


def _rehearse(options: argparse.Namespace) -> Answer:
    # What runs notebooks takes long to import, and no other command needs it.
    from .rehearsal_command import choices_of, lines_of, run_rehearsal

    loaded = _trusted(options)
    kit = _kit(options.kit, loaded)
    choices = choices_of(
        options,
        loaded,
        mirrors=[*([str(kit.bundle)] if kit.bundle else []), *options.mirror],
        copies={
            **{name: str(path) for name, path in kit.data.items()},
            **_copies(options.data, loaded),
        },
        wheels=kit.wheels_for_environment() if options.kit and not options.kernel else None,
        policy=read_settings()[0].policy(),
        token=_token(options.token_file),
    )
    rehearsal = run_rehearsal(options, loaded, choices)
    options.json = str(options.json_file) == "-"
    return int(not rehearsal.passed), rehearsal.model_dump(mode="json"), lines_of(rehearsal)


def _status(options: argparse.Namespace) -> Answer:
    workshop = _workshop(_catalogue(options).get(options.workshop), options.folder)
    snapshot = workshop.snapshot(workshop.look())
    lines = [f"{snapshot.title}  ({workshop.folder})"]
    lines += [f"  {part.state:8} {part.name}: {part.message}" for part in snapshot.preparation]
    for module in snapshot.modules:
        lines += ["", module.title]
        for step in module.steps:
            reason = f"  ({step.reason})" if step.reason else ""
            lines.append(f"  {step.state:8} {step.title}{reason}")
    return 0, {"ok": True, "snapshot": snapshot.model_dump(mode="json")}, lines


def _doctor(options: argparse.Namespace) -> Answer:
    if options.workshop:
        workshop = _workshop(_trusted(options), options.folder)
        preflight = workshop.check_machine(Silent())
    else:
        preflight = run_preflight(Needs(), folder=options.folder, python=None, progress=Silent())
    failed = any(check.level == "fail" for check in preflight.checks)
    data = {"ok": not failed, "preflight": preflight.model_dump(mode="json")}
    return int(failed), data, verdict_table(preflight.checks)


def _new(options: argparse.Namespace) -> Answer:
    path = propose_definition(options.folder, options.output)
    lines = [
        f"Written: {path}",
        "Look through it, fill in what is marked with TODO, then try it:",
        f"  jupyter monai-workshop lint {shlex.quote(str(path))}",
    ]
    return 0, {"ok": True, "definition": str(path)}, lines


def _retime(options: argparse.Namespace) -> Answer:
    changed = retime(options.file, options.times)
    lines = [f"{it.module} {it.step}: {it.after} instead of {it.before}" for it in changed]
    rows = [vars(it) for it in changed]
    return 0, {"ok": True, "changed": rows}, lines or ["Every time is as it was measured."]


def _lint(options: argparse.Namespace) -> Answer:
    problems = lint_file(options.file, options.materials)
    errors = sum(problem.level == "error" for problem in problems)
    lines = [f"{options.file}: {problem.level}: {problem}" for problem in problems]
    lines.append(f"{options.file}: {errors} errors, {len(problems) - errors} warnings.")
    return int(errors > 0), {"ok": not errors, "problems": [vars(it) for it in problems]}, lines


def _catalogue(options: argparse.Namespace) -> DefinitionCatalogue:
    return read_settings()[0].catalogue(options.definitions)


def _trusted(options: argparse.Namespace) -> LoadedDefinition:
    """Return the workshop that the command names, once the person lets it do something."""
    return trusted(_catalogue(options).get(options.workshop), _site(Path()), options)


def _workshop(loaded: LoadedDefinition, folder: Path) -> Workshop:
    """Return the workshop in `folder`, to be looked at."""
    return Workshop(loaded, _site(folder), JobRunner())


def _site(
    folder: Path,
    *,
    mirrors: Sequence[str] = (),
    copies: Mapping[str, str] | None = None,
    check_copies: bool = True,
    wheels: Path | None = None,
) -> Site:
    """Return the place for workshops; who types an address vouches for its protocol."""
    if folder.exists() and not folder.is_dir():
        raise NoFolder(f"{folder} is no folder.", hint="Give --folder the path of a folder.")
    given = [*mirrors, *(copies or {}).values()]
    return Site(
        root=folder.resolve(),
        jupyter_data=Path(jupyter_data_dir()),
        protocols=frozenset({"https"} | {protocol_of(it) for it in given}),
        mirrors=tuple(mirrors),
        data_copies=copies or {},
        check_copies=check_copies,
        wheels=wheels,
        policy=read_settings()[0].policy(),
    )


def _wait(job: Job) -> None:
    try:
        while job.status.state == "running":
            job.wait(0.5)
    except KeyboardInterrupt:
        job.cancel()
        job.wait(10)
        raise


def _kit(file: Path | None, loaded: LoadedDefinition) -> Kit:
    if file is None:
        return Kit()
    return open_kit(
        file,
        Path(jupyter_data_dir()) / "monai-workshop" / "kits",
        loaded.definition,
        base_python=Path(sys.executable),
        progress=Silent(),
    )


def _token(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return sys.stdin.readline().strip() if str(file) == "-" else file.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise NoToken(
            f"The token file {file} cannot be read.",
            hint="Write the token into a file that only you can read, and give its path.",
        ) from None


class NoToken(WorkshopError):
    """``--token-file`` names a file that cannot be read."""

    code = "no_token"


class NoFolder(WorkshopError):
    """``--folder`` names something that is no folder."""

    code = "no_folder"


class UnknownData(WorkshopError):
    """``--data`` names no data set of the workshop, or is not written NAME=PATH-OR-URL."""

    code = "unknown_data"


class UnknownPart(WorkshopError):
    """``--only`` names something that is no part of getting ready."""

    code = "unknown_part"


def _copies(pairs: Sequence[str], loaded: LoadedDefinition) -> dict[str, str]:
    known = [data.id for data in loaded.definition.data]
    copies = {}
    for pair in pairs:
        name, _, copy = pair.partition("=")
        if name not in known or not copy:
            raise UnknownData(
                f"{pair!r} names no copy of a data set of this workshop.",
                hint=f"Write NAME=PATH-OR-URL; the names are: {', '.join(known) or 'none'}.",
            )
        copies[name] = copy
    return copies


class NoValue(WorkshopError):
    """What was given to ``set`` is not written NAME=VALUE."""

    code = "no_value"


def _values(pairs: Sequence[str], module: Module) -> dict[str, Plain]:
    """Return values by parameter, each in the type that the parameter's choices have."""
    values = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise NoValue(f"{pair!r} sets nothing.", hint="Write NAME=VALUE, such as epochs=2.")
        kinds = {type(choice.value) for choice in parameter_of(module, name).choices}
        values[name] = text if kinds == {str} else _plain(text)
    return values


def _plain(text: str) -> Plain:
    """Return the number or truth value that a text is, else the text."""
    for known, value in (("true", True), ("false", False)):
        if text.lower() == known:
            return value
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _parts(text: str) -> tuple[PartName, ...]:
    wanted = [name.strip() for name in text.split(",")]
    for name in wanted:
        if name not in PARTS:
            raise UnknownPart(
                f"{name!r} is no part that can be prepared.",
                hint=f"Use --only with one or more of: {', '.join(PARTS)}.",
            )
    return tuple(part for part in PARTS if part in wanted)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


COMMANDS: Mapping[str, Callable[[argparse.Namespace], Answer]] = {
    "list": _list,
    "config": show_settings,
    "show": _show,
    "prepare": _prepare,
    "update": _update,
    "undo": _undo,
    "start-again": _start_again,
    "set": _set,
    "profile": _profile,
    "pack": _pack,
    "plan": _plan,
    "pip": _pip,
    "remove": _remove,
    "rehearse": _rehearse,
    "status": _status,
    "report": _report,
    "doctor": _doctor,
    "new": _new,
    "retime": _retime,
    "lint": _lint,
    "studio": print_studio,
}
