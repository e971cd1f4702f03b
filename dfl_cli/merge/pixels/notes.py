"""What a merge could not do as asked and did otherwise, without failing a frame."""

from enum import Enum

from dfl_cli.translate import ntr, tr


class Note(Enum):
    """Each is reported once for a whole job, with the number of faces."""

    NOT_VISIBLE = "not visible"
    NOT_CLONED = "not cloned"
    NO_XSEG_PRD = "no XSeg-prd"
    NO_XSEG_DST = "no XSeg-dst"
    FIRST_FACE_ONLY = "first face only"

    @property
    def here(self) -> str:
        """In a few words, for the one frame that is looked at."""
        match self:
            case Note.NOT_VISIBLE:
                return tr("nothing to see of the swapped face: its mask is empty or outside the frame")
            case Note.NOT_CLONED:
                return tr("not cloned but laid over: too little of the face is visible")
            case Note.NO_XSEG_PRD:
                return tr("no XSeg model: learned-prd instead of XSeg-prd")
            case Note.NO_XSEG_DST:
                return tr("no XSeg mask of this face: learned-dst instead of XSeg-dst")
            case Note.FIRST_FACE_ONLY:
                return tr("several faces: raw-predict shows the first only")

    def told(self, count: int) -> str:
        """The line for `count` faces, or frames for FIRST_FACE_ONLY."""
        match self:
            case Note.NOT_VISIBLE:
                return ntr(
                    "Of {count} swapped face there is nothing to see: its mask is empty (erode, blur, mask mode) or out of the frame.",
                    "Of {count} swapped faces there is nothing to see: their masks are empty (erode, blur, mask mode) or out of the frame.",
                    count=count,
                )
            case Note.NOT_CLONED:
                return ntr(
                    "{count} face was laid over its frame instead of cloned: too little of it is visible.",
                    "{count} faces were laid over their frames instead of cloned: too little of them is visible.",
                    count=count,
                )
            case Note.NO_XSEG_PRD:
                return ntr(
                    "There is no XSeg model: learned-prd was used instead of XSeg-prd, for {count} face.",
                    "There is no XSeg model: learned-prd was used instead of XSeg-prd, for {count} faces.",
                    count=count,
                )
            case Note.NO_XSEG_DST:
                return ntr(
                    "{count} face has no XSeg mask in the face set: learned-dst was used instead of XSeg-dst.",
                    "{count} faces have no XSeg mask in the face set: learned-dst was used instead of XSeg-dst.",
                    count=count,
                )
            case Note.FIRST_FACE_ONLY:
                return ntr(
                    "{count} frame has several faces; raw-predict shows the first only.",
                    "{count} frames have several faces; raw-predict shows the first only.",
                    count=count,
                )
