"""A proposed definition as commented YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement

from ..definition.models import BundledSource, CellAddress, GitSource
from .finding import ProposedModule, ProposedParameter, ProposedStep

_HEAD = """\
# A first definition, made from what was found in the notebooks. Look through every line; what
# is marked with TODO only you can know. Then:
#   jupyter monai-workshop lint {name}         finds mistakes
#   jupyter monai-workshop rehearse {id} --definitions .
#                                              runs everything as an attendee would
# docs/authoring.md leads through it; docs/definition.md says what every field means.
"""

_TITLES = {"loss": "Loss", "average_loss": "Mean loss", "auc": "AUC", "dice": "Mean Dice"}
_PROGRESS = ("step", "steps", "epoch", "epochs")


def definition_yaml(
    name: str,
    identity: str,
    title: str,
    source: GitSource | BundledSource,
    modules: Sequence[ProposedModule],
) -> str:
    """Return the text of a definition file.

    Parameters
    ----------
    name
        Name of the file, for the comments.
    identity, title
        Of the workshop.
    """
    lines = [
        _HEAD.format(name=name, id=identity),
        "format: 1",
        f"id: {identity}",
        f"title: {_text(title)}",
        "summary: TODO, one sentence for the catalogue.",
        "text: |",
        "  TODO: welcome the attendee. What will they have learned, and how long does it take?",
        "",
        *_source(source),
        "",
        *_environment(modules),
        "",
        "# What the machine should have. Leave out what does not matter.",
        "# needs:",
        "#   gpu_memory: {gib: 8, level: recommended, without: Training takes an hour.}",
        "#   memory: {gib: 8, level: recommended, without: Close other notebooks.}",
        "#   disk: {gib: 5, without: Free some space first.}",
        "",
        *_data(modules),
        "modules:",
    ]
    for module in modules:
        lines += ["", *_module(module)]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """Return a scalar as YAML writes it, quoted where it must be."""
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z][\w .,()+/-]*[\w)]", text) and ": " not in text
    if plain and text.lower() not in ("yes", "no", "true", "false", "null", "on", "off"):
        return text
    return json.dumps(text, ensure_ascii=False)


def _source(source: GitSource | BundledSource) -> Iterator[str]:
    yield "source:"
    yield f"  kind: {source.kind}"
    if isinstance(source, GitSource):
        yield f"  urls: [{_text(source.urls[0])}]  # mirrors may follow"
        yield f'  commit: "{source.commit}"  # what attendees get; it never moves'
        yield (
            f"  sparse: [{', '.join(map(_text, source.sparse))}]"
            if source.sparse
            else ("  # sparse: [a-folder]  # bring only this")
        )
    else:
        yield f"  path: {_text(source.path)}"
    yield f"  folder: {_text(source.folder)}"


def _environment(modules: Sequence[ProposedModule]) -> Iterator[str]:
    found = {
        line: (module.title, step.title)
        for module in modules
        for step in module.steps
        for line in step.installs
    }
    yield "environment:"
    yield '  torch: ">=2.0"  # leave this line out if the notebooks do not use torch'
    yield "  packages:"
    names: set[str] = set()
    for line, (module, step) in found.items():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            yield f"    # Not understood: {line}  (“{step}” of “{module}”)"
            continue
        if requirement.name.lower() in ("pip", "setuptools", "torch", *names):
            continue
        names.add(requirement.name.lower())
        yield f"    - require: {_text(line)}  # installed in “{step}” of “{module}”"
        module_name = requirement.name.replace("-", "_")
        yield f"      # provides: {module_name}  # the module that it is imported as"
    if not names:
        yield "    - require: monai"


def _data(modules: Sequence[ProposedModule]) -> Iterator[str]:
    for module in modules:
        for step in module.steps:
            if not step.downloads:
                continue
            yield f"# “{step.title}” of “{module.title}” downloads something."
            yield "# Say here what it is, so that it is there before anybody waits for it."
            yield "# data:"
            yield f"#   - id: {step.id}"
            yield f"#     title: {_text(step.title)}"
            for url in step.urls or ("TODO",):
                yield f"#     urls: [{url}]"
            yield "#     size: 1  # bytes"
            checksum = next(iter(step.checksums), "")
            kind = "sha256" if len(checksum) == 64 else "md5"
            yield f"#     checksum: {kind}:{checksum or 'TODO'}"
            yield "#     unpack: tar  # or zip, or none"
            yield "#     variable: MONAI_DATA_DIRECTORY  # tells the notebook the folder"
            yield ""


def _module(module: ProposedModule) -> Iterator[str]:
    yield f"  - id: {module.id}"
    yield f"    title: {_text(module.title)}"
    yield f"    notebook: {_text(module.notebook)}"
    yield "    text: |"
    yield "      TODO: what happens in this notebook?"
    if module.left_out:
        positions = ", ".join(str(index + 1) for index in module.left_out)
        yield f"    # Left out, as no address names them alone: cells {positions}."
    if module.parameters:
        yield "    parameters:"
        for parameter in module.parameters:
            yield from _parameter(parameter)
    yield "    steps:"
    for step in module.steps:
        yield from _step(step)


def _parameter(parameter: ProposedParameter) -> Iterator[str]:
    yield f"      - id: {parameter.variable.lower().replace('_', '-')}"
    yield f"        variable: {parameter.variable}"
    yield f"        title: {_text(parameter.variable.replace('_', ' ').capitalize())}"
    yield f"        cell: {_address(parameter.cell)}"
    yield "        choices:"
    yield f"          - {{value: {parameter.value}, effect: As the notebook has it.}}"
    assert isinstance(parameter.value, int)
    yield f"          - {{value: {parameter.value // 2}, effect: TODO}}"


def _step(step: ProposedStep) -> Iterator[str]:
    yield f"      - id: {step.id}"
    yield f"        title: {_text(step.title)}"
    yield "        text: TODO, what to look at here."
    yield "        cells:"
    for address in step.cells:
        yield f"          - {_address(address)}"
    seconds = 300 if step.trains else 60 if step.installs or step.downloads else 5
    yield f"        duration: {seconds}  # a rehearsal with --record measures it"
    if step.exercise:
        yield "        # An exercise: write under “solve” how it is done."
        yield "        # solve:"
        yield f"        #   - cell: {_address(step.cells[0])}"
        yield "        #     source: |"
        yield "        #       TODO"
    if step.image:
        yield "        check:"
        yield "          image: true"
    else:
        yield "        # check: {expressions: [len(images) == 100]}  # what proves it done"
    if step.trains:
        yield from _training(step)


def _training(step: ProposedStep) -> Iterator[str]:
    if not step.patterns:
        yield "        # It trains. Say how its printed lines tell the progress:"
        yield "        # training:"
        yield "        #   patterns:"
        yield r"        #     - '^epoch (?P<epoch>\d+)/(?P<epochs>\d+)$'"
        return
    yield "        training:"
    yield "          patterns:"
    metrics: dict[str, None] = {}
    for pattern in step.patterns:
        yield f"            - '{pattern}'"
        metrics.update(dict.fromkeys(re.findall(r"\?P<(\w+)>", pattern)))
    names = [name for name in metrics if name not in _PROGRESS]
    if names:
        yield "          metrics:"
    for name in names:
        better = ", better: lower" if "loss" in name else ""
        yield f"            {name}: {{title: {_TITLES.get(name, name.capitalize())}{better}}}"


def _address(address: CellAddress) -> str:
    words = address.model_dump(exclude_none=True)
    return "{" + ", ".join(f"{key}: {_text(value)}" for key, value in words.items()) + "}"
