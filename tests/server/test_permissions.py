"""Nobody asks for anything who may not: every verb of every route, by whoever has no right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http.cookies import SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError
from tornado.routing import PathMatches
from tornado.web import RequestHandler

from jupyter_monai_workshop.server.events import SCHEMA_ID
from jupyter_monai_workshop.server.handlers import WorkshopHandler
from jupyter_monai_workshop.server.openapi import document
from jupyter_monai_workshop.server.routes import HANDLERS

from .conftest import Client

Codes: TypeAlias = Mapping[tuple[str, str], int]
READING = ("GET", "HEAD")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
GIVEN = {"workshop": "tiny", "module": "only", "job": "0"}
BODIES = {
    "selection": {"workshop": "first-light"},
    "workshops/tiny/jobs": {"kind": "materials"},
    "workshops/tiny/edits": {"module": "only", "purpose": "patches", "cells": []},
}
"""What would do something, were it permitted."""


def routes() -> Iterator[tuple[str, str, type[WorkshopHandler]]]:
    """Yield verb, path and handler of all that the extension answers, and of all it does not."""
    described = {re.sub(r"\{\w+\}", "([^/]+)", path).strip("/"): path for path in operations()}
    for pattern, handler in HANDLERS:
        name = pattern.removeprefix("monai-workshop/")
        path = "nothing/here" if name == ".*" else described[name].strip("/").format(**GIVEN)
        for verb in (*READING, *CHANGING):
            yield verb, path, handler


def operations() -> Mapping[str, Any]:
    found: Mapping[str, Any] = document()["paths"]
    return found


def answers(handler: type[WorkshopHandler], verb: str) -> bool:
    return getattr(handler, verb.lower()) is not getattr(RequestHandler, verb.lower())


class Stranger:
    """Asks as somebody who shows nothing but these headers."""

    def __init__(self, fetch: Any, base: str) -> None:
        self._fetch = fetch
        self._base = base

    async def ask(
        self, verb: str, path: str, headers: Mapping[str, str], body: str | None = None
    ) -> Any:
        return await self._fetch(
            self._base + path,
            method=verb,
            headers=headers,
            body=body,
            allow_nonstandard_methods=True,
            raise_error=False,
            follow_redirects=False,
        )

    async def logged_in(self, token: str) -> dict[str, str]:
        """Log in as a browser does; return its cookies."""
        page = await self.ask("GET", "login", {})
        cookies = cookies_of(page)
        form = urlencode({"password": token, "_xsrf": cookies["_xsrf"]})
        headers = {"Cookie": line(cookies), "Content-Type": "application/x-www-form-urlencoded"}
        return cookies | cookies_of(await self.ask("POST", "login", headers, form))

    async def ask_everything(self, headers: Mapping[str, str]) -> Codes:
        """Return what each route answers to each verb; what is refused tells nothing."""
        codes = {}
        for verb, path, _ in routes():
            body = json.dumps(BODIES.get(path, {})) if verb in CHANGING else None
            response = await self.ask(verb, f"monai-workshop/{path}", headers, body)
            codes[verb, path] = response.code
            if response.code == 403 and verb != "HEAD":
                failure = json.loads(response.body)
                assert set(failure) == {"code", "message", "hint", "details"}, (verb, path)
                assert "tiny" not in response.body.decode(), (verb, path)
        return codes


@pytest.fixture
def stranger(client: Client, http_server_client: Any, jp_base_url: str) -> Stranger:
    return Stranger(http_server_client.fetch, jp_base_url)


async def nothing_has_happened(client: Client) -> bool:
    snapshot = await client.ask("workshops", "tiny")
    selected = (await client.ask("selection"))["workshop"]
    return (snapshot["jobs"], selected, list(client.root.iterdir())) == ([], "tiny", [])


def refused(codes: Codes, *, verbs: tuple[str, ...]) -> None:
    """Assert that just these verbs were refused, on every route that answers them."""
    for verb, path, handler in routes():
        if answers(handler, verb):
            assert (codes[verb, path] == 403) is (verb in verbs), (verb, path, codes[verb, path])


def cookies_of(response: Any) -> dict[str, str]:
    cookies: SimpleCookie = SimpleCookie()
    for header in response.headers.get_list("Set-Cookie"):
        cookies.load(header)
    return {name: morsel.value for name, morsel in cookies.items()}


def line(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def test_every_described_operation_has_a_handler_and_the_other_way_round() -> None:
    described = {
        (verb.upper(), path.strip("/").format(**GIVEN))
        for path, item in operations().items()
        for verb in item
        if verb != "parameters"
    }
    handled = {
        (verb, path)
        for verb, path, handler in routes()
        if answers(handler, verb) and path != "nothing/here"
    }
    assert handled == described


async def test_the_server_has_no_other_route_of_the_extension(
    client: Client, jp_base_url: str
) -> None:
    patterns = set(served(client.server.web_app.default_router))
    assert {pattern for pattern in patterns if "monai" in pattern} == {
        f"{jp_base_url}{pattern}$" for pattern, _ in HANDLERS
    }


def served(router: Any) -> Iterator[str]:
    """Yield the patterns of all routes of a server."""
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from served(rule.target)
        elif isinstance(rule.matcher, PathMatches):
            yield rule.matcher.regex.pattern


@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}, {"Cookie": "a=b"}])
async def test_without_a_token_every_verb_of_every_route_is_refused(
    client: Client, stranger: Stranger, headers: Mapping[str, str]
) -> None:
    codes = await stranger.ask_everything(headers)
    refused(codes, verbs=(*READING, *CHANGING))
    assert set(codes.values()) <= {403, 405}
    assert await nothing_has_happened(client)


async def test_what_a_browser_asks_before_a_request_tells_nothing(stranger: Stranger) -> None:
    for _, path, _ in routes():
        response = await stranger.ask("OPTIONS", f"monai-workshop/{path}", {})
        assert (response.code, response.body) == (200, b""), path


async def test_with_a_login_nothing_is_changed_without_the_xsrf_token(
    client: Client, stranger: Stranger
) -> None:
    cookies = await stranger.logged_in(client.server.identity_provider.token)
    headers = {"Cookie": line(cookies)}
    codes = await stranger.ask_everything(headers)
    refused(codes, verbs=CHANGING)
    codes = await stranger.ask_everything({**headers, "X-XSRFToken": "of another page"})
    refused(codes, verbs=CHANGING)
    assert await nothing_has_happened(client)
    codes = await stranger.ask_everything({**headers, "X-XSRFToken": cookies["_xsrf"]})
    refused(codes, verbs=())
    assert not await nothing_has_happened(client)


async def test_a_page_of_another_origin_reads_nothing_with_a_login(
    client: Client, stranger: Stranger
) -> None:
    cookies = await stranger.logged_in(client.server.identity_provider.token)
    headers = {"Cookie": line(cookies), "Origin": "https://elsewhere.example"}
    assert min((await stranger.ask_everything(headers)).values()) >= 400


class TestOnAServerThatTrustsEverybody:
    """As in SageMaker Studio: without a token, for any origin, and somebody else asks who it is."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"] |= {"allow_origin": "*", "token": ""}
        return jp_server_config

    async def test_pages_of_other_origins_change_nothing(
        self, client: Client, stranger: Stranger
    ) -> None:
        assert client.server.identity_provider.token == ""
        codes = await stranger.ask_everything({"Origin": "https://elsewhere.example"})
        refused(codes, verbs=CHANGING)
        assert await nothing_has_happened(client)


