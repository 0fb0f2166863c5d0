"""From notebooks that somebody has to a definition that works."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

import jupyter_monai_workshop
from jupyter_monai_workshop.authoring import lint_file
from jupyter_monai_workshop.cli import main
from jupyter_monai_workshop.definition.loading import examine_definition
from jupyter_monai_workshop.definition.models import Definition, GitSource
from tests.git_server import git

PACKAGE = Path(jupyter_monai_workshop.__file__).parent
MATERIALS = PACKAGE / "workshops" / "first-light" / "materials"

TRAIN = """\
max_epochs = 4
for epoch in range(max_epochs):
    print(f"epoch {epoch + 1}/{max_epochs}")
    loss.backward()
"""


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give one command to the command line; return status, output and complaints."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "my notebooks"
    (folder / "deep").mkdir(parents=True)
    cells = [
        nbformat.v4.new_markdown_cell("# Lungs: a *first* look\n## Install"),
        nbformat.v4.new_code_cell(
            '!pip install -q "monai[nibabel]>=1.3" -U scikit-image\nprint(1)'
        ),
        nbformat.v4.new_markdown_cell("## Data"),
        nbformat.v4.new_code_cell(
            'download_and_extract("https://example.org/lungs.tar.gz", hash="' + "ab" * 16 + '")'
        ),
        nbformat.v4.new_code_cell("x = ???"),
        nbformat.v4.new_markdown_cell("## Train"),
        nbformat.v4.new_code_cell(
            TRAIN, outputs=[nbformat.v4.new_output("stream", name="stdout", text="epoch 1/4\n")]
        ),
        nbformat.v4.new_markdown_cell("## Look"),
        nbformat.v4.new_code_cell("plt.imshow(x)"),
        nbformat.v4.new_code_cell(""),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "deep" / "lungs.ipynb")
    sources = ("a = 1", "a = 1", "print(a + 1)")
    old = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(it) for it in sources])
    old.nbformat_minor = 4
    for cell in old.cells:
        cell.pop("id", None)
    (folder / "old.ipynb").write_text(json.dumps(old))
    return folder


def written(path: Path) -> Definition:
    definition, problems = examine_definition(path)
    assert [problem for problem in problems if problem.level == "error"] == []
    assert definition is not None
    return definition


def test_a_definition_is_proposed_from_what_the_notebooks_hold(run: Run, notebooks: Path) -> None:
    status, told, complaints = run("new", notebooks, "--json")
    assert status == 0, complaints
    path = Path(json.loads(told)["definition"])
    assert path == notebooks.parent / "workshop.yaml"
    definition = written(path)
    assert lint_file(path) == ()
    lungs, old = definition.modules
    assert (lungs.title, lungs.notebook) == ("Lungs: a *first* look", "deep/lungs.ipynb")
    assert [step.id for step in lungs.steps] == ["install", "data", "train", "look"]
    assert [len(step.cells) for step in lungs.steps] == [1, 2, 1, 1]
    assert {rule.require for rule in definition.environment.packages} == {
        "monai[nibabel]>=1.3",
        "scikit-image",
    }
    (epochs,) = lungs.parameters
    assert (epochs.variable, [choice.value for choice in epochs.choices]) == ("max_epochs", [4, 2])
    training = lungs.steps[2].training
    assert training is not None
    assert training.patterns == (r"^[Ee]poch (?P<epoch>\d+)/(?P<epochs>\d+)$",)
    assert lungs.steps[3].check.image
    text = path.read_text()
    assert "#     urls: [https://example.org/lungs.tar.gz]" in text
    assert "#     checksum: md5:" + "ab" * 16 in text
    assert "An exercise" in text
    # Two cells of the old notebook are the same, and nothing tells them apart.
    assert [address.contains for address in old.steps[0].cells] == ["print(a + 1)"]
    assert "Left out, as no address names them alone: cells 1, 2." in text


def test_a_clone_is_brought_from_where_it_came(run: Run, notebooks: Path) -> None:
    git(notebooks, "init", "--quiet")
    git(notebooks, "add", ".")
    git(notebooks, "commit", "--quiet", "--message", "all")
    git(notebooks, "remote", "add", "origin", "https://example.org/me/lungs.git")
    path = notebooks.parent / "definition" / "workshop.yaml"
    assert run("new", notebooks / "deep", "-o", path)[0] == 0
    definition = written(path)
    source = definition.source
    assert isinstance(source, GitSource)
    assert source.urls == ("https://example.org/me/lungs.git",)
    assert source.sparse == ("deep",)
    assert [module.notebook for module in definition.modules] == ["deep/lungs.ipynb"]
    assert lint_file(path, notebooks) == ()


def test_a_definition_that_is_there_is_not_replaced(run: Run, notebooks: Path) -> None:
    assert run("new", notebooks)[0] == 0
    path = notebooks.parent / "workshop.yaml"
    path.write_text("mine")
    status, _, complaints = run("new", notebooks)
    assert status == 1
    assert "is there already" in complaints
    assert path.read_text() == "mine"


def test_a_folder_without_notebooks_is_refused(run: Run, tmp_path: Path) -> None:
    for folder in (tmp_path / "missing", tmp_path):
        status, _, complaints = run("new", folder, "-o", tmp_path / "w" / "workshop.yaml")
        assert status == 1
        assert complaints.startswith("Error: ")


def test_mistakes_in_notebooks_are_told_with_their_line(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "first-light"
    shutil.copytree(MATERIALS.parent, folder)
    path = folder / "workshop.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- {id: evaluate}", "- {id: evaluated}", 1), encoding="utf-8")
    line = text[: text.index("- {id: evaluate}")].count("\n") + 1
    status, told, _ = run("lint", path)
    assert status == 1
    assert f"error: line {line}: " in told
    assert "No code cell matches" in told
