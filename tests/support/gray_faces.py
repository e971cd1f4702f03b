"""Aligned faces for merging, which reads their face data and not their pictures."""

import cv2
import numpy as np

from samplers.files.dfl_image import write_face_info


def add_face(path, landmarks, frame_name):
    """A gray face of a frame. landmarks (68, 2): in the frame."""
    cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))
    fields = {
        "face_type": "whole_face",
        "landmarks": (landmarks / 3).tolist(),
        "source_landmarks": landmarks.tolist(),
        "source_filename": frame_name,
    }
    write_face_info(path, fields)
