"""Who may see the page: whoever has the token, coming by a name of this machine, from the page itself."""

import hmac
import ipaddress
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

FORBIDDEN = b"Open the address that dfl printed in the terminal, with its token."
HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]  # the first one: a browser loads nothing from outside, whatever a library may ask for


class AccessGuard:
    """ASGI middleware in front of everything: pages, pictures, assets, websockets.

    The first visit brings the token in the address (`/?token=...`) and is sent on to `/` with a cookie. The name in the Host header must
    be an address, `localhost` or a name given as `hosts`: a foreign name that was made to point here (DNS rebinding) is refused. A request
    that names another page as its origin is refused too; cookies alone do not tell the ports of one machine apart.
    """

    def __init__(self, app, *, token: str, cookie: str, hosts: Iterable[str] = ()):
        self.app, self.token, self.cookie = app, token, cookie
        self.hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = joined_headers(scope["headers"])
        if not (self.known_host(headers.get(b"host", "")) and same_origin(headers)):
            await refuse(scope, receive, send)
        elif self.matches(self.cookie_of(headers)):
            await self.app(scope, receive, with_headers(send))
        elif scope["type"] == "http" and scope["path"] == "/" and self.matches(token_of(scope)):
            await self.admit(send)
        else:
            await refuse(scope, receive, send)

    def known_host(self, host: str) -> bool:
        """Whether `host`, with or without port, can only be this machine."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            ipaddress.ip_address(name)
        except ValueError:
            return name_of(host) in self.hosts
        return True

    def matches(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())

    def cookie_of(self, headers) -> str:
        return cookie_value(headers.get(b"cookie", ""), self.cookie)

    async def admit(self, send) -> None:
        """Give the cookie and take the token out of the address."""
        cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Lax"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store"), *HEADERS]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def joined_headers(headers) -> dict[bytes, str]:
    """By name in lower case; the parts of a Cookie header that came in several (RFC 9113, 8.2.3) are put together again."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        key, text = name.lower(), value.decode("latin-1")
        found[key] = f"{found[key]}; {text}" if key == b"cookie" and key in found else text
    return found


def cookie_value(header: str, name: str) -> str:
    """The value of the cookie `name` in a Cookie header; empty where there is none.

    All programs of this machine share their cookies, and some set values that no standard allows, as `prefs={"theme":"dark"}`;
    `http.cookies` drops all cookies at the first of these. Browsers send cookies separated by semicolons.
    """
    found = (part.partition("=") for part in header.split(";"))
    return next((value.strip() for key, _, value in found if key.strip() == name), "")


def token_of(scope) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]


def name_of(host: str) -> str:
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def same_origin(headers) -> bool:
    """False for a request that another page started."""
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin).netloc == headers.get(b"host")


async def refuse(scope, receive, send) -> None:
    """403, or a closed websocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": FORBIDDEN})


def with_headers(send):
    """`send`, adding HEADERS to every response."""

    async def sending(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *HEADERS]}
        await send(message)

    return sending
