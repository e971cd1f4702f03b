"""Which networks an extraction uses; each thread has its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.extract.analysis import FaceNetworks
from dfl_cli.face_networks.custom import OnnxLandmarks, UnusableFaceNetwork, open_detector
from dfl_cli.face_networks.expression import Expression
from dfl_cli.face_networks.identity import Identity
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.yunet import YuNet
from dfl_cli.translate import system_reason, tr


@dataclass(frozen=True)
class NetworkChoice:
    """Those that come with the program, ONNX files in their place, or those of DeepFaceLab.

    dfl   folder of DeepFaceLab's networks; TensorFlow is prepared
    head  whether faces are cut as whole heads, for which DeepFaceLab has other landmarks
    """

    detector: Path | None = None
    landmarks: Path | None = None
    dfl: Path | None = None
    head: bool = False

    def open(self) -> FaceNetworks:
        """Raises UserError, DamagedNetwork."""
        if self.dfl:
            from dfl_cli.extract.dfl_networks import open_dfl_networks

            return FaceNetworks(*open_dfl_networks(self.dfl, head=self.head), Identity(), Expression())
        try:
            detector = open_detector(self.detector) if self.detector else YuNet()
            landmarks = OnnxLandmarks(self.landmarks) if self.landmarks else Mesh()
        except UnusableFaceNetwork as error:
            raise UserError(
                tr("{path} is not a network that can be used here.", path=error.path),
                saw=error.details,
                fix=tr("docs/networks.md says which kinds of networks --detector and --landmarks take."),
            ) from error
        except OSError as error:
            raise UserError(
                tr("Cannot read {path}.", path=error.filename), saw=system_reason(error), fix=tr("Check the path.")
            ) from error
        return FaceNetworks(detector, landmarks, Identity(), Expression())
