"""The page in a real browser."""

import re
import signal

import pytest

from browser import barriers_in_both_themes, running_chromium, status_of
from dfl_cli.frames import read_frame

PICTURE = "document.querySelector('.frame img')"
PIXELS = f"""() => {{
    const image = {PICTURE}, canvas = document.createElement("canvas");
    if (!image || !image.complete || !image.naturalWidth) return null;
    canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL();
}}"""


@pytest.fixture(scope="module")
def chromium():
    yield from running_chromium()


class Tab:
    """A browser tab, as a person uses it."""

    def __init__(self, context, address: str):
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.addresses = []
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.goto(address)
        self.page.wait_for_function(PIXELS)

    def pixels(self) -> str:
        return self.page.wait_for_function(PIXELS).json_value()  # none while a picture is on its way

    def changes_picture(self, act) -> str:
        """Do it, and wait until the picture is another one."""
        before = self.pixels()
        act()
        other = f"before => {{ const now = ({PIXELS})(); return now !== before && now }}"
        return self.page.wait_for_function(other, arg=before).json_value()

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def sees(self, text: str) -> None:
        self.page.get_by_text(text, exact=True).first.wait_for()


def test_a_film_is_merged_from_the_browser(chromium, start, film):
    program = start("browser")
    address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", program.stdout.readline()).group()
    root = address.partition("?")[0]
    for refused in ("", "?token=wrong", "picture/0/merged", "_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        assert status_of(root + refused) == 403
    assert status_of(address, Host="evil.example:80") == 403

    context = chromium.new_context(viewport={"width": 1200, "height": 700})
    tab = Tab(context, address)
    assert "token" not in tab.page.url
    overlay = tab.pixels()
    assert barriers_in_both_themes(tab.page) == []

    original = tab.changes_picture(lambda: tab.press("`"))
    assert tab.changes_picture(lambda: choose(tab, "mode", "overlay")) == overlay
    tab.changes_picture(lambda: [tab.press("E") for _ in range(6)])
    tab.changes_picture(lambda: tab.page.get_by_text("original", exact=True).last.click())
    assert tab.pixels() == original
    tab.changes_picture(lambda: tab.page.get_by_text("merged", exact=True).click())

    blurred = tab.pixels()
    assert tab.changes_picture(lambda: enter(tab, "blur mask modifier", "0")) == overlay
    assert tab.changes_picture(lambda: enter(tab, "blur mask modifier", "30")) == blurred
    assert tab.changes_picture(lambda: [tab.press(key) for key in "dd"]) not in (overlay, blurred)  # not for the number
    enter(tab, "erode mask modifier", "-9999")
    tab.press(".")
    tab.sees("2 / 4")
    tab.press(",")
    tab.sees("1 / 4")
    assert row(tab, "erode mask modifier").locator("input").input_value() == "-400"
    enter(tab, "erode mask modifier", "0")
    choose(tab, "mask mode", "XSeg-dst")
    tab.sees("this face has no XSeg mask: using learned-dst instead of XSeg-dst")

    other = Tab(context, root)
    assert other.pixels() == tab.pixels()
    following = tab.changes_picture(lambda: tab.press("."))
    other.sees("2 / 4")
    other.page.wait_for_function(f"wanted => ({PIXELS})() === wanted", arg=following)

    tab.page.get_by_text("Render all").click()
    tab.sees("4 of 4 written")
    merged = [read_frame(film / "merged" / f"{number}.png") for number in range(4)]
    assert all(
        (picture != read_frame(film / "frames" / f"{number}.png")).any() for number, picture in enumerate(merged)
    )

    tab.page.reload()
    tab.sees("2 / 4")
    tab.sees("4 of 4 written")
    asked = {address.partition("//")[2].partition("/")[0] for address in tab.addresses if address.startswith("http")}
    assert asked == {root.partition("//")[2].strip("/")}

    program.send_signal(signal.SIGHUP)  # the ssh connection was lost
    assert program.wait(15) == 128 + signal.SIGHUP
    assert (film / "merged" / ".dfl-merge-session.json").is_file()


def row(tab: Tab, setting: str):
    """Name and input of a setting."""
    name = tab.page.locator(".setting-name", has_text=re.compile(f"^{setting}$"))
    return tab.page.locator(".setting", has=name)


def enter(tab: Tab, setting: str, number: str) -> None:
    """Type a number beside its slider."""
    row(tab, setting).locator("input").fill(number)


def choose(tab: Tab, setting: str, wanted: str) -> None:
    """Choose from the list of a setting."""
    row(tab, setting).locator(".q-select").click()
    tab.page.get_by_role("option", name=wanted, exact=True).click()
