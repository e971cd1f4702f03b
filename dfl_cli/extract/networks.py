"""Which networks an extraction uses; each thread has its own."""

from __future__ import annotations

from dataclasses import dataclass

from dfl_cli.extract.analysis import FaceNetworks
from dfl_cli.face_networks.expression import Expression
from dfl_cli.face_networks.identity import Identity
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.yunet import YuNet


@dataclass(frozen=True)
class NetworkChoice:
    """Those that come with the program."""

    def open(self) -> FaceNetworks:
        """Raises DamagedNetwork."""
        return FaceNetworks(YuNet(), Mesh(), Identity(), Expression())
