"""Installing compiles the translation catalogs (docs/decisions/0021); all else is in pyproject.toml."""

from pathlib import Path

import polib
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCatalogs(build_py):
    """Puts dfl.mo in the place of each dfl.po of what is installed; an editable installation reads the .po itself."""

    def run(self):
        super().run()
        if not self.editable_mode:
            for path in Path(self.build_lib, "dfl_cli", "locales").rglob("*.po"):
                polib.pofile(str(path), encoding="utf-8").save_as_mofile(str(path.with_suffix(".mo")))
                path.unlink()


if __name__ == "__main__":
    setup(cmdclass={"build_py": BuildWithCatalogs})
