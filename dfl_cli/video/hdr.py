"""The static metadata of HDR video: the display it was graded on (SMPTE ST 2086) and how bright it gets (CTA-861.3)."""

import struct
from typing import NamedTuple

RATIONALS = (
    "<20i2i"  # AVMasteringDisplayMetadata: R, G, B, white point (x, y each), darkest, brightest; then what of it is set
)
CHROMATICITY, LUMINANCE = 50_000, 10_000  # steps of H.264's message: 0.00002, 0.0001 cd/m2


class StaticHdr(NamedTuple):
    """Both as x264 takes them; empty where the video does not say."""

    display: str = ""  # G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)
    light: str = ""  # brightest pixel, brightest average of a frame

    @property
    def x264_params(self) -> str:
        named = {"mastering-display": self.display, "cll": self.light}
        return ":".join(f"{name}={value}" for name, value in named.items() if value)


NO_HDR = StaticHdr()


def static_hdr(frame) -> StaticHdr:
    """What a decoded frame says."""
    display, light = (frame.side_data.get(kind) for kind in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"))
    return StaticHdr(
        display_of(bytes(display)) if display else "",
        ",".join(map(str, struct.unpack_from("<2I", bytes(light)))) if light else "",
    )


def display_of(data: bytes) -> str:
    *parts, has_primaries, has_luminance = struct.unpack_from(RATIONALS, data)
    if not (has_primaries and has_luminance and all(parts[1::2])):
        return ""
    values = [number / base for number, base in zip(parts[::2], parts[1::2], strict=True)]
    red, green, blue, white = (
        f"({round(x * CHROMATICITY)},{round(y * CHROMATICITY)})"
        for x, y in zip(values[:8:2], values[1:8:2], strict=True)
    )
    darkest, brightest = (round(value * LUMINANCE) for value in values[8:])
    return f"G{green}B{blue}R{red}WP{white}L({brightest},{darkest})"
