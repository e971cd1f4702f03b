"""Who gets in."""

import asyncio

import pytest

from dfl_cli.web.access import AccessGuard

TOKEN = "a-long-secret"


def ask(path="/", query="", kind="http", **headers):
    """What the guard answers: the status, 'in' where the request was let through, or 'closed'; and the answer's headers."""

    async def inside(scope, receive, send):
        sent.append({"type": "in"})

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    sent = []
    headers = {"host": "127.0.0.1:8088"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(AccessGuard(inside, token=TOKEN, cookie="dfl", hosts=["my-machine"])(scope, receive, send))
    first = sent[0]
    answer = first.get("status") or first["type"].replace("websocket.close", "closed")
    return answer, {name.decode(): value.decode() for name, value in first.get("headers", ())}


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address():
    answer, headers = ask(query=f"token={TOKEN}")
    assert (answer, headers["location"]) == (303, "/")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert "HttpOnly" in attributes
    assert ask(cookie=cookie)[0] == "in"
    assert ask(cookie=cookie, kind="websocket")[0] == "in"


@pytest.mark.parametrize(
    "foreign",
    [
        'prefs={"theme":"dark"}',
        "a=b=c; ; =x; lonely",
        'name with spaces="quoted; semicolon"',
        "bad\x01name=\xe9\xff",
        "path=C:\\temp",
        "dfl2=x; xdfl=y",
    ],
)
def test_cookies_of_other_programs_on_this_machine_lock_nobody_out(foreign):
    for cookie in (f"{foreign}; dfl={TOKEN}", f"dfl={TOKEN}; {foreign}"):
        assert ask(cookie=cookie)[0] == "in"
        assert ask(cookie=cookie, kind="websocket")[0] == "in"
    assert ask(cookie=foreign)[0] == 403
    assert ask(cookie=f"{foreign}; dfl=wrong")[0] == 403


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", f"token={TOKEN}x", f"other={TOKEN}"])
@pytest.mark.parametrize("path", ["/", "/picture/0/merged", "/_nicegui/static/nicegui.js"])
def test_without_the_token_nothing_is_shown(path, query):
    assert ask(path, query)[0] == 403
    assert ask(path, query, cookie="dfl=wrong; other=x")[0] == 403
    assert ask(path, query, kind="websocket")[0] == "closed"


def test_the_token_opens_the_front_door_only():
    assert ask("/picture/0/merged", f"token={TOKEN}")[0] == 403


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("127.0.0.1:8088", True),
        ("localhost:9000", True),  # through an ssh tunnel the port is another one
        ("[::1]:8088", True),
        ("192.168.0.7", True),
        ("My-Machine:8088", True),
        ("evil.example:8088", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8088", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_foreign_names_for_this_machine_are_refused(host, let_in):
    assert ask(host=host, cookie=f"dfl={TOKEN}")[0] == ("in" if let_in else 403)


def test_other_pages_may_not_send_requests_even_with_the_cookie():
    cookie = f"dfl={TOKEN}"
    assert ask(cookie=cookie, origin="http://127.0.0.1:8088", kind="websocket")[0] == "in"
    assert ask(cookie=cookie, origin="http://127.0.0.1:3000", kind="websocket")[0] == "closed"
    assert ask(cookie=cookie, origin="null")[0] == 403


def test_the_browser_is_told_to_load_nothing_from_elsewhere():
    assert "default-src 'self'" in ask()[1]["content-security-policy"]
