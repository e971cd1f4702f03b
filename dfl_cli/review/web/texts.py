"""The texts of the page. Those with {names} are filled in by its scripts."""

from __future__ import annotations

from dfl_cli.translate import ptr, tr


def texts() -> dict[str, str]:
    """By the names that page.html and the scripts use."""
    return head_texts() | face_texts() | order_texts() | frame_texts() | editor_texts()


def head_texts() -> dict[str, str]:
    return {
        "title": tr("Review of the extraction"),
        "faces": tr("Faces"),
        "frames": tr("Frames"),
        "help": tr("Keys"),
        "close": tr("Close"),
        "leave": tr("Exit dfl extract review"),
        "left": tr("The review has ended. You can close this page."),
        "lost": tr("dfl extract review no longer answers. What was saved is on the disk."),
        "unsaved_leave": tr("Frames with unsaved changes: {count}. Exit once more to drop the changes."),
        "measuring": tr("Measuring sharpness: {done} of {total}"),
    }


def face_texts() -> dict[str, str]:
    return {
        "counts": tr("Shown: {shown} of {total}. Selected: {selected}. In the trash: {trashed}."),
        "map": tr("Where the faces look"),
        "map_help": tr("A cell shows only its faces. Across: yaw; up: pitch."),
        "cell": tr("yaw {yaw}°, pitch {pitch}°: {count}"),
        "all": tr("Show all"),
        "sort": tr("Sort by"),
        "reverse": tr("Reverse order"),
        "select_all": tr("Select all"),
        "lasso": tr("Lasso"),
        "to_trash": tr("Move to trash"),
        "restore_last": tr("Restore last"),
        "restore_all": tr("Restore all"),
        "trashed": tr("Moved to the trash: {count}."),
        "restored": tr("Restored: {count}."),
        "open_frame": tr("Open frame"),
        "no_faces": tr("No faces here."),
        "no_frame": tr("The file of this face does not name a frame of the extraction."),
    }


def order_texts() -> dict[str, str]:
    return {
        "time": ptr("order of the faces", "time"),
        "sharpness": tr("sharpness, blurred first"),
        "size": tr("size, small first"),
        "confidence": tr("confidence, unsure first"),
        "distance": tr("identity, strangers first"),
        "jitter": tr("jitter, strong first"),
        "of_sharpness": tr("sharpness"),
        "of_size": tr("eye distance in pixels"),
        "of_confidence": tr("confidence"),
        "of_distance": tr("identity distance"),
        "of_jitter": tr("jitter"),
        "of_yaw": tr("yaw"),
        "of_pitch": tr("pitch"),
    }


def frame_texts() -> dict[str, str]:
    return {
        "frame_counts": tr("Frames: {frames}. No face: {none}. Uncertain: {uncertain}. Repaired: {repaired}."),
        "no_face": tr("no face"),
        "uncertain": tr("uncertain"),
        "certain": tr("faces: {count}"),
        "repaired": tr("repaired"),
        "unsaved": tr("unsaved"),
        "choose_frame": tr("Choose a frame from the list."),
        "previous": tr("Previous frame"),
        "next": tr("Next frame"),
    }


def editor_texts() -> dict[str, str]:
    return {
        "canvas": tr("Frame {name}. Faces: {count}."),
        "box": tr("Draw box"),
        "whole": tr("Move all points"),
        "next_face": tr("Next face"),
        "accept": tr("It is a face"),
        "remove": tr("Remove face"),
        "undo": tr("Undo"),
        "save": tr("Save"),
        "original": tr("As found"),
        "zoom_in": tr("Zoom in"),
        "zoom_out": tr("Zoom out"),
        "crop": tr("The face as it will be cut"),
        "saved": tr("Saved."),
        "back": tr("The faces that were found hold again."),
        "box_help": tr("Drag a box around the face, or move it with the arrow keys (Shift: its size) and press Enter."),
        "not_found": tr("No landmarks were found in the box. Move the points onto the face."),
        "found": tr("Landmarks found. Check them and save."),
        "point": tr("point {number} of 68"),
        "all_points": tr("all points"),
        "face": tr("Face {number} of {count}"),
        "nothing": tr("No face in this frame. Draw a box around one, or save to confirm that there is none."),
    }


def keys() -> list[tuple[str, str]]:
    """Keys and what they do, for the help."""
    return [
        ("v", tr("faces / frames")),
        ("m   g", tr("go to the map / to the faces")),
        ("← → ↑ ↓", tr("move in map, faces, list; move the point")),
        ("Space", tr("select the face; switch the cell of the map")),
        ("Shift ← → ↑ ↓", tr("select a range; move the point by 10 pixels")),
        ("Ctrl ← → ↑ ↓", tr("move the view of the frame")),
        ("a   Esc", tr("select all / nothing")),
        ("x   Delete", tr("move selected faces to the trash; remove the face")),
        ("z   Z", tr("restore last; undo / restore all")),
        ("s   S", tr("next sort order / reverse; save the frame")),
        ("c", tr("show all cells")),
        ("l", tr("lasso on a touch screen: on / off")),
        ("Enter", tr("open the frame of the face; find the face in the box")),
        (",   .", tr("previous / next frame")),
        ("b", tr("draw a box around a face")),
        ("f", tr("next face of the frame")),
        ("[   ]", tr("previous / next point")),
        ("w", tr("move one point / all points")),
        ("k", tr("it is a face")),
        ("o", tr("take back the repair")),
        ("+   -   0", tr("zoom in, out, whole frame")),
        ("?", tr("this list")),
    ]
