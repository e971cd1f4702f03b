"""Why OpenCV cannot be imported, and what to install. Loads nothing of it."""

import traceback
from pathlib import PurePath
from types import ModuleType

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
        "pip install --force-reinstall opencv-python. Only one OpenCV package may be installed; dfl doctor lists them."
    )


def is_opencvs(error: ImportError | AttributeError) -> bool:
    """Whether `error` comes from importing OpenCV, from inside its import, or from what it lacks.

    Of two packages of OpenCV, uninstalling one leaves a module `cv2` without functions.
    """
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        return error.obj.__name__ == "cv2"
    if isinstance(error, ImportError) and error.name == "cv2":
        return True
    files = [PurePath(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    return any("cv2" in (*file.parts, file.stem) for file in files)
