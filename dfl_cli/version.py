"""The version of the program; pyproject.toml takes it from here, so a checkout knows it without being installed."""

VERSION = "0.1.0"
