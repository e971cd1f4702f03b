"""The machine's own Chromium for tests of pages, and axe-core, which finds what shuts people out."""

import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def running_chromium() -> Iterator:
    """For a fixture: a browser, or the test is skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    pytest.importorskip("nicegui", reason="nicegui is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def barriers(page) -> list[str]:
    """What is serious or critical about a page for people who do not see well or use no mouse, by axe-core's rules."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def barriers_in_both_themes(page) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += barriers(page)
    return found


@contextmanager
def on_their_way(page, pattern: str) -> Iterator[None]:
    """Answers to requests whose address contains `pattern` arrive only after the block."""
    held = []
    address = re.compile(re.escape(pattern))
    page.route(address, lambda route: held.append(route))  # Playwright writes attributes into what it calls
    yield
    for route in held:
        route.continue_()
    page.unroute(address)


def status_of(address: str, **headers: str) -> int:
    """What a server answers to a request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
