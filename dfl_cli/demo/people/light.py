"""Light: one key light that casts soft shadows, a sky and a ground, and how skin, hair and cloth answer."""

from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.demo.people.features import smoothstep
from dfl_cli.demo.people.noise import lookup
from dfl_cli.demo.people.poses import Pose
from dfl_cli.demo.people.raster import Mesh, rasterize, unit

_KEY = np.float32([0.90, 0.97, 1.05]) * 2.35
_SKY = np.float32([0.46, 0.42, 0.40])
_GROUND = np.float32([0.16, 0.18, 0.22])
_RIM = np.float32([0.55, 0.50, 0.46])
_SUNK_LIGHT = np.float32([0.10, 0.17, 0.36])  # how far past the edge of shadow light creeps under skin, by color
_MAP_SIDE, _MAP_REACH = 144, 210.0  # texels, mm to each side


class Light(NamedTuple):
    """The main light as seen from a scene: unit vector toward it, its strength, and its shadow map."""

    toward: np.ndarray
    strength: float
    basis: np.ndarray  # (3, 3) rows: across, down, toward
    shadow_map: np.ndarray  # (S, S, 3): nearest depth, its square, unused


def light_toward(pose: Pose) -> np.ndarray:
    azimuth, height = pose.light
    return np.array([np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height)], np.float32)


def set_light(pose: Pose, meshes: list[Mesh]) -> Light:
    """The light of `pose` with the shadows of `meshes`, whose points are in the world."""
    toward = light_toward(pose)
    across = unit(np.cross(np.float32([0, 1, 0]), toward))
    basis = np.stack([across, np.cross(toward, across), toward]).astype(np.float32)
    nearest = np.full(_MAP_SIDE * _MAP_SIDE, 400.0, np.float32)
    for mesh in meshes:
        seen = mesh.points @ basis.T
        hits = rasterize(_map_place(seen), -seen[:, 2], mesh.coarse, (_MAP_SIDE, _MAP_SIDE))
        nearest[hits.pixels] = np.minimum(nearest[hits.pixels], hits.depth)
    nearest = nearest.reshape(_MAP_SIDE, _MAP_SIDE)
    moments = np.stack([nearest, nearest * nearest, nearest], axis=-1)
    return Light(toward, pose.light_strength, basis, cv2.GaussianBlur(moments, (0, 0), 1.7))


def _map_place(seen: np.ndarray) -> np.ndarray:
    return (seen[:, :2] / _MAP_REACH + 1) * (_MAP_SIDE - 1) / 2


def shadow(light: Light, points: np.ndarray, slack: float = 3.0) -> np.ndarray:
    """Share of the main light (N,) that reaches `points`; a variance shadow map (Donnelly and Lauritzen, 2006)."""
    seen = points @ light.basis.T
    found = lookup(light.shadow_map, *_map_place(seen).T)
    behind = -seen[:, 2] - slack - found[:, 0]
    spread = np.maximum(found[:, 1] - found[:, 0] ** 2, 6.0)
    bound = spread / (spread + np.maximum(behind, 0) ** 2)
    return np.where(behind <= 0, 1, smoothstep(0.15, 1.0, bound))


class Surface(NamedTuple):
    """What light falls on: world points, unit normals and unit vectors to the camera (N, 3), color (N, 3), gloss, open (N,)."""

    points: np.ndarray
    normals: np.ndarray
    to_camera: np.ndarray
    color: np.ndarray
    gloss: np.ndarray
    open: np.ndarray  # 1 in the open, less in hollows


def _around(normals: np.ndarray) -> np.ndarray:
    up = (0.5 - 0.5 * normals[:, 1:2]) ** 1.2
    return _GROUND + (_SKY - _GROUND) * up


def shade_skin(light: Light, at: Surface, lit: np.ndarray, sunk: np.ndarray | float = 1.0) -> np.ndarray:
    """Light leaving skin, linear (N, 3). `sunk` 0..1: how much light creeps under the surface."""
    facing = at.normals @ light.toward
    wrap = _SUNK_LIGHT * np.reshape(sunk, (-1, 1))
    soft = np.clip((facing[:, None] + wrap) / (1 + wrap), 0, 1) ** 1.15
    through = lit[:, None] ** (1 - 0.6 * wrap)  # the shadow's edge is red for the same reason
    around = _around(at.normals) * at.open[:, None]
    body = at.color * (light.strength * _KEY * soft * through * (0.55 + 0.45 * at.open[:, None]) / np.pi + around)
    half = unit(light.toward + at.to_camera)
    peak = np.clip(np.einsum("nc,nc->n", at.normals, half), 0, 1)
    graze = np.clip(1 - np.einsum("nc,nc->n", at.normals, at.to_camera), 0, 1) ** 4
    mirror = (0.050 * peak**16 + 0.065 * peak**52) * (facing > -0.1) * lit * light.strength
    mirror = at.gloss * (mirror + 0.05 * graze * at.open)
    return body + mirror[:, None] * _KEY * 0.5


def shade_eye(light: Light, at: Surface, lit: np.ndarray) -> np.ndarray:
    """Light leaving the wet eyeball: soft inside, with one sharp highlight and a fainter one of the sky."""
    body = shade_skin(light, at._replace(gloss=np.zeros_like(at.gloss)), 0.35 + 0.65 * lit, 0.6)
    for source, size, power in ((light.toward, 170, 3.2), (unit(np.float32([0.45, -0.50, 0.75])), 70, 0.14)):
        half = unit(source + at.to_camera)
        peak = np.clip(np.einsum("nc,nc->n", at.normals, half), 0, 1)
        body = body + (power * peak**size * (0.3 + 0.7 * at.open) * np.where(at.gloss > 3, 1, 0.2))[:, None]
    return body


def shade_hair(light: Light, at: Surface, strand: np.ndarray, lit: np.ndarray) -> np.ndarray:
    """Light leaving hair whose strands run along the unit vectors `strand` (Kajiya and Kay, 1989)."""
    wave = np.sqrt(np.clip(1 - (strand @ light.toward) ** 2, 0, 1))
    facing = np.clip((at.normals @ light.toward + 0.35) / 1.35, 0, 1)
    body = at.color * (
        light.strength * _KEY * (wave * facing * lit)[:, None] / np.pi * 1.1 + _around(at.normals) * at.open[:, None]
    )
    half = unit(light.toward + at.to_camera)
    total = 0
    for shift, power, tint in ((0.05, 90, np.float32([0.035, 0.035, 0.035])), (-0.10, 24, at.color * 0.55)):
        lean = unit(strand + (shift + 0.10 * (at.gloss - 1))[:, None] * at.normals)
        along = np.einsum("nc,nc->n", lean, half)
        total = total + np.sqrt(np.clip(1 - along * along, 0, 1))[:, None] ** power * tint
    return body + total * (at.gloss * facing * lit * light.strength * at.open)[:, None] * _KEY * 0.8


def shade_cloth(light: Light, at: Surface, lit: np.ndarray) -> np.ndarray:
    facing = np.clip((at.normals @ light.toward + 0.12) / 1.12, 0, 1)
    graze = np.clip(1 - np.einsum("nc,nc->n", at.normals, at.to_camera), 0, 1) ** 3
    return at.color * (
        light.strength * _KEY * (facing * lit)[:, None] / np.pi + _around(at.normals) * (at.open + 0.4 * graze)[:, None]
    )
