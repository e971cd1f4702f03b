import pytest

from dfl_cli.preview.screen import default_preview_mode


@pytest.mark.parametrize(
    ("environment", "platform", "place"),
    [
        ({"DISPLAY": ":0"}, "linux", "window"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "window"),
        ({}, "linux", "file"),
        ({"SSH_CONNECTION": "1"}, "linux", "file"),
        ({"SSH_CONNECTION": "1", "DISPLAY": "localhost:10.0"}, "linux", "window"),  # ssh -X
        ({}, "win32", "window"),
        ({"SSH_CONNECTION": "1"}, "darwin", "file"),
    ],
)
def test_a_window_opens_where_there_is_a_display(environment, platform, place):
    assert default_preview_mode(environment, platform) == place
