"""Synthetic people: drawn heads with exact landmarks and masks, for the demo and for tests.

    render(PERSON_A, Pose(yaw=0.4, smile=0.6))   picture, landmarks, face mask
    swap_truth(PERSON_A, pose, frame)            that frame with A's face
    write_workspace(folder, SyntheticPlan())              a workspace in DeepFaceLab's layout

Everything follows from its arguments; nothing is random.
"""

from dfl_cli.demo.people.people import PERSON_A, PERSON_B, Person
from dfl_cli.demo.people.poses import Pose, draw_poses
from dfl_cli.demo.people.render import Rendering, render
from dfl_cli.demo.people.swap import SwapTruth, swap_truth
from dfl_cli.demo.people.workspace import SyntheticPlan, write_workspace

__all__ = [
    "PERSON_A",
    "PERSON_B",
    "Person",
    "Pose",
    "Rendering",
    "SwapTruth",
    "SyntheticPlan",
    "draw_poses",
    "render",
    "swap_truth",
    "write_workspace",
]
