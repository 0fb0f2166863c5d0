"""A rehearsal of what a room without network will have."""

import subprocess
import sys
from pathlib import Path

from tests.git_server import GitServer, commit_all, git

from .workbench import KERNEL, environment, rehearsed, write_workshop

SOURCE = "source: {kind: bundled, path: files, folder: made}"


def from_git(folder: Path, url: str, commit: str) -> Path:
    """Write a workshop whose notebook comes from a repository, and return its folders' folder."""
    made = write_workshop(folder / "made", {"one": [("works", "print('here')", "")]})
    text = (made / "workshop.yaml").read_text("utf-8")
    assert SOURCE in text
    source = f"source: {{kind: git, urls: [{url!r}], commit: {commit}, sparse: [], folder: made}}"
    (made / "workshop.yaml").write_text(text.replace(SOURCE, source), encoding="utf-8")
    return folder


def test_a_kit_stands_in_for_the_network(tmp_path: Path) -> None:
    repository, kit = tmp_path / "repository", tmp_path / "kit.tar"
    write_workshop(tmp_path / "copy", {"one": [("works", "print('here')", "")]})
    (tmp_path / "copy" / "files").rename(repository)
    git(repository, "init", "--quiet", "--initial-branch=main")
    commit = commit_all(repository, "The notebook")
    with GitServer(repository) as server:
        definitions = from_git(tmp_path / "definitions", server.url, commit)
        pack = [sys.executable, "-m", "jupyter_monai_workshop", "pack", "made"]
        pack += ["--definitions", str(definitions), "--mirror", server.url]
        pack += ["-o", str(kit)]
        subprocess.run(pack, env=environment(tmp_path / "organiser"), check=True)
    options = ("made", "--definitions", definitions, "--kernel", KERNEL)
    found = rehearsed(*options, data=tmp_path / "without", status=1)["one"]
    assert {it["name"] for it in found["preparation"] if it["failure"]} == {"materials"}
    found = rehearsed(*options, "--kit", kit, data=tmp_path / "venue", status=0)["one"]
    assert found["state"] == "passed"
