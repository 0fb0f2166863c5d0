"""Stub wheels, a base Python to inherit from, and an index that can stand still."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jupyter_monai_workshop.definition.models import Environment
from jupyter_monai_workshop.errors import Cancelled
from jupyter_monai_workshop.jobs.progress import Phase, Progress
from jupyter_monai_workshop.kernels import (
    EnvironmentPlace,
    EnvironmentState,
    InstallPlan,
    build_environment,
    observe_environment,
)

TITLE = "A workshop"


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    requires: Iterable[str] = (),
    *,
    extras: Iterable[str] = (),
    module: str = "",
    tag: str = "py3-none-any",
) -> Path:
    """Write a wheel whose only module says its version, and return its path."""
    module = module or name.replace("-", "_")
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": metadata(name, version, requires, extras),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = [
        f"{path},sha256={digest(text.encode())},{len(text.encode())}"
        for path, text in files.items()
    ]
    record.append(f"{info}/RECORD,,")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return path


def metadata(
    name: str, version: str, requires: Iterable[str] = (), extras: Iterable[str] = ()
) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {line}" for line in requires]
    return "\n".join(lines) + "\n"


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class BasePython:
    """A virtual environment that plays the image's Python."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        (found,) = (self.folder / "lib").glob("python3*/site-packages")
        return found

    def add(
        self, name: str, version: str, requires: Iterable[str] = (), extras: Iterable[str] = ()
    ) -> None:
        """Install a stub, as a wheel of the same name would be."""
        wheel = write_wheel(self.folder / "wheels", name, version, requires, extras=extras)
        with zipfile.ZipFile(wheel) as content:
            content.extractall(self.packages)

    def replace(self, name: str, folder: Path) -> None:
        """Put all that lies in `folder` in the place of the stub `name`."""
        self.remove(name)
        for path in folder.iterdir():
            (self.packages / path.name).symlink_to(path.resolve())

    def remove(self, name: str) -> None:
        for path in [*self.packages.glob(f"{name}-*.dist-info"), self.packages / name]:
            shutil.rmtree(path)


class Recorder:
    """A :class:`Progress` that remembers what it was told.

    Parameters
    ----------
    stop_when
        Ask for a stop once this is true of a report's phase and message.
    """

    def __init__(self, stop_when: Callable[[Phase, str], bool] = lambda *_: False) -> None:
        self.reports: list[tuple[Phase, float | None, str]] = []
        self._stop_when = stop_when
        self._stop = threading.Event()
        self._stops: list[Callable[[], None]] = []

    @property
    def phases(self) -> list[Phase]:
        return list(dict.fromkeys(phase for phase, _, _ in self.reports))

    @property
    def fractions(self) -> list[float]:
        return [fraction for _, fraction, _ in self.reports if fraction is not None]

    def report(self, phase: Phase, fraction: float | None = None, message: str = "") -> None:
        self.reports.append((phase, fraction, message))
        if self._stop_when(phase, message):
            self.cancel()

    def cancel(self) -> None:
        self._stop.set()
        for stop in list(self._stops):
            stop()

    def raise_if_cancelled(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        self._stops.append(stop)
        try:
            yield
        finally:
            self._stops.remove(stop)


@dataclass
class Room:
    """One attendee's machine: a base Python, wheels to install from, a place to build in."""

    base: BasePython
    links: Path
    place: EnvironmentPlace
    environment: Environment = field(default_factory=Environment)
    plans: list[InstallPlan] = field(default_factory=list)

    def build(
        self,
        environment: Environment,
        progress: Progress | None = None,
        *,
        gpu: bool = False,
        wheels: Path | None = None,
    ) -> EnvironmentState:
        self.environment = environment
        return build_environment(
            environment,
            self.place,
            title=TITLE,
            base_python=self.base.python,
            gpu=gpu,
            wheels=wheels,
            on_plan=self.plans.append,
            progress=progress or Recorder(),
        )

    def observe(self, environment: Environment | None = None) -> EnvironmentState:
        return observe_environment(
            environment or self.environment, self.place, base_python=self.base.python
        )

    def ask(self, code: str) -> str:
        """Return what `code` prints in the environment's Python."""
        python = self.observe().python
        assert python is not None
        return said_by([str(python), "-c", code])

    def generations(self) -> list[str]:
        """Return the names of everything in the environment's folder."""
        folder = self.place.environment
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def said_by(command: list[str], **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd="/", env=environ or None
    )
    return done.stdout.strip()


def processes() -> dict[int, str]:
    """Return the command line of every process that runs, by its number."""
    listing = said_by(["ps", "-A", "-ww", "-o", "pid=,stat=,args="], PATH=os.environ["PATH"])
    rows = (line.split(maxsplit=2) for line in listing.splitlines())
    return {int(row[0]): row[-1] for row in rows if not row[1].startswith("Z")}


class StillIndex:
    """A package index on loopback that names wheels and never finishes sending one.

    Their metadata is served apart (as PyPI does), so that a resolution succeeds and the
    download is what stands still.
    """

    def __init__(self, wheels: Iterable[tuple[str, str]]) -> None:
        self.asked = threading.Event()
        self._release = threading.Event()
        texts = {f"{name}-{version}-py3-none-any.whl": (name, version) for name, version in wheels}
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                file = self.path.rstrip("/").rpartition("/")[2]
                wheel = file.removesuffix(".metadata")
                if wheel in texts and file.endswith(".metadata"):
                    self._answer(metadata(*texts[wheel]).encode())
                elif wheel in texts:
                    self.send_response(200)
                    self.send_header("Content-Length", str(50 << 20))
                    self.end_headers()
                    self.wfile.write(b"PK\x03\x04")
                    self.wfile.flush()
                    index.asked.set()
                    index._release.wait(60)
                else:
                    found = [name for name, (package, _) in texts.items() if package == file]
                    page = "".join(
                        f'<a href="/files/{name}#sha256={"0" * 64}" data-core-metadata="true">'
                        f"{name}</a>"
                        for name in found
                    )
                    self._answer(page.encode(), 200 if found else 404)

            def _answer(self, content: bytes, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/simple"

    def __enter__(self) -> StillIndex:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()


class CountingIndex:
    """A package index on loopback that serves the wheels of a folder and counts them."""

    def __init__(self, folder: Path) -> None:
        self.wheels = 0
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                file = self.path.rstrip("/").rpartition("/")[2]
                if file.endswith(".metadata"):
                    with zipfile.ZipFile(folder / file.removesuffix(".metadata")) as wheel:
                        (name,) = (it for it in wheel.namelist() if it.endswith("METADATA"))
                        content, kind = wheel.read(name), "text/plain"
                elif file.endswith(".whl"):
                    index.wheels += 1
                    content, kind = (folder / file).read_bytes(), "application/zip"
                else:
                    found = folder.glob(f"{file.replace('-', '_')}-*.whl")
                    links = (
                        f'<a href="/files/{it.name}#sha256='
                        f'{hashlib.sha256(it.read_bytes()).hexdigest()}" data-core-metadata="true">'
                        f"{it.name}</a>"
                        for it in found
                    )
                    content, kind = "".join(links).encode(), "text/html"
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/simple"

    def __enter__(self) -> CountingIndex:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