class Denies(Authorizer):
    """Denies some actions on some resources, and notes what it is asked."""

    actions: tuple[str, ...] = ("read", "write", "execute")
    resource = ""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action not in self.actions or resource != (self.resource or resource)


@pytest.mark.parametrize(
    ("actions", "verbs"),
    [
        (("read", "write", "execute"), (*READING, *CHANGING)),
        (("read",), READING),
        (("write",), CHANGING),
        (("execute",), ()),
    ],
)
async def test_an_authorizer_that_denies_is_obeyed(
    client: Client, stranger: Stranger, actions: tuple[str, ...], verbs: tuple[str, ...]
) -> None:
    headers = {"Authorization": f"token {client.server.identity_provider.token}"}
    authorizer = Denies(parent=client.server)
    authorizer.actions, authorizer.resource = actions, "monai-workshop"
    settings = client.server.web_app.settings
    allowing, settings["authorizer"] = settings["authorizer"], authorizer
    codes = await stranger.ask_everything(headers)
    settings["authorizer"] = allowing
    refused(codes, verbs=verbs)
    if "POST" in verbs:
        assert await nothing_has_happened(client)


@pytest.mark.parametrize(
    ("kind", "action"), [("install_in_kernel", "execute"), ("restart_kernel", "write")]
)
async def test_work_on_a_kernel_needs_the_permission_for_kernels_as_well(
    client: Client, kind: str, action: str
) -> None:
    authorizer = Denies(parent=client.server)
    authorizer.actions, authorizer.resource = (action,), "kernels"
    client.server.web_app.settings["authorizer"] = authorizer
    path = ("workshops", "tiny", "jobs")
    body = json.dumps({"kind": kind, "module": "only"})
    code, failure = await client.refused(*path, method="POST", body=body)
    assert (code, failure["code"]) == (403, "forbidden")
    assert "kernels" in failure["message"]
    assert await nothing_has_happened(client)
    await client.end_of(await client.start("preflight"))


async def test_what_is_pushed_is_told_to_nobody_without_a_token(
    client: Client, stranger: Stranger, jp_ws_fetch: Any
) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("api", "events", "subscribe", headers={"Authorization": "token wrong"})
    assert caught.value.code == 403
    event = {"schema_id": SCHEMA_ID, "version": "1", "data": {}}
    response = await stranger.ask("POST", "api/events", {}, json.dumps(event))
    assert response.code == 403


async def test_what_is_pushed_is_a_number_and_nothing_of_a_person(client: Client) -> None:
    schema = client.server.event_logger.schemas.get(SCHEMA_ID)
    assert set(schema.properties) == {"workshop", "number", "server"}
    assert schema._schema["personal-data"] is False
    assert schema._schema["additionalProperties"] is False
