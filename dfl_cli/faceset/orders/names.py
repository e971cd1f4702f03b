"""The names of the orders, apart from what computes them: `--help` loads nothing else."""

ALIASES = {"final": "final-by-blur", "final-fast": "final-by-size"}
NAMES = (
    "blur", "motion-blur", "face-yaw", "face-pitch", "face-source-rect-size", "hist", "hist-dissim", "brightness",
    "hue", "black", "origname", "oneface", "final-by-blur", "final-by-size", "absdiff", *ALIASES,
)  # fmt: skip
DEFAULT_TARGET = 2000  # faces that `final` keeps
