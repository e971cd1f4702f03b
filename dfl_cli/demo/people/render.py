"""Draws a person in a pose: picture, landmarks and masks that belong together exactly."""

from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.body import backdrop, body_mesh, knit
from dfl_cli.demo.people.face import face_surface
from dfl_cli.demo.people.hair import hair_color, hair_mesh
from dfl_cli.demo.people.head import LAST_ROW, NECK_ROW, head_mesh
from dfl_cli.demo.people.landmarks68 import landmark_points
from dfl_cli.demo.people.light import Surface, set_light, shade_cloth, shade_eye, shade_hair, shade_skin, shadow
from dfl_cli.demo.people.noise import linear, lookup
from dfl_cli.demo.people.people import Person
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.raster import Mesh, rasterize, unit

CAMERA_DISTANCE = 1000.0  # mm from the middle of the head
HEAD_HEIGHT = 235.0  # mm, crown to chin
_PIVOT = np.float32([0, 78, -18])  # the head turns about the top of the neck
_FINE = 2  # drawn this many times larger, then averaged


class Rendering(NamedTuple):
    """A drawn frame.

    image      (H, W, 3)  uint8 BGR
    landmarks  (68, 2)    float32 frame pixels, order of iBUG-68; hidden points lie where they would be seen through the head
    face_mask  (H, W, 1)  float32 0..1, 1 is the visible face from hairline to chin with eyes and mouth
    """

    image: np.ndarray
    landmarks: np.ndarray
    face_mask: np.ndarray


def rotation(pose: Pose) -> np.ndarray:
    """Head space to world, (3, 3): pitch, then yaw, then roll; signs as in `Pose`."""
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (pose.yaw, pose.pitch, pose.roll))
    yaw = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (roll @ yaw @ pitch).astype(np.float32)


class Camera(NamedTuple):
    """A pinhole that looks along -z; `focal` and `center` in pixels."""

    focal: float
    center: tuple[float, float]

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """World points (N, 3) to pixels (N, 2) and distances (N,)."""
        depth = CAMERA_DISTANCE - points[:, 2]
        return points[:, :2] * (self.focal / depth)[:, None] + np.float32(self.center), depth


def _camera(pose: Pose, size: tuple[int, int], fine: int) -> Camera:
    """Pixel centers are whole numbers, in the fine picture as in the frame."""
    width, height = size
    focal = pose.scale * height * fine * CAMERA_DISTANCE / HEAD_HEIGHT
    x, y = pose.center[0] * width, pose.center[1] * height
    return Camera(focal, (x * fine - 0.5, y * fine - 0.5))


def _turn(mesh: Mesh, matrix: np.ndarray, follows_head: np.ndarray | float) -> Mesh:
    """The mesh in the world; `follows_head` (V,) 1 turns with the head, 0 stays with the body."""
    follows_head = np.reshape(follows_head, (-1, 1)).astype(np.float32)
    turned = (mesh.points - _PIVOT) @ matrix.T + _PIVOT
    normals = unit((mesh.normals @ matrix.T) * follows_head + mesh.normals * (1 - follows_head))
    return mesh._replace(points=turned * follows_head + mesh.points * (1 - follows_head), normals=normals)


class Canvas:
    """Linear colors (N, 3), distances and the face mask (N,) of the fine picture, flat."""

    def __init__(self, picture: np.ndarray):
        self.shape = picture.shape[:2]
        self.color = picture.reshape(-1, 3).copy()
        self.depth = np.full(len(self.color), np.inf, np.float32)
        self.face = np.zeros(len(self.color), np.float32)

    def put(self, hits, color: np.ndarray, cover: np.ndarray | float, face: np.ndarray | float) -> None:
        """Lays colors over what is farther away."""
        cover = np.where(hits.depth < self.depth[hits.pixels], cover, 0).astype(np.float32)
        share = cover[:, None]
        self.color[hits.pixels] = self.color[hits.pixels] * (1 - share) + color * share
        self.face[hits.pixels] = self.face[hits.pixels] * (1 - cover) + face * cover
        solid = cover > 0.5
        self.depth[hits.pixels[solid]] = hits.depth[solid]


def render(person: Person, pose: Pose, size: tuple[int, int] = (320, 320)) -> Rendering:
    """`person` in `pose`; `size` is (width, height). The same arguments give the same picture."""
    matrix = rotation(pose)
    rest = head_mesh(person, pose)
    row = rest.attributes[:, 1]
    head = _turn(rest, matrix, np.clip((LAST_ROW - row) / (LAST_ROW - NECK_ROW + 0.5), 0, 1) ** 0.8)
    hair = _turn(hair_mesh(person), matrix, 1.0)
    body = body_mesh(person)
    light = set_light(pose, [head, hair, body])
    camera = _camera(pose, size, _FINE)
    fine = (size[0] * _FINE, size[1] * _FINE)
    canvas = Canvas(backdrop(person, fine))
    _draw_body(canvas, person, body, camera, light)
    _draw_head(canvas, person, pose, (rest, head, matrix), camera, light)
    if person.long_hair:
        _draw_hair_back(canvas, person, hair, camera)
    _draw_hair(canvas, person, (hair, matrix), camera, light)
    points = (landmark_points(person, pose) - _PIVOT) @ matrix.T + _PIVOT
    landmarks, _ = _camera(pose, size, 1).project(points)
    picture, mask = (
        cv2.resize(v.reshape(*fine[::-1], -1), size, interpolation=cv2.INTER_AREA) for v in (canvas.color, canvas.face)
    )
    return Rendering(_tone_map(picture), landmarks.astype(np.float32), mask.reshape(size[1], size[0], 1))


