"""A face set's facts as lines, as JSON and as a picture."""

import numpy as np

from dfl_cli.faceset.charts import bars, below, beside, table
from dfl_cli.faceset.degrees import signed
from dfl_cli.faceset.info import FINE, FacesetInfo, histogram
from dfl_cli.faceset.loading import reason_text, skipped_facts
from dfl_cli.translate import labeled, listed, ntr, remarked, tr
from samplers.files.faces import Source
from samplers.files.names import printable
from samplers.pose_coverage import FEW

BAR = 40  # characters of the longest bar
ENOUGH = 20  # faces that have a lowest and a highest twentieth
MAX_NAMES = 20  # names in a list of duplicates or broken pictures; the rest is counted


def lines(info: FacesetInfo) -> list[str]:
    kinds = {Source.PACK: tr("a pack"), Source.ZIP: tr("a zip file"), Source.PERSONS: tr("folders of persons")}
    kind = kinds.get(info.source, tr("a folder of images"))
    text = [
        tr(
            "{folder}: {faces} of {frames}, {kind}.",
            folder=info.folder,
            faces=ntr("{count} face", "{count} faces", count=len(info.names)),
            frames=ntr("{count} frame", "{count} frames", count=info.frames),
            kind=kind,
        ),
    ]
    if info.names:
        text += [
            tr("Face types: {types}", types=counted(info.face_types)),
            tr("Sizes: {sizes}", sizes=counted(info.sizes)),
            tr("XSeg masks: {masks}; polygons: {polygons}", masks=info.masks, polygons=info.polygons),
            *sharpness_lines(info.sharpness),
            tr("Yaw in degrees, negative is toward the left of the image:"),
            *bar_lines(info.degrees[:, 0]),
            tr("Pitch in degrees, positive is up:"),
            *bar_lines(info.degrees[:, 1]),
        ]
    return [*text, *duplicate_lines(info.duplicates), *broken_lines(info.broken)]


def counted(counts: dict[str, int]) -> str:
    return listed(remarked(word, count) for word, count in counts.items())


def sharpness_lines(sharpness: np.ndarray) -> list[str]:
    if not len(sharpness):
        return []
    if len(sharpness) < FEW:
        return [
            ntr(
                "Sharpness (CPBD, 0 to 1) of {count} face: {values}",
                "Sharpness (CPBD, 0 to 1) of {count} faces: {values}",
                count=len(sharpness),
                values=listed(f"{value:.2f}" for value in sorted(sharpness)),
            )
        ]
    lowest, middle, highest = np.percentile(sharpness, [5, 50, 95])
    if len(sharpness) < ENOUGH:
        return [
            tr(
                "Sharpness (CPBD, 0 to 1) of {count} faces: median {middle:.2f}, from {lowest:.2f} to {highest:.2f}",
                count=len(sharpness),
                middle=middle,
                lowest=sharpness.min(),
                highest=sharpness.max(),
            )
        ]
    return [
        ntr(
            "Sharpness (CPBD, 0 to 1) of {count} face: median {middle:.2f}, 90% between {lowest:.2f} and {highest:.2f}",
            "Sharpness (CPBD, 0 to 1) of {count} faces: median {middle:.2f}, 90% between {lowest:.2f} and "
            "{highest:.2f}",
            count=len(sharpness),
            middle=middle,
            lowest=lowest,
            highest=highest,
        )
    ]


def bar_lines(degrees: np.ndarray) -> list[str]:
    counts, edges = histogram(degrees)
    longest = max(counts.max(), 1)
    return [
        f"  {signed(low):>4} .. {signed(high):>4}  {'#' * int(np.ceil(BAR * count / longest)):{BAR}}  {count}"
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    ]


def duplicate_lines(groups: list[list[str]]) -> list[str]:
    if not groups:
        return [tr("No duplicates.")]
    spare = sum(len(names) - 1 for names in groups)
    text = [
        ntr(
            "Duplicates: {count} image is identical to another.",
            "Duplicates: {count} images are identical to others.",
            count=spare,
        )
    ]
    text += [f"  {' = '.join(map(printable, names))}" for names in groups[:MAX_NAMES]]
    return text + more(len(groups) - MAX_NAMES)


def broken_lines(broken: dict[str, str]) -> list[str]:
    if not broken:
        return [tr("No broken images.")]
    text = [tr("Unusable images: {count}", count=len(broken))]
    text += ["  " + labeled(name, reason_text(reason)) for name, reason in list(broken.items())[:MAX_NAMES]]
    return text + more(len(broken) - MAX_NAMES)


def more(count: int) -> list[str]:
    return [tr("  ... and {count} more; --json lists them all", count=count)] if count > 0 else []


def facts(info: FacesetInfo) -> dict:
    """What `--json` prints."""
    enough = len(info.sharpness) >= ENOUGH
    low, high = np.percentile(info.sharpness, [5, 95]) if enough else (None, None)
    middle = np.median(info.sharpness) if len(info.sharpness) else None
    return {
        "folder": str(info.folder),
        "packed": info.source is Source.PACK,
        "count": len(info.names),
        "frames": info.frames,
        "face_types": info.face_types,
        "sizes": info.sizes,
        "xseg_masks": info.masks,
        "polygons": info.polygons,
        "sharpness": {"faces": len(info.sharpness), "percentile_5": low, "median": middle, "percentile_95": high},
        "yaw": histogram_facts(info.degrees[:, 0]),
        "pitch": histogram_facts(info.degrees[:, 1]),
        "duplicates": info.duplicates,
        "broken": skipped_facts(info.skipped),
    }


def histogram_facts(degrees: np.ndarray) -> dict:
    """Counts between edges in degrees."""
    if not len(degrees):
        return {"edges": [], "counts": []}
    counts, edges = histogram(degrees)
    return {"edges": edges.astype(int).tolist(), "counts": counts.tolist()}


def draw(info: FacesetInfo) -> np.ndarray:
    """Yaw against pitch, both as bars, and sharpness."""
    (yaws, columns), (pitches, rows) = (histogram(angle, FINE) for angle in info.degrees.T)
    both = np.histogram2d(info.degrees[:, 1], info.degrees[:, 0], bins=(rows, columns))[0].astype(int)
    spread, edges = np.histogram(info.sharpness, bins=20, range=(0, 1))
    count = len(info.names)
    title = f"{count} {'face' if count == 1 else 'faces'} by yaw (right +) and pitch (up +), degrees"
    return below(
        [
            beside([table(both, columns, rows, title=title), bars(spread, edges, "sharpness (CPBD)")]),
            beside([bars(yaws, columns, "yaw"), bars(pitches, rows, "pitch")]),
        ]
    )
