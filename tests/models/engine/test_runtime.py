import os
import subprocess
import sys

import pytest

from models.engine.runtime import NoSuchDevice, choose, quiet_stderr


def test_tensorflow_starts_without_a_word():
    code = "import gc; from models.engine.runtime import prepare; print(prepare('cpu', deterministic=True), gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[] True", "")


def test_devices_are_chosen_by_index():
    gpus = ["first", "second"]
    assert choose(gpus, None) == gpus
    assert choose(gpus, "cpu") == []
    assert choose(gpus, [1]) == ["second"]
    with pytest.raises(NoSuchDevice) as caught:
        choose(gpus, [2])
    assert (caught.value.index, caught.value.count) == (2, 2)


def test_what_was_held_back_is_shown_when_loading_fails(capfd):
    with pytest.raises(RuntimeError), quiet_stderr():
        os.write(2, b"why it failed")
        raise RuntimeError
    assert capfd.readouterr().err == "why it failed"
    with quiet_stderr():
        os.write(2, b"noise")
    assert capfd.readouterr().err == ""
