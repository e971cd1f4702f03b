"""Which Python and which libraries there are, found without importing them."""

import platform
import struct
import sys
from importlib.metadata import PackageNotFoundError, version

from dfl_cli.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from dfl_cli.translate import listed, tr

OLDEST, NEWEST = (3, 10), (3, 13)
NEEDED = ("tensorflow", "keras", "numpy", "safetensors", "tqdm")
OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
EXTRAS = {
    "onnx": ("onnx", "onnxruntime"),
    "video": ("av",),
    "web": ("nicegui",),
    "tensorboard": ("tensorboard",),
    "c2pa": ("c2pa-python",),
    "jax": ("jax", "jaxlib"),
}


def findings() -> list[Finding]:
    return [python(), *libraries(), opencv(), extras()]


def python() -> Finding:
    found, bits = sys.version_info[:2], struct.calcsize("P") * 8
    text = tr(
        "Python {version}, {bits} bit, {system}",
        version=platform.python_version(),
        bits=bits,
        system=platform.platform(),
    )
    facts = {"version": platform.python_version(), "bits": bits, "system": platform.platform()}
    if OLDEST <= found <= NEWEST and bits == 64:
        return Finding(key="python", state=GOOD, text=text, facts=facts)
    advice = tr("Install a 64-bit Python 3.10 to 3.13; TensorFlow has no packages for this version.")
    return Finding(key="python", state=PROBLEM, text=text, advice=advice, facts=facts)


def libraries() -> list[Finding]:
    """One finding for what is there, and one for what is missing."""
    found = {name: installed(name) for name in NEEDED}
    there = {name: number for name, number in found.items() if number}
    text = listed(f"{name} {number}" for name, number in there.items())
    findings = [Finding(key="libraries", state=GOOD, text=text, facts=there)] if there else []
    if missing := [name for name in NEEDED if name not in there]:
        text = tr("Missing: {names}", names=listed(missing))
        findings.append(
            Finding(
                key="missing", state=PROBLEM, text=text, advice=tr("Reinstall dfl: pip install --upgrade dfl-trainer")
            )
        )
    return findings


def opencv() -> Finding:
    """Several packages of OpenCV write the same files: the one installed last wins, and removing one breaks the others."""
    there = {name: number for name in OPENCV if (number := installed(name))}
    text = listed(f"{name} {number}" for name, number in there.items()) or tr("OpenCV is not installed")
    if len(there) == 1:
        return Finding(key="opencv_package", state=GOOD, text=text, facts=there)
    advice = tr("pip uninstall --yes {names}; then pip install opencv-python", names=" ".join(OPENCV))
    return Finding(key="opencv_package", state=PROBLEM, text=text, advice=advice, facts=there)


def extras() -> Finding:
    there = [name for name, packages in EXTRAS.items() if all(map(installed, packages))]
    absent = [name for name in EXTRAS if name not in there]
    text = tr("Extras: {names}", names=listed(there) or tr("none"))
    facts = {"installed": there, "absent": absent}
    if not absent:
        return Finding(key="extras", state=GOOD, text=text, facts=facts)
    advice = tr(
        "If you need them: {commands}", commands=listed(f'pip install "dfl-trainer[{name}]"' for name in absent)
    )
    return Finding(key="extras", state=NOTE, text=text, advice=advice, facts=facts)


def installed(name: str) -> str | None:
    """The version of a package, None if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
