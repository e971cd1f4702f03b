"""The two people of the demo, as numbers. They are nobody: no person was measured."""

from dataclasses import dataclass

Color = tuple[float, float, float]  # B, G, R in 0..1 as in a picture (not linear)


@dataclass(frozen=True, kw_only=True)
class Person:
    """An identity: what stays when pose, expression and light change. Lengths in millimetres unless said otherwise."""

    name: str
    seed: int  # of freckles, strands and other chance

    # skull and jaw, as factors of an average head
    skull_width: float
    face_width: float
    jaw_width: float
    chin_length: float  # added below the mouth
    chin_forward: float
    chin_width: float  # of its two pads
    brow_ridge: float
    cheekbone: float
    cheek_hollow: float
    forehead_slope: float
    neck_width: float  # factor

    # eyes
    eye_distance: float  # between the centres
    eye_width: float
    eye_height: float  # when open
    eye_tilt: float  # outer corner above the inner one
    lid_crease: float  # above the lid's edge
    lashes: float
    iris: Color

    # brows
    brow_height: float  # above the eye
    brow_length: float
    brow_thickness: float
    brow_arch: float
    brow_hairs: int
    brow_color: Color

    # nose
    nose_length: float
    nose_forward: float
    bridge_width: float
    tip_width: float
    nostril_width: float  # half of the whole width
    tip_up: float
    bridge_bump: float

    # mouth
    mouth_width: float
    mouth_height: float  # its distance below the eyes
    upper_lip: float
    lower_lip: float
    lip_forward: float
    lip_color: Color

    # skin
    skin: Color
    blush: float
    freckles: int
    moles: int
    beard: float  # 0..1
    shine: float
    eye_shadow: float

    # hair and clothes
    long_hair: bool
    hair_color: Color
    hair_tip_color: Color
    clothes: Color
    backdrop: Color


PERSON_A = Person(
    name="A", seed=11,
    skull_width=0.965, face_width=0.955, jaw_width=0.93, chin_length=-6.0, chin_forward=-1.0, chin_width=10.0,
    brow_ridge=0.5, cheekbone=5.0, cheek_hollow=0.4, forehead_slope=0.0, neck_width=0.96,
    eye_distance=62.0, eye_width=33.0, eye_height=11.6, eye_tilt=2.2, lid_crease=3.2, lashes=2.1, iris=(0.36, 0.56, 0.40),
    brow_height=17.5, brow_length=39.0, brow_thickness=4.4, brow_arch=3.6, brow_hairs=480, brow_color=(0.10, 0.18, 0.31),
    nose_length=0.95, nose_forward=0.88, bridge_width=0.86, tip_width=0.88, nostril_width=14.8, tip_up=2.0, bridge_bump=0.0,
    mouth_width=50.0, mouth_height=65.5, upper_lip=7.0, lower_lip=9.6, lip_forward=5.2, lip_color=(0.38, 0.34, 0.72),
    skin=(0.65, 0.745, 0.885), blush=1.0, freckles=650, moles=3, beard=0.0, shine=0.8, eye_shadow=0.5,
    long_hair=True, hair_color=(0.10, 0.20, 0.42), hair_tip_color=(0.17, 0.33, 0.62),
    clothes=(0.36, 0.34, 0.16), backdrop=(0.66, 0.72, 0.74),
)  # fmt: skip

PERSON_B = Person(
    name="B", seed=23,
    skull_width=1.02, face_width=1.03, jaw_width=1.08, chin_length=2.0, chin_forward=3.0, chin_width=14.0,
    brow_ridge=3.6, cheekbone=4.0, cheek_hollow=3.4, forehead_slope=4.0, neck_width=1.16,
    eye_distance=64.5, eye_width=31.0, eye_height=10.2, eye_tilt=0.4, lid_crease=2.6, lashes=0.9, iris=(0.10, 0.19, 0.30),
    brow_height=16.0, brow_length=43.0, brow_thickness=7.4, brow_arch=2.6, brow_hairs=1250, brow_color=(0.05, 0.06, 0.08),
    nose_length=1.05, nose_forward=1.06, bridge_width=1.22, tip_width=1.25, nostril_width=19.5, tip_up=-1.0, bridge_bump=1.6,
    mouth_width=54.0, mouth_height=69.0, upper_lip=6.0, lower_lip=9.6, lip_forward=4.8, lip_color=(0.34, 0.36, 0.60),
    skin=(0.45, 0.575, 0.745), blush=0.5, freckles=0, moles=3, beard=1.0, shine=1.15, eye_shadow=1.0,
    long_hair=False, hair_color=(0.055, 0.06, 0.075), hair_tip_color=(0.10, 0.11, 0.13),
    clothes=(0.30, 0.23, 0.19), backdrop=(0.62, 0.57, 0.51),
)  # fmt: skip
