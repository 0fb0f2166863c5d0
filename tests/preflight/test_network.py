"""Reaching sources, tried on real servers on the loopback, well and unwell."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import pytest

from jupyter_monai_workshop.preflight import Answer, Origin, network_check, read_network
from jupyter_monai_workshop.preflight.network import Reach, host_of

_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Server:
    """A web server that answers as it is told and notes what it was asked."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.status: dict[str, int] = {}
        self.redirects: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer()

            def do_GET(self) -> None:
                self._answer()

            def do_CONNECT(self) -> None:
                self._answer()

            def _answer(self) -> None:
                outer.asked.append(f"{self.command} {self.path}")
                outer.headers = dict(self.headers)
                to = outer.redirects.get(self.path)
                self.send_response(302 if to else outer.status.get(self.path, 200))
                if to:
                    self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # In a thread of its own, so that a broken handshake does not stop the server.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path: str = "/x.tar", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen on a port, treat every connection by `behave`, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def work() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    behave(connection)

        threading.Thread(target=work, daemon=True).start()
        yield int(listener.getsockname()[1])


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def ask(*addresses: str, git: bool = False, timeout: float = 10.0) -> tuple[Answer, ...]:
    ((_origin, answers),) = read_network([Origin("Pictures", addresses, git=git)], timeout=timeout)
    return answers


def reach(address: str, *, git: bool = False, timeout: float = 10.0) -> str:
    (answer,) = ask(address, git=git, timeout=timeout)
    return answer.reach


def test_a_server_that_answers_is_asked_for_a_head_and_told_nothing(server: Server) -> None:
    assert reach(server.url("/a b.tar?x=1")) == "reached"
    assert server.asked == ["HEAD /a%20b.tar?x=1"]
    assert set(server.headers) <= {"Accept-Encoding", "Host", "User-Agent", "Connection"}
    assert server.headers["User-Agent"] == "jupyter-monai-workshop"


def test_a_login_in_an_address_is_neither_sent_nor_told(server: Server) -> None:
    address = server.url().replace("//", "//anna:secret@")
    (answer,) = ask(address)
    assert (answer.reach, answer.host) == ("reached", "127.0.0.1")
    assert "Authorization" not in server.headers
    (bad,) = ask(f"http://anna:secret@127.0.0.1:{closed_port()}/")
    assert "secret" not in repr(bad)
    (worse,) = ask("http://anna:secret@[::1/")
    assert (worse.reach, "secret" in repr(worse)) == ("invalid", False)


def test_of_a_repository_the_branches_are_asked_for(server: Server) -> None:
    assert reach(server.url("/group/project.git"), git=True) == "reached"
    assert server.asked == ["HEAD /group/project.git/info/refs?service=git-upload-pack"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, "reached"),
        (401, "reached"),
        (403, "reached"),
        (405, "reached"),
        (501, "reached"),
        (404, "gone"),
        (410, "gone"),
        (407, "proxy"),
        (500, "http"),
        (503, "http"),
    ],
)
def test_what_an_http_status_means(server: Server, status: int, expected: str) -> None:
    server.status["/x.tar"] = status
    (answer,) = ask(server.url())
    assert answer.reach == expected
    assert (str(status) in answer.words) == (expected != "reached" or status >= 400)


def test_a_redirect_is_followed_still_asking_for_the_head_only(server: Server) -> None:
    other = Server()
    server.redirects["/x.tar"] = other.url("/far.tar")
    assert reach(server.url()) == "reached"
    assert other.asked == ["HEAD /far.tar"]
    other.status["/far.tar"] = 404
    assert reach(server.url()) == "gone"
    other.close()
    assert reach(server.url()) == "refused", "the host that has the file is out of reach"
    server.redirects["/x.tar"] = "file:///etc/passwd"
    assert reach(server.url()) == "reached", "this host answered; elsewhere we do not go"
    server.redirects["/x.tar"] = server.url()
    assert reach(server.url()) in ("reached", "http"), "a circle ends"


def test_a_port_that_nobody_listens_on_is_refused() -> None:
    port = closed_port()
    for scheme in ("http", "https", "ssh", "git"):
        assert reach(f"{scheme}://127.0.0.1:{port}/x.git") == "refused", scheme


def test_a_name_that_nobody_knows() -> None:
    # Names under .invalid never exist.
    for scheme in ("https", "ssh"):
        assert reach(f"{scheme}://nowhere.invalid/x") in ("dns", "timeout")


def test_a_silent_server_is_left_after_the_time_that_was_given() -> None:
    with listening(lambda connection: time.sleep(30)) as port:
        for scheme in ("http", "https"):
            begun = time.monotonic()
            (answer,) = ask(f"{scheme}://127.0.0.1:{port}/", timeout=0.5)
            assert answer.reach == "timeout"
            assert time.monotonic() - begun < 5


