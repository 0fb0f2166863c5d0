"""A definition file: what is read, and what is said about its mistakes."""

from pathlib import Path

import pytest

from jupyter_monai_workshop.definition.catalogue import UnknownWorkshop, discover
from jupyter_monai_workshop.definition.loading import (
    DefinitionUnreadable,
    examine_definition,
    load_definition,
)
from jupyter_monai_workshop.definition.models import DataSet, GitDataSet
from jupyter_monai_workshop.definition.problems import DefinitionError
from jupyter_monai_workshop.definition.schema import SCHEMA_FILE, schema_text

GOOD = """\
format: 1
id: small
title: Small
summary: A small workshop.
text: Welcome.
source: {kind: bundled, path: files, folder: small}
modules:
  - id: one
    title: One
    text: The only module.
    notebook: one.ipynb
    steps:
      - id: first
        title: First
        text: Do it.
        cells: [{id: a}]
        duration: 5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "workshop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_definition_is_read(tmp_path: Path) -> None:
    loaded = load_definition(write(tmp_path, GOOD))
    assert loaded.definition.id == "small"
    assert loaded.folder == tmp_path
    step = loaded.definition.modules[0].steps[0]
    assert (step.duration.gpu, step.duration.cpu) == (5, 5)


MISTAKES = [
    ("title: Small", "titel: Small", 3, "no field 'titel'"),
    ("id: small", "id: Not An Id", 2, "pattern"),
    ("summary: A small workshop.\n", "", 1, "'summary' is missing"),
    ("path: files", "path: ../outside", 6, "'..'"),
    ("path: files", "path: /etc", 6, "relative path"),
    ("notebook: one.ipynb", "notebook: ./one.ipynb", 11, "relative path"),
    ("duration: 5", "duration: 5\n        check: {files: ['out/**.pt']}", 18, "whole part"),
    ("duration: 5", "duration: 5\n        check: {files: ['.']}", 18, "relative path"),
    ("kind: bundled", "kind: torrent", 6, "kind"),
    ("cells: [{id: a}]", "cells: [{}]", 16, "needs an id, a heading or contained text"),
    ("cells: [{id: a}]", "cells: []", 16, "at least 1"),
    ("cells: [{id: a}]", "cells: [{id: a}, {id: a}]", 16, "covers the same cell"),
    ("duration: 5", "duration: 0", 17, "greater than 0"),
    ("notebook: one.ipynb", "notebook: one.py", 11, ".ipynb"),
    ("title: Small", "title: Small\ntitle: Big", 4, "given twice"),
    ("modules:", "modules: [", 8, "not valid YAML"),
    ("duration: 5", "duration: 5\n        check: {prints: ['(']}", 18, "regular expression"),
    ("duration: 5", "duration: 5\n        check: {expressions: ['a b']}", 18, "Python expression"),
    (
        "duration: 5",
        "duration: 5\n        training: {patterns: ['(?P<loss>.)']}",
        18,
        "'loss' is no metric",
    ),
    (
        "modules:",
        "environment: {packages: [{require: 'a b c'}]}\nmodules:",
        7,
        "Not a requirement",
    ),
    ("modules:", "environment: {torch: 'two'}\nmodules:", 7, "version specifier"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(DefinitionError) as caught:
        load_definition(path)
    found = [(p.line, p.message) for p in caught.value.problems if message in p.message]
    assert found, [str(problem) for problem in caught.value.problems]
    assert line in [number for number, _ in found]
    assert caught.value.hint


def test_git_addresses_that_git_must_not_see_are_errors(tmp_path: Path) -> None:
    for url in ("--upload-pack=touch", "ext::sh -c true", "https://me:secret@host/x.git"):
        source = f"source: {{kind: git, urls: ['{url}'], commit: {'a' * 40}, folder: x}}"
        text = GOOD.replace("source: {kind: bundled, path: files, folder: small}", source)
        _, problems = examine_definition(write(tmp_path, text))
        assert [problem.level for problem in problems] == ["error"], url


def test_an_address_that_is_not_https_is_only_a_warning(tmp_path: Path) -> None:
    source = f"source: {{kind: git, urls: ['git://h/x'], commit: {'a' * 40}, folder: x}}"
    text = GOOD.replace("source: {kind: bundled, path: files, folder: small}", source)
    definition, problems = examine_definition(write(tmp_path, text))
    assert definition is not None
    assert [problem.level for problem in problems] == ["warning"]


def test_aliases_that_explode_are_refused_quickly(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    _, problems = examine_definition(write(tmp_path, "\n".join(levels)))
    assert "more than" in problems[0].message


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"- 1\n- 2\n", b"just text", b"x" * 2_000_000]
)
def test_what_is_no_definition_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "workshop.yaml"
    path.write_bytes(content)
    with pytest.raises((DefinitionError, DefinitionUnreadable)) as caught:
        load_definition(path)
    assert caught.value.hint


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DefinitionUnreadable, match="cannot be read"):
        load_definition(tmp_path / "none.yaml")


def test_the_catalogue_offers_built_in_and_own_workshops(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "broken").mkdir()
    write(tmp_path / "mine", GOOD)
    write(tmp_path / "broken", "format: 1")
    catalogue = discover([tmp_path])
    assert {"first-light", "rsna-2023", "small"} <= set(catalogue.definitions)
    assert len(catalogue.problems) == 1
    with pytest.raises(UnknownWorkshop, match="'nowhere'"):
        catalogue.get("nowhere")


def test_an_administrator_can_offer_only_some(tmp_path: Path) -> None:
    assert list(discover([], offered=["first-light"]).definitions) == ["first-light"]


def test_the_schema_file_is_what_the_models_say() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m jupyter_monai_workshop.definition.schema > "
        "jupyter_monai_workshop/definition/workshop.schema.json"
    )


DATA = """\
data:
  - id: pictures
    title: Pictures
    urls: [https://example.org/pictures.tar.gz]
    size: 1000
    checksum: md5:0123456789abcdef0123456789abcdef
  - kind: git
    id: templates
    title: Templates
    urls: [https://example.org/research.git]
    commit: 89abcdef0123456789abcdef0123456789abcdef
    path: networks/templates
    size: 500
    variable: TEMPLATES
modules:
"""
WITH_DATA = GOOD.replace("modules:\n", DATA).replace(
    "        duration: 5\n", "        duration: 5\n        data: [templates]\n"
)


def test_data_sets_are_files_unless_they_say_that_they_are_from_git(tmp_path: Path) -> None:
    definition = load_definition(write(tmp_path, WITH_DATA)).definition
    file, templates = definition.data
    assert isinstance(file, DataSet)
    assert isinstance(templates, GitDataSet)
    assert (file.kind, file.size_is) == ("file", "exact")
    assert templates.path == "networks/templates"
    assert definition.modules[0].steps[0].data == ("templates",)


DATA_MISTAKES = [
    ("kind: git", "kind: torrent", 13, "'file' or 'git'"),
    ("kind: git", "kind: [git]", 13, "'file' or 'git'"),
    ("  - kind: git\n    id: templates", "  - id: templates", 16, "no field 'commit'"),
    ("    path: networks/templates\n", "", 13, "'path' is missing"),
    ("path: networks/templates", "path: ../up", 18, "relative path"),
    ("commit: 89", "commit: x9", 17, "pattern"),
    ("    size: 500\n", "    size: 500\n    checksum: md5:1\n", 20, "no field 'checksum'"),
    ("size: 1000", "size: about", 11, "valid integer"),
    ("size: 1000", "size: 1000\n    size_is: roughly", 12, "'exact' or 'about'"),
    ("    size: 1000\n", "", 8, "'size' is missing"),
    ("id: templates", "id: pictures", 14, "used twice"),
    ("data: [templates]", "data: [template]", 32, "no data set 'template'"),
    (
        "data:\n",
        "needs: {workers: {count: 1, batch_mib: 1, module: none}}\ndata:\n",
        7,
        "no module 'none'",
    ),
    ("data: [templates]", "data: templates", 32, "tuple"),
    ("https://example.org/research", "ext::sh -c true", 16, "no address git may be given"),
    ("https://example.org/research", "https://me:pw@example.org/x", 16, "a password"),
    ("md5:0123456789abcdef0123456789abcdef", "crc:1", 12, "pattern"),
    (
        "checksum: md5",
        "variable: TEMPLATES\n    checksum: md5",
        21,
        "'TEMPLATES' is set by the data set 'pictures' too",
    ),
    (
        "data:\n",
        "environment: {variables: {TEMPLATES: x}}\ndata:\n",
        21,
        "'TEMPLATES' is set by the environment too",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), DATA_MISTAKES)
def test_a_mistake_in_the_data_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in WITH_DATA
    _, problems = examine_definition(write(tmp_path, WITH_DATA.replace(old, new, 1)))
    found = [problem.line for problem in problems if message in problem.message]
    assert found == [line], [str(problem) for problem in problems]
