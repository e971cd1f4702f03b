"""An evaluation as one page that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from dfl_cli import web
from dfl_cli.evaluate.advice import advice, limits_title
from dfl_cli.evaluate.evaluate import Evaluation
from dfl_cli.evaluate.limits import Finding
from dfl_cli.evaluate.metrics.expression import blinking
from dfl_cli.evaluate.plots import curves
from dfl_cli.evaluate.readings import as_bytes
from dfl_cli.evaluate.table import heading, number, rows
from dfl_cli.store.measure_history import SWAP, read_measures
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.translate import LANGUAGES, language, ntr, remarked, tr
from samplers.files.names import printable

THEME = Path(web.__file__).with_name("theme.css")
STYLE = Path(__file__).with_name("report.css")
WORST = 8  # frames of a sheet
APART = 5  # frames between two of them
FEWEST_SAVES = 2  # that a curve over saves needs
SHOWN = 160  # pixels of a picture's side
QUALITY = 90


def page(saved: SavedModel, found: Evaluation, findings: Sequence[Finding]) -> str:
    """The whole page."""
    title = tr("{name}, iteration {iteration}: evaluation", name=printable(saved.name), iteration=saved.iteration)
    frames = ntr("{count} frame of dst", "{count} frames of dst", count=len(found.names))
    body = [
        element("h1", title),
        element("p", frames),
        element("p", tr("The swaps on this page are synthetic pictures.")),
        table([heading(), *rows(found.scores)]),
        element("p", legend()),
        element("h2", limits_title()),
        listed(advice(findings)),
        *learning(saved),
        element("h2", tr("Over the frames")),
        *plots(found),
        element("h2", tr("Worst frames")),
        element("p", tr("Each shows dst, the swap, the swap laid on dst without color transfer, and its mask.")),
        sheet(found, "landmark_error", tr("Where landmarks are farthest from dst's")),
        sheet(found, "identity_transfer", tr("Where the swap is least like src")),
    ]
    return document(title, body)


def document(title: str, body: Iterable[str]) -> str:
    """A page of these elements that stands alone; empty ones are left out."""
    style = "".join(path.read_text(encoding="utf-8") for path in (THEME, STYLE))
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGES[language()]}">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<title>{escape(title)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n{chr(10).join(filter(None, body))}\n</main>\n</body>\n</html>\n"
    )


def element(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def listed(lines: Sequence[str]) -> str:
    return f"<ul>\n{chr(10).join(element('li', line) for line in lines)}\n</ul>"


def legend() -> str:
    return tr(
        "Floor: what real pictures of src get at the same resolution, or a perfect copy of dst. Chance: what the swaps of "
        "other frames get. A value is good where it is near the floor and far from chance."
    )


def table(shown: Sequence[tuple[str, ...]]) -> str:
    """A heading and its rows, the first column a label."""
    head, *rest = shown
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = [
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(text)}</td>" for text in row[1:])}</tr>'
        for row in rest
    ]
    body = f"<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n{chr(10).join(lines)}\n</tbody>\n</table>"
    return f'<div class="wide" tabindex="0">\n{body}\n</div>'


def plots(found: Evaluation) -> Iterable[str]:
    """Curves that show where a score comes from, and the scores that single frames have."""
    material, starts = found.material, ~found.material.neighbors
    swap, dst = material.swap, material.dst
    both = (tr("swap"), tr("dst"))

    def pair(title: str, one: np.ndarray, other: np.ndarray) -> str:
        return curves(title, dict(zip(both, (one, other), strict=True)), starts)

    yield pair(tr("Yaw in degrees, less its mean"), *(turned(one.angles[:, 0]) for one in (swap, dst)))
    yield pair(tr("Closed eyes, 0 to 1"), *(blinking(one.expression) for one in (swap, dst)))
    names = {
        "identity_transfer": tr("Identity transfer"),
        "landmark_error": tr("Landmark error in percent of the eye distance"),
        "jitter": tr("Jitter in percent of the eye distance"),
        "flicker": tr("Flicker in levels of 255"),
    }
    for name, title in names.items():
        yield curves(title, {title: found.scores[name].per_frame}, starts)


def learning(saved: SavedModel) -> Iterable[str]:
    """Curves of the scores at earlier saves, which a training with keep_best writes down."""
    rows = [one for one in read_measures(saved.model_dir.folder, saved.iteration) if one.name == SWAP]
    if len(rows) < FEWEST_SAVES:
        return
    yield element("h2", tr("While it was trained, by iteration"))
    titles = {
        "identity_transfer": tr("Identity transfer"),
        "expression_correlation": tr("Expression correlation"),
        "yaw_correlation": tr("Yaw correlation"),
    }
    for name, title in titles.items():
        values = np.array([row.values.get(name, np.nan) for row in rows])
        yield curves(title, {title: values}, [False] * len(rows), (rows[0].iteration, rows[-1].iteration))


def turned(values: np.ndarray) -> np.ndarray:
    return values - values.mean()


def sheet(found: Evaluation, name: str, title: str) -> str:
    """The worst frames by the score `name`; empty where no frame has one."""
    chosen = worst(found, name)
    return as_sheet(title, [figure(found, name, frame) for frame in chosen])


def as_sheet(title: str, figures: Sequence[str]) -> str:
    return f'<h3>{escape(title)}</h3>\n<div class="sheet">\n{chr(10).join(figures)}\n</div>' if figures else ""


def worst(found: Evaluation, name: str) -> list[int]:
    """Numbers of the worst frames by a score, the worst first."""
    one = found.scores[name]
    return highest(-one.per_frame if one.higher_is_better else one.per_frame)


def highest(values: np.ndarray) -> list[int]:
    """Numbers of the frames with the highest of `values` (N,); of frames near each other, which look alike, only the highest."""
    apart, chosen = min(APART, len(values) // WORST), []
    for frame in np.argsort(-values, kind="stable"):
        if np.isfinite(values[frame]) and all(abs(int(frame) - other) > apart for other in chosen):
            chosen.append(int(frame))
    return chosen[:WORST]


def figure(found: Evaluation, name: str, frame: int) -> str:
    swapped, score = found.material.swapped.one(frame), found.scores[name]
    strip = [swapped.dst[0], swapped.swap[0], swapped.laid_on[0], np.repeat(swapped.mask[0], 3, axis=2)]
    shown = printable(found.names[frame])
    about = tr("{frame}: dst, swap, swap laid on dst, mask", frame=shown)
    return as_figure(strip, about, remarked(shown, number(score.per_frame[frame], score.unit)))


def as_figure(strip: list[np.ndarray], about: str, caption: str) -> str:
    """Pictures (R, R, 3) side by side, float 0..1, each R its own; about: for whoever does not see them."""
    return (
        f'<figure><img src="{picture_uri(strip)}" width="{len(strip) * SHOWN}" height="{SHOWN}" alt="{escape(about)}"/>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def picture_uri(strip: list[np.ndarray]) -> str:
    """A data: address of pictures (R, R, 3) side by side, float 0..1."""
    pictures = [cv2.resize(as_bytes(one), (SHOWN, SHOWN), interpolation=cv2.INTER_CUBIC) for one in strip]
    _, encoded = cv2.imencode(".jpg", np.hstack(pictures), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
