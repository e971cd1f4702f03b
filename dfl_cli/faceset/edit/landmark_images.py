"""`dfl faceset debug-images`: copies of faces with everything drawn that is known about them."""

import contextlib

import cv2
import numpy as np

from dfl_cli.extract.debug_image import RED, darkened, with_landmarks
from dfl_cli.faceset.degrees import signed
from samplers.files.faces import Face
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.pose import estimate_pitch_yaw_roll

SETTINGS = {"made_by": "faceset debug-images"}
YELLOW, WHITE = (0, 255, 255), (255, 255, 255)  # BGR
TYPES = (FaceType.HALF, FaceType.FULL, FaceType.WHOLE)  # whose squares are drawn
QUALITY = 90  # of the JPEG
LETTERS = 1 / 600  # size of the text for a pixel of the width
BAR = 0.06  # height of the bar behind it, in widths
INSIDE = 0.5  # of a mask


def debug_image(face: Face) -> bytes:
    """The JPEG file. Raises UnreadableImage, FlatLandmarks."""
    marked = with_landmarks(darkened(face.read(), face.landmarks), face.landmarks)
    for face_type in TYPES:
        if face_type < face.face_type:
            cv2.polylines(marked, [square(face, face_type)], True, RED, thickness=1, lineType=cv2.LINE_AA)
    mask = face.read_xseg_mask()
    if mask is not None:
        cv2.polylines(marked, outlines(mask, face.shape), True, YELLOW, thickness=1, lineType=cv2.LINE_AA)
    write(marked, "  ".join(texts(face)))
    return cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def square(face: Face, face_type: FaceType) -> np.ndarray:
    """(4, 2) int32 pixels: the corners of what a smaller face type shows."""
    size = face.shape[1]
    corners = np.float32([(0, 0), (size, 0), (size, size), (0, size)])
    matrix = transform_matrix(face.landmarks, size, face_type)
    return np.rint(transform_points(corners, matrix, invert=True)).astype(np.int32)


def outlines(mask: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """Of the mask (h, w, 1) 0..1, in a picture of `shape`."""
    inside = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR) >= INSIDE
    return cv2.findContours(inside.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]


def texts(face: Face) -> list[str]:
    """What is written into the picture: face type and size, and where the head turns, in degrees."""
    height, width = face.shape
    said = [f"{face.face_type.short}  {width}x{height}"]
    with contextlib.suppress(cv2.error):  # no head projects onto such landmarks
        pose = estimate_pitch_yaw_roll(face.landmarks, width)
        said += [f"pitch {signed(np.degrees(pose.pitch))}", f"yaw {signed(np.degrees(pose.yaw))}"]
    return said


def write(picture: np.ndarray, text: str) -> None:
    """`text` along the upper edge, white on a darker bar."""
    width = picture.shape[1]
    height = max(round(width * BAR), 1)
    picture[:height] //= 3
    place, size = (height // 4, height * 3 // 4), width * LETTERS
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, WHITE, 1, cv2.LINE_AA)
