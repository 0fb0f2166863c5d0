"""Measured times of steps, in the words of a definition."""

from __future__ import annotations

import yaml

from .results import Machine, ModuleResult, Rehearsal

_HEAD = """\
# How long the steps of “{title}” took. “retime” takes the figures over into “duration” of each
# step of the definition; with a profile they go by hand into its “durations”. They hold for
# machines like the one that is named above them.
"""


def times_yaml(rehearsal: Rehearsal) -> str:
    """Return the measured times of every step that passed, by machine, as YAML.

    A step's entry is what the definition's ``duration`` has: seconds with a GPU (``gpu``)
    or without one (``cpu``). With a profile it is a bare number, as ``durations`` of the
    profile wants it.
    """
    machines: list[dict[str, object]] = []
    for machine in dict.fromkeys(it.machine for it in rehearsal.results if it.machine):
        results = [it for it in rehearsal.results if it.machine == machine]
        modules = {it.module: _steps(it, rehearsal.profile) for it in results}
        kept = {name: steps for name, steps in modules.items() if steps}
        if kept:
            machines.append({"machine": _fingerprint(machine, results), "modules": kept})
    document = {
        "workshop": rehearsal.workshop,
        "measured": rehearsal.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "profile": rehearsal.profile,
        "values": rehearsal.values,
        "machines": machines,
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return _HEAD.format(title=rehearsal.title) + text


def _fingerprint(machine: Machine, results: list[ModuleResult]) -> dict[str, object]:
    versions = next((it.versions for it in results if it.versions), {})
    return {**machine.model_dump(exclude={"name"}), "gpus": list(machine.gpus), **versions}


def _steps(result: ModuleResult, profile: str) -> dict[str, object]:
    kind = "gpu" if result.preflight and result.preflight.gpu else "cpu"
    times = {
        step.id: max(0.1, round(step.seconds, 1))
        for step in result.steps
        if step.state == "passed" and step.seconds is not None
    }
    if profile:
        return dict(times)
    return {name: {"duration": {kind: seconds}} for name, seconds in times.items()}