def _tone_map(picture: np.ndarray) -> np.ndarray:
    """Linear light to a picture: gentle shoulder in the highlights, gamma, uint8."""
    curve = picture * (1 + picture * 0.12) / (1 + picture * 0.42)
    return np.round(np.clip(curve, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def _world_surface(hits, mesh: Mesh, color, gloss, open_) -> Surface:
    points = hits.blend(mesh.points)
    to_camera = unit(np.float32([0, 0, CAMERA_DISTANCE]) - points)
    return Surface(points, unit(hits.blend(mesh.normals)), to_camera, color, gloss, open_)


def _draw_body(canvas: Canvas, person: Person, body: Mesh, camera: Camera, light) -> None:
    hits = rasterize(*camera.project(body.points), body.triangles, canvas.shape[::-1])
    open_, angle, row = hits.blend(body.attributes).T
    color = linear(person.clothes) * lookup(knit(person), (angle + np.pi) * 81, row * 54)
    at = _world_surface(hits, body, color, open_, open_)
    canvas.put(hits, shade_cloth(light, at, shadow(light, at.points)), 1.0, 0.0)


def _draw_head(canvas: Canvas, person: Person, pose: Pose, head, camera: Camera, light) -> None:
    rest, turned, matrix = head
    hits = rasterize(*camera.project(turned.points), turned.triangles, canvas.shape[::-1])
    at = _world_surface(hits, turned, None, None, None)
    eye = (np.float32([0, 0, CAMERA_DISTANCE]) - _PIVOT) @ matrix + _PIVOT  # the camera in head space
    places = hits.blend(rest.points)
    found = face_surface(person, pose, places, hits.blend(rest.attributes), unit(places - eye.astype(np.float32)))
    normals = unit(at.normals + found.tilt @ matrix.T)
    normals[found.wet] = found.wet_normals @ matrix.T
    hollow = found.open * _ambient_occlusion(hits, canvas.shape)
    at = at._replace(normals=normals, color=found.color, gloss=found.gloss, open=hollow)
    lit = shadow(light, at.points)
    color = shade_skin(light, at, lit * (0.35 + 0.65 * found.open), found.sunk)
    wet = Surface(*(part[found.wet] for part in at))
    color[found.wet] = shade_eye(light, wet, lit[found.wet] * found.open[found.wet])
    canvas.put(hits, color, 1.0, found.face)


def _ambient_occlusion(hits, shape) -> np.ndarray:
    """Ambient light (N,) 0..1 left in places that lie deeper than what surrounds them in the picture."""
    low = (shape[1] // 4, shape[0] // 4)
    inside = np.zeros(shape, np.float32)
    depth = np.zeros(shape, np.float32)
    inside.reshape(-1)[hits.pixels] = 1
    depth.reshape(-1)[hits.pixels] = hits.depth - CAMERA_DISTANCE
    inside_low, depth_low = (cv2.resize(v, low, interpolation=cv2.INTER_AREA) for v in (inside, depth))
    total = np.zeros(low[::-1], np.float32)
    for share, sigma in ((0.6, low[0] / 60), (0.4, low[0] / 22)):
        around = cv2.GaussianBlur(depth_low, (0, 0), sigma) / np.maximum(
            cv2.GaussianBlur(inside_low, (0, 0), sigma), 0.05
        )
        total += share * np.clip((depth_low / np.maximum(inside_low, 0.05) - around) / 14, -0.15, 0.8)
    total = cv2.resize(total, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return 1 - np.clip(total.reshape(-1)[hits.pixels], -0.1, 0.75)


def _draw_hair_back(canvas: Canvas, person: Person, hair: Mesh, camera: Camera) -> None:
    """The inner side of long hair, which little light reaches."""
    hits = rasterize(*camera.project(hair.points), hair.triangles[:, ::-1], canvas.shape[::-1])
    color, _, cover = hair_color(person, hits.blend(hair.attributes))
    canvas.put(hits, color * np.float32(0.30), cover, 0.0)


def _draw_hair(canvas: Canvas, person: Person, hair, camera: Camera, light) -> None:
    mesh, matrix = hair
    hits = rasterize(*camera.project(mesh.points), mesh.triangles, canvas.shape[::-1])
    blended = hits.blend(mesh.attributes)
    color, shift, cover = hair_color(person, blended)
    at = _world_surface(hits, mesh, color, shift, blended[:, 3])
    strand = unit(blended[:, 4:7]) @ matrix.T
    lit = 0.25 + 0.75 * shadow(light, at.points, 7.0)
    canvas.put(hits, shade_hair(light, at, strand, lit), cover, 0.0)
