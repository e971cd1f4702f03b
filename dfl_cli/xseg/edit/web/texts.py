"""The texts of the page. Those with {names} are filled in by its scripts."""

from __future__ import annotations

from pathlib import Path

from dfl_cli.translate import ptr, tr
from dfl_cli.xseg.edit.orders import BY_NAME, SUGGESTED
from samplers.files.names import printable


def texts() -> dict[str, str]:
    """By the names that page.html and the scripts use."""
    return head_texts() | list_texts() | tool_texts() | assist_texts() | canvas_texts() | saving_texts()


def head_texts() -> dict[str, str]:
    return {
        "title": tr("XSeg labels"),
        "help": tr("Keys"),
        "close": tr("Close"),
        "leave": tr("Exit dfl xseg edit"),
        "left": tr("The editor has ended. You can close this page."),
        "unsaved_leave": tr("Faces with unsaved labels: {count}. Exit once more to keep them in this browser only."),
    }


def list_texts() -> dict[str, str]:
    return {
        "faces": tr("Faces"),
        "filter": tr("Show"),
        "filter_all": tr("all"),
        "filter_labeled": tr("labeled"),
        "filter_unlabeled": tr("not labeled"),
        "filter_masked": tr("with an applied mask"),
        "order": tr("Sort by"),
        "counts": tr("Labeled: {labeled} of {total}."),
        "labeled": tr("labeled"),
        "masked": tr("applied mask"),
        "no_faces": tr("No faces here."),
        "no_more": tr("No further face."),
    }


def order_text(order: str) -> str:
    """An order for a person; of a file its name."""
    named = {BY_NAME: ptr("order of the faces", "name"), SUGGESTED: ptr("order of the faces", "suggested")}
    return named.get(order) or printable(Path(order).name)


def tool_texts() -> dict[str, str]:
    return {
        "tools": tr("Tools"),
        "include": tr("Include"),
        "exclude": tr("Exclude"),
        "undo": tr("Undo"),
        "redo": tr("Redo"),
        "remove": tr("Delete polygon"),
        "points": tr("Add / delete points"),
        "finish": tr("Close polygon"),
        "view": tr("View"),
        "show_labels": tr("Mask of the labels"),
        "show_mask": tr("Applied mask"),
        "overlay": tr("Darken outside"),
        "colors": tr("Line colors"),
        "color_1": tr("Line color {number}", number=1),
        "color_2": tr("Line color {number}", number=2),
        "color_3": tr("Line color {number}", number=3),
        "zoom_in": tr("Zoom in"),
        "zoom_out": tr("Zoom out"),
        "fit": tr("Whole face"),
        "previous": tr("Previous face"),
        "next": tr("Next face"),
        "trash": tr("Move to trash"),
        "restore": tr("Restore last"),
        "trashed": tr("{name} moved to the trash."),
        "restored": tr("{name} restored."),
        "trash_empty": tr("The trash is empty."),
        "no_mask": tr("This face has no applied mask."),
    }


def assist_texts() -> dict[str, str]:
    return {
        "polygon": tr("Polygons"),
        "paint": tr("Brush"),
        "erase": tr("Eraser"),
        "smaller": tr("Smaller brush"),
        "larger": tr("Larger brush"),
        "grab": tr("Cut out"),
        "segment": tr("Click to segment"),
        "automatic": tr("Start from the automatic mask"),
        "hull": tr("Automatic mask"),
        "copy": tr("Copy from previous"),
        "prefill": tr("Prefill from model"),
        "show_prediction": tr("Mask of the model"),
        "painting": tr("Paint over what the labels are to cover. [ and ] change the size of the brush."),
        "erasing": tr("Erase from the labels of the chosen kind. [ and ] change the size of the brush."),
        "grab_box": tr("Drag a box around what the labels are to cover."),
        "grab_strokes": tr("Paint on what is missing, with Ctrl on what is too much. Enter finishes."),
        "segmenting": tr("Click on what the labels are to cover, with Ctrl on what is too much. Enter finishes."),
        "working": tr("Working ..."),
        "copied": tr("Copied from {name}."),
        "prefilled": tr("Labels of the model {model}. Correct them where they are wrong."),
        "prefilled_generic": tr("Labels of the built-in mask network. Correct them where they are wrong."),
        "no_segmenter": tr(
            "No segmentation network: start dfl xseg edit with --segment-encoder and --segment-decoder."
        ),
        "needs_server": tr("Not possible while dfl xseg edit is not reachable. Drawing and editing are."),
    }


def canvas_texts() -> dict[str, str]:
    return {
        "canvas": tr("Face {name}. Polygons that include: {include}, that exclude: {exclude}."),
        "choose_face": tr("Choose a face from the list."),
        "drawing": tr("Drawing: {count} points. The first point closes the polygon."),
        "open_polygon": tr("The polygon on {name} is not closed yet. It is kept there."),
        "editing": tr("Polygon {number} of {count}. Drag its points; Ctrl adds and deletes them."),
    }


def saving_texts() -> dict[str, str]:
    return {
        "saved": tr("Saved"),
        "saving": tr("Saving ..."),
        "lost": tr("dfl xseg edit is not reachable. Unsaved faces, kept in this browser: {count}."),
        "restarted": tr(
            "dfl xseg edit was restarted. Open the new address from the terminal; unsaved labels are kept."
        ),
        "not_saved": tr("Not saved: {reason}"),
        "recovered": tr("Unsaved labels of an earlier page found: {count} faces. Saving them."),
        "merged": tr("{name} was also changed in another tab. Both changes are kept."),
        "changed": tr("{name} was changed in another tab."),
        "conflict": tr("Two versions of {name}"),
        "conflict_help": tr("Another tab or program has saved other labels for this face. Choose which ones to keep."),
        "mine": tr("Labels of this tab"),
        "theirs": tr("The other labels"),
        "both": tr("Both together"),
    }


def keys() -> list[tuple[str, str]]:
    """Keys and what they do, for the help."""
    return [
        ("Q   W", tr("draw a polygon that includes / excludes")),
        (tr("click"), tr("add a point; the first point closes; a line selects its polygon")),
        ("Enter   Esc", tr("close the polygon / stop drawing")),
        (tr("Ctrl + click"), tr("add a point on a line; delete a point")),
        ("Delete", tr("delete the selected polygon")),
        ("Ctrl+Z   Ctrl+Shift+Z", tr("undo / redo")),
        ("A   D", tr("previous / next face; Shift: 5 faces; Ctrl: only labeled ones")),
        ("X   U", tr("move the face to the trash / restore the last one")),
        ("J   H", tr("start from the automatic mask: on / off; automatic mask as the label")),
        ("C   M", tr("copy the labels of the previous labeled face; prefill from the model")),
        ("B   E   [   ]", tr("brush / eraser; smaller / larger")),
        ("G   S   V", tr("cut out by a box and strokes / click to segment / polygons again")),
        ("4   5   6", tr("mask of the labels / applied mask / mask of the model")),
        ("`", tr("darken what lies outside the mask")),
        ("1   2   3", tr("color of the lines")),
        (tr("wheel   +   -   0"), tr("zoom in, out, whole face")),
        (tr("middle button"), tr("move the picture; on a touch screen two fingers")),
        ("Shift", tr("keep the pointer in the middle and move the picture")),
        ("← → ↑ ↓", tr("move the cursor or the selected point; Shift: by 10 pixels")),
        ("Space", tr("click at the cursor")),
        ("N   P", tr("next polygon / next point of it")),
        ("F   L", tr("next filter / go to the list of faces")),
        ("?", tr("this list")),
    ]