def test_a_server_that_drips_is_left_after_the_time_that_was_given() -> None:
    def drip(connection: socket.socket) -> None:
        try:
            for _second in range(300):
                connection.sendall(b"HTTP/1.1 1")
                time.sleep(0.1)
        except OSError:
            pass

    with listening(drip) as port:
        begun = time.monotonic()
        assert reach(f"http://127.0.0.1:{port}/", timeout=1.0) in ("timeout", "unreachable")
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("noise", [b"", b"SSH-2.0-OpenSSH\r\n", b"\0\xff" * 40_000])
def test_a_server_that_talks_something_else_is_not_reached(noise: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        try:
            connection.recv(10_000)
            connection.sendall(noise)
        except OSError:
            pass

    with listening(talk) as port:
        assert reach(f"http://127.0.0.1:{port}/") == "unreachable"
        assert reach(f"https://127.0.0.1:{port}/") in ("tls", "unreachable")


def test_ssh_needs_a_connection_only() -> None:
    with listening(lambda connection: None) as port:
        assert reach(f"ssh://git@127.0.0.1:{port}/x.git", git=True) == "reached"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.fail("this test makes a certificate with openssl; install it (apt: openssl)")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + made.read_bytes())
    return both


def test_a_certificate_that_is_not_trusted_until_it_is(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(certificate)
    address = server.url(scheme="https")
    assert reach(address) == "tls"
    assert server.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert reach(address) == "reached"
    server.close()


def test_the_proxy_of_the_environment_is_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url("", "127.0.0.1"))
    assert reach("http://nowhere.invalid/x.tar") == "reached"
    assert server.asked == ["HEAD http://nowhere.invalid/x.tar"]
    monkeypatch.setenv("no_proxy", "nowhere.invalid")
    assert reach("http://nowhere.invalid/x.tar") in ("dns", "timeout")


def test_a_proxy_that_refuses_or_is_not_there(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url(""))
    for status in (403, 407, 502):
        server.status["nowhere.invalid:443"] = status
        (answer,) = ask("https://nowhere.invalid/x")
        assert (answer.reach, str(status) in answer.words) == ("proxy", True)
    for proxy in (f"http://127.0.0.1:{closed_port()}", "http://proxy.invalid:3128"):
        monkeypatch.setenv("https_proxy", proxy)
        assert reach("https://nowhere.invalid/x") in ("proxy", "timeout"), proxy


@pytest.mark.parametrize(
    "address",
    [
        "https://",
        "https://:443/",
        "https://host:port/",
        "https://[::1/",
        "http://exa mple.org/\n",
        "gopher://example.org/",
        f"https://{'a' * 300}.org/",
    ],
)
def test_an_address_that_cannot_be_used(address: str) -> None:
    assert reach(address) in ("invalid", "dns")


def test_files_need_no_network(tmp_path: Path) -> None:
    assert reach(tmp_path.as_uri()) == "reached"
    assert reach(str(tmp_path)) == "reached"


def test_all_are_asked_at_once() -> None:
    with listening(lambda connection: time.sleep(30)) as port:
        origins = [Origin(f"Data {i}", (f"http://127.0.0.1:{port}/{i}",)) for i in range(20)]
        begun = time.monotonic()
        asked = read_network(origins, timeout=1.0)
        assert time.monotonic() - begun < 5
        assert [answer.reach for _, answers in asked for answer in answers] == ["timeout"] * 20


def test_what_is_not_to_be_brought_is_not_judged() -> None:
    assert network_check(read_network([])) is None


def test_one_mirror_that_is_reached_is_enough(server: Server) -> None:
    origin = Origin("Pictures", (f"http://127.0.0.1:{closed_port()}/x", server.url()))
    check = network_check(read_network([origin, Origin("Materials", (server.url(),), git=True)]))
    assert check is not None
    assert (check.level, check.found, check.wanted) == ("pass", "2 of 2 reached", "2 reached")
    assert (check.message, check.remedy) == ("All sources are reached.", "")
    assert "refused" in check.details


def test_the_first_source_that_is_missing_is_told(server: Server) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/x"
    origins = [Origin("Materials", (server.url(),), git=True), Origin("Pictures", (gone,))]
    check = network_check(read_network([*origins, Origin("Packages", (gone, gone))]))
    assert check is not None
    assert (check.level, check.found) == ("fail", "1 of 3 reached")
    assert check.message == ("Pictures: 127.0.0.1 refuses the connection. 1 more is not reached.")
    assert "127.0.0.1" in check.remedy


def test_a_server_in_trouble_may_recover(server: Server) -> None:
    server.status["/x.tar"] = 503
    check = network_check(read_network([Origin("Pictures", (server.url(),))]))
    assert check is not None
    assert (check.level, check.remedy) == ("warn", "Wait a few minutes, then check again.")


def test_hosts_are_named_without_secrets() -> None:
    assert host_of("https://u:p@Example.org:8443/x?token=1") == "example.org"
    assert host_of("file:///x") == "file:"
    assert host_of("/x/y") == "this machine"
    assert host_of("https://[::1/") == "an address that cannot be read"


def test_every_outcome_has_a_sentence_and_a_remedy() -> None:
    for reach in get_args(Reach):
        if reach == "reached":
            continue
        origin = Origin("Pictures", ("https://example.org/x",))
        check = network_check([(origin, [Answer("example.org", reach, "words")])])
        assert check is not None
        assert check.level == ("warn" if reach == "http" else "fail")
        assert check.message.startswith("Pictures: ")
        assert check.message.endswith(".")
        assert check.remedy.endswith(".")
        assert "{" not in check.message + check.remedy
        assert len(check.message) <= 140
        assert len(check.remedy) <= 140
