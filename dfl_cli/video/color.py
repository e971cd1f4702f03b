"""What the color numbers of a video mean, as the four tags of ITU-T H.273 that a file carries."""

from typing import NamedTuple

UNTAGGED, BT709, BT601 = 2, 1, 6  # primaries, transfer and matrix of H.273
LIMITED, FULL = 1, 2  # range: 16..235 or 0..255
FCC, BT2020 = 4, 9
SWSCALE = {BT709: 1, FCC: 4, 7: 7, BT2020: 9, 10: 9}  # H.273 matrix -> the scaler's number; 5, BT.601, for all others


class ColorTags(NamedTuple):
    """Primaries, transfer and matrix (2: the file does not say), range (0: it does not say)."""

    primaries: int
    transfer: int
    matrix: int
    range: int

    @property
    def scaler_matrix(self) -> int:
        """What converts to and from RGB. Without a tag it is BT.601 both ways, as ffmpeg does, so that a video comes back as it was."""
        return SWSCALE.get(self.matrix, 5)

    @property
    def scaler_range(self) -> int:
        return self.range or LIMITED


HD = ColorTags(BT709, BT709, BT709, LIMITED)  # what a new video gets
