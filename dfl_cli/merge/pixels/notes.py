"""What a merge could not do as asked and did otherwise, without failing a frame."""

from enum import Enum

from dfl_cli.translate import ntr, tr


class Note(Enum):
    """Each is reported once for a whole job, with the number of faces."""

    NOT_VISIBLE = "not visible"
    NOT_CLONED = "not cloned"
    NO_XSEG_PRD = "no XSeg-prd"
    NO_XSEG_DST = "no XSeg-dst"
    DAMAGED_XSEG_DST = "damaged XSeg-dst"
    REPAINTED_XSEG_DST = "repainted XSeg-dst"
    FIRST_FACE_ONLY = "first face only"

    @property
    def short_text(self) -> str:
        """In a few words, for the one frame that is looked at."""
        match self:
            case Note.NOT_VISIBLE:
                return tr("the swapped face is invisible: its mask is empty or outside the frame")
            case Note.NOT_CLONED:
                return tr("overlaid instead of cloned: too little of the face is visible")
            case Note.NO_XSEG_PRD:
                return tr("no XSeg model: using learned-prd instead of XSeg-prd")
            case Note.NO_XSEG_DST:
                return tr("this face has no XSeg mask: using learned-dst instead of XSeg-dst")
            case Note.DAMAGED_XSEG_DST:
                return tr("the XSeg mask of this face is damaged: using learned-dst instead of XSeg-dst")
            case Note.REPAINTED_XSEG_DST:
                return tr("the XSeg mask of this face is damaged: using the XSeg model for XSeg-dst")
            case Note.FIRST_FACE_ONLY:
                return tr("several faces: raw-predict shows only the first")

    def text(self, count: int) -> str:
        """The line for `count` faces, or frames for FIRST_FACE_ONLY."""
        match self:
            case Note.NOT_VISIBLE:
                return ntr(
                    "{count} swapped face is invisible: its mask is empty (check erode, blur and mask mode) or "
                    "outside the frame.",
                    "{count} swapped faces are invisible: their masks are empty (check erode, blur and mask mode) "
                    "or outside the frame.",
                    count=count,
                )
            case Note.NOT_CLONED:
                return ntr(
                    "{count} face was overlaid instead of cloned: too little of it is visible.",
                    "{count} faces were overlaid instead of cloned: too little of them is visible.",
                    count=count,
                )
            case Note.NO_XSEG_PRD:
                return ntr(
                    "No XSeg model: used learned-prd instead of XSeg-prd for {count} face.",
                    "No XSeg model: used learned-prd instead of XSeg-prd for {count} faces.",
                    count=count,
                )
            case Note.NO_XSEG_DST:
                return ntr(
                    "{count} face has no XSeg mask: used learned-dst instead of XSeg-dst.",
                    "{count} faces have no XSeg mask: used learned-dst instead of XSeg-dst.",
                    count=count,
                )
            case Note.DAMAGED_XSEG_DST:
                return ntr(
                    "{count} face has a damaged XSeg mask: used learned-dst instead of XSeg-dst.",
                    "{count} faces have a damaged XSeg mask: used learned-dst instead of XSeg-dst.",
                    count=count,
                )
            case Note.REPAINTED_XSEG_DST:
                return ntr(
                    "{count} face has a damaged XSeg mask: used the XSeg model for XSeg-dst.",
                    "{count} faces have a damaged XSeg mask: used the XSeg model for XSeg-dst.",
                    count=count,
                )
            case Note.FIRST_FACE_ONLY:
                return ntr(
                    "{count} frame has several faces; raw-predict shows only the first.",
                    "{count} frames have several faces; raw-predict shows only the first.",
                    count=count,
                )


DAMAGED = frozenset({Note.DAMAGED_XSEG_DST, Note.REPAINTED_XSEG_DST})
NAMED = frozenset({Note.NOT_VISIBLE, *DAMAGED})  # what the person will want to look at
