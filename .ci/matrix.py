"""Try one wheel everywhere: the server's suite on each Python, the browser's on each JupyterLab.

Each cell is a fresh virtual environment below ``build/matrix``, with the wheel and not the
checkout. Ends with one line a cell; fails if a cell did.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from jupyter_monai_workshop.kernels.pip_settings import read_pip_settings

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "matrix"
PINS = ROOT / ".ci" / "sagemaker-distribution.txt"
PANEL = ROOT / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
LABS = ("4.4.10", "4.5.10", "4.6")
PINNED_LAB, PINNED_PYTHON = "4.5.10", "3.12"
"""The JupyterLab and the Python of SageMaker Distribution 4, tried with what that pins."""

LANGUAGES = ("jupyterlab-language-pack-de-DE",)
"""The translations of JupyterLab that the suite switches to."""

SERVER_SUITE = ("server", "definition", "notebooks", "progress", "cli")
"""The folders of ``tests/`` that depend on the Python and on the server."""


def find_python(version: str) -> "Path | None":
    """Return an interpreter of that version: on PATH, or of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")]
    for candidate in filter(None, candidates):
        asked = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        answer = subprocess.run(
            [str(candidate), "-c", asked], capture_output=True, text=True, check=False
        )
        told, _, path = answer.stdout.strip().partition(" ")
        if told == version:
            return Path(path)
    return None


def run(
    *command: "str | Path", cwd: Path = ROOT, variables: "Mapping[str, str] | None" = None
) -> None:
    """Run a command, with more environment variables, and fail with it."""
    environ = {**os.environ, **(variables or {})}
    environ.pop("VIRTUAL_ENV", None)
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, env=environ, check=True)


def with_first(programs: Path) -> "dict[str, str]":
    """Return the variables with which these programs come first."""
    return {"PATH": os.pathsep.join((str(programs), os.environ["PATH"]))}


def build_wheel() -> Path:
    """Build the wheel that every cell gets."""
    folder = BUILD / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(name: str, python: Path, *packages: "str | Path") -> Path:
    """Make a fresh environment with these packages; returns its folder of programs."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    sources = read_pip_settings(Path(sys.executable), os.environ).environ(os.environ)
    run(uv, "venv", "--quiet", "--seed", "--python", python, folder, variables=sources)
    target = ("--python", folder / "bin" / "python")
    run(uv, "pip", "install", "--quiet", *target, *packages, variables=sources)
    return folder / "bin"


def server_cell(version: str, python: Path, wheel: Path) -> None:
    """Run the server's suite on one Python."""
    programs = environment(f"python-{version}", python, f"{wheel}[test]")
    # Beside the package of the checkout its tests would import that one.
    tree = BUILD / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("tests", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "src" / "core").mkdir(parents=True)
    shutil.copy(ROOT / "src" / "core" / "openapi.json", tree / "src" / "core")
    shutil.copy(ROOT / "pyproject.toml", tree)
    suites = [f"tests/{name}" for name in SERVER_SUITE]
    pytest = (programs / "python", "-m", "pytest", "-q")
    run(
        *(*pytest, "-n", "2", "--dist", "loadfile", "-m", "not alone", *suites),
        cwd=tree,
        variables=with_first(programs),
    )
    # What depends on time has the machine for itself.
    run(*pytest, "-m", "alone", *suites, cwd=tree, variables=with_first(programs))


def browser_cell(version: str, python: Path, wheel: Path) -> None:
    """Run the browser's suite on one JupyterLab."""
    lab = f"jupyterlab=={version}.*" if version.count(".") == 1 else f"jupyterlab=={version}"
    pins: list[str | Path] = ["--constraint", PINS] if version == PINNED_LAB else []
    programs = environment(f"lab-{version}", python, wheel, lab, *LANGUAGES, *pins)
    settings = programs.parent / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True)
    shutil.copy(PANEL, settings)
    run(programs / "jupyter", "lab", "--version")
    suite = ["jlpm", "playwright", "test", "--project=lab", "--output", f"test-results/{version}"]
    run(*suite, cwd=ROOT / "ui-tests", variables=with_first(programs))


def attempt(name: str, cell: "Callable[..., None]", *arguments: object) -> "tuple[str, str]":
    """Run one cell; returns its name and what came of it."""
    print(f"\n== {name}", flush=True)
    try:
        cell(*arguments)
    except subprocess.CalledProcessError as error:
        return name, f"failed ({error.returncode})"
    return name, "passed"


def main() -> int:
    """Run the cells asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pythons", nargs="*", default=PYTHONS, metavar="VERSION")
    parser.add_argument("--labs", nargs="*", default=LABS, metavar="VERSION")
    asked = parser.parse_args()
    wheel = build_wheel()
    results = []
    for version in asked.pythons:
        name, python = f"server, Python {version}", find_python(version)
        results.append(
            attempt(name, server_cell, version, python, wheel) if python else (name, "not found")
        )
    for version in asked.labs:
        python = (find_python(PINNED_PYTHON) if version == PINNED_LAB else None) or Path(
            sys.executable
        )
        results.append(attempt(f"JupyterLab {version}", browser_cell, version, python, wheel))
    print()
    for name, result in results:
        print(f"{name}: {result}")
    return int(any(result.startswith("failed") for _, result in results))


if __name__ == "__main__":
    sys.exit(main())
