"""What the demo shows at its end: merged frames, a contact sheet, and the distance to the true swap."""

import os
from pathlib import Path

import numpy as np

from dfl_cli.evaluate.metrics.image_quality import psnr, ssim
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.frames import list_frames, read_frame, write_png
from dfl_cli.merge.alignments import collect_alignments
from dfl_cli.merge.batch import FrameMerger, MergeOutput
from dfl_cli.merge.command import settings_from
from dfl_cli.merge.job import merge_with_progress
from dfl_cli.merge.journal import Journal
from dfl_cli.merge.pixels.tracks import Tracks
from dfl_cli.merge.predictor import ModelPredictor, SwapNetwork, known_corrections
from dfl_cli.merge.resume import sort_frames
from dfl_cli.options.outputs import read_mark, write_mark
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.options.wizard import ask_table
from dfl_cli.provenance.marking import Marking, claim_of
from dfl_cli.store.saved_model import find_model
from dfl_cli.store.workspace import Workspace
from dfl_cli.terminal.console import say
from dfl_cli.translate import tr
from samplers.files.file_range import file_fingerprint
from samplers.files.names import free_path

SHEET = "contact_sheet.png"
SHEET_COLUMNS = 6
GAP = 4  # pixels between pictures
SETTINGS = {
    "mask_mode": "learned-prd*learned-dst",
    "erode_mask_modifier": 10,
    "blur_mask_modifier": 30,
    "color_transfer_mode": "none",
}


def compare(workspace: Workspace, name: str) -> None:
    """Write the contact sheet of the merged frames, say where everything is and how close the swap came."""
    frames = list_frames(workspace.frames)
    shown = [frames[index].name for index in np.linspace(0, len(frames) - 1, SHEET_COLUMNS).round().astype(int)]
    sheet = write_sheet(workspace.root, contact_sheet(workspace, shown))
    swapped, unswapped = mean_psnr_ssim(workspace, [path.name for path in frames])
    say(tr("Inside the mask, compared with the true swap:"))
    say(tr("  swapped frames:   PSNR {psnr:.1f} dB, SSIM {ssim:.3f}", psnr=swapped[0], ssim=swapped[1]))
    say(tr("  unswapped frames: PSNR {psnr:.1f} dB, SSIM {ssim:.3f}", psnr=unswapped[0], ssim=unswapped[1]))
    say(tr("Contact sheet (dst frame, swap, true swap): {path}", path=sheet))
    say(tr("Training preview: {path}", path=workspace.models / name / "preview.png"))
    say(tr("Merged frames: {path}", path=workspace.merged))


def merge(workspace: Workspace, name: str) -> None:
    saved = find_model(workspace.models, name)
    target = MergeOutput(workspace.merged, workspace.merged_mask, Marking(claim_of(saved)))
    for folder in (target.pictures, target.masks):
        folder.mkdir(parents=True, exist_ok=True)
    frames = list_frames(workspace.frames)
    faces = collect_alignments(load_faceset(workspace.dst)).faces
    answers = ask_table(MERGE, given=SETTINGS, ask_now=False)
    predictor = ModelPredictor(SwapNetwork(saved), corrections=known_corrections(saved))
    settings = settings_from(answers)
    merger = FrameMerger(
        Tracks(frames, faces), predictor.face, lambda path: settings, target,
        producer=saved.fingerprint, corrections=predictor.corrections,
    )  # fmt: skip
    with Journal(target.pictures) as journal:  # so that dfl merge knows later whose pictures these are
        ours = sort_frames(frames, merger, journal, again=True).without_foreign().stale
        merge_with_progress(ours, merger, predictor, workers=answers["workers"], journal=journal)


def write_sheet(folder: Path, picture: np.ndarray) -> Path:
    """Write the contact sheet, in place of the one of the last run only if nobody has changed it; returns where it is."""
    sheet = folder / SHEET
    if os.path.lexists(sheet) and file_fingerprint(sheet) != read_mark(folder).get(SHEET, ""):
        sheet = free_path(sheet)
    write_png(sheet, picture)
    if sheet.name == SHEET:
        write_mark(folder, {**read_mark(folder), SHEET: file_fingerprint(sheet)})
    return sheet


def contact_sheet(workspace: Workspace, names: list[str]) -> np.ndarray:
    """Three rows of pictures, uint8 BGR: dst frame, swap, true swap."""
    rows = [
        [read_frame(folder / name) for name in names]
        for folder in (workspace.frames, workspace.merged, workspace.root / "truth")
    ]
    return stack([stack(row, axis=1) for row in rows], axis=0)


def stack(pictures: list[np.ndarray], axis: int) -> np.ndarray:
    """Pictures side by side (axis 1) or below each other (axis 0), with a white gap."""
    shape = list(pictures[0].shape)
    shape[axis] = GAP
    gap = np.full(shape, 255, np.uint8)
    spaced = [part for picture in pictures for part in (picture, gap)][:-1]
    return np.concatenate(spaced, axis=axis)


def mean_psnr_ssim(workspace: Workspace, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(PSNR, SSIM) of the swapped and of the unswapped frames to the true swap, means over the frames."""
    rows = []
    for name in names:
        truth, mask = (
            unit(read_frame(workspace.root / "truth" / name)),
            unit(read_frame(workspace.root / "truth" / "mask" / name))[:, :, :1],
        )
        pictures = [unit(read_frame(folder / name)) for folder in (workspace.merged, workspace.frames)]
        rows.append([(psnr(picture, truth, mask), ssim(picture, truth, mask)) for picture in pictures])
    swapped, unswapped = np.mean(rows, axis=0)
    return swapped, unswapped


def unit(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float32) / 255
