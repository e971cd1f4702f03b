"""Why OpenCV cannot be imported, and what to install. Loads nothing of it."""

import traceback
from pathlib import PurePath

from dfl_cli.translate import tr

# Library missing from the system -> Debian's package of it.
SYSTEM_LIBRARIES = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0", "libxcb.so.1": "libxcb1"}


def opencv_advice(error: str) -> str:
    """What to do when importing OpenCV ends with the text `error`."""
    for library, package in SYSTEM_LIBRARIES.items():
        if library in error:
            return tr(
                "sudo apt-get install {package}; or, without root: pip uninstall opencv-python, "
                "then pip install opencv-python-headless",
                package=package,
            )
    return tr(
        "pip install --force-reinstall opencv-python; only one of OpenCV's packages may be installed, dfl doctor shows them"
    )


def is_opencvs(error: ImportError) -> bool:
    """Whether `error` comes from importing OpenCV, or from inside its import."""
    if error.name == "cv2":
        return True
    frames = traceback.extract_tb(error.__traceback__)
    return any("cv2" in PurePath(frame.filename).parts for frame in frames)
