"""What a video is beside its pixels, read back from the file: so that what a new one lacks of it can be reported."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from dfl_cli.translate import N_, listed, remarked, tr
from dfl_cli.video.library import Disposition
from dfl_cli.video.read import first_picture, is_cover, main_stream, opened, pixel_shape, shape_text
from dfl_cli.video.streams import as_text, only_chapters, tags_of_file, timecode_of, title_of

NAMES = {"audio": N_("audio"), "subtitle": N_("subtitles"), "video": N_("video"), "data": N_("data")}
SIDE_DATA = {  # what comes with a picture and says something of how it is to be shown
    "MASTERING_DISPLAY_METADATA": N_("HDR mastering display"),
    "CONTENT_LIGHT_LEVEL": N_("HDR light level"),
    "DYNAMIC_HDR_PLUS": N_("HDR10+"),
    "DYNAMIC_HDR_VIVID": N_("HDR Vivid"),
    "DOVI_METADATA": N_("Dolby Vision"),
    "DOVI_RPU_BUFFER": N_("Dolby Vision"),
    "AMBIENT_VIEWING_ENVIRONMENT": N_("ambient viewing environment"),
    "A53_CC": N_("closed captions"),
    "STEREO3D": N_("3D"),
    "SPHERICAL": N_("360°"),
    "ICC_PROFILE": N_("ICC profile"),
    "AFD": N_("active format"),
    "S12M_TIMECODE": N_("timecode of each frame"),
}
ROUNDING = 0.01  # of the pixel shape: some files tell it as a size in whole pixels


class Track(NamedTuple):
    """One beside the pictures."""

    index: int  # in the file
    kind: str  # audio, subtitle, video, data
    number: int  # of its kind, from 0
    codec: str
    language: str
    title: str
    role: int  # dispositions such as forced or commentary, but for `default`

    @property
    def about(self) -> str:
        """The track for a person, as `audio 1 (aac, eng)`."""
        return remarked(
            f"{tr(NAMES[self.kind])} {self.number}", listed(filter(None, (self.codec, self.language, self.title)))
        )


class Properties(NamedTuple):
    tracks: list[Track]
    has_cover: bool
    attachments: list[str]
    chapters: int
    tags: dict[str, str]  # name in lower case -> value
    timecode: str
    side_data: list[str]  # keys of SIDE_DATA
    has_alpha: bool
    is_interlaced: bool
    pixel_shape: Fraction
    chroma: tuple[int, int]  # width and height of the color planes of a picture of 64x64


def properties_of(path: Path) -> Properties:
    """Raises NotAVideo."""
    with opened(path) as container:
        first, streams = first_picture(path, container), container.streams
        return Properties(
            tracks=list(tracks_of(container)),
            has_cover=any(map(is_cover, streams.video)),
            attachments=[as_text(stream.name or "") for stream in streams if stream.type == "attachment"],
            chapters=sum(chapter["start"] < chapter["end"] for chapter in container.chapters()),
            tags={name.lower(): value for name, value in tags_of_file(container).items()},
            timecode=timecode_of(container) or "",
            side_data=[kind for kind in SIDE_DATA if kind in first.side_data],
            has_alpha=any(component.is_alpha for component in first.format.components),
            is_interlaced=first.interlaced_frame,
            pixel_shape=pixel_shape(main_stream(container), first),
            chroma=(first.format.chroma_width(64), first.format.chroma_height(64)),
        )


def tracks_of(container) -> Iterator[Track]:
    """All but the pictures, a cover, chapters and the timecode."""
    counts: dict[str, int] = {}
    for stream in container.streams:
        if stream.type not in NAMES or only_chapters(stream):
            continue
        number = counts.get(stream.type, 0)
        counts[stream.type] = number + 1
        tags = stream.metadata
        is_timecode = stream.type == "data" and "timecode" in tags
        if stream.index == main_stream(container).index or is_timecode or (stream.type == "video" and is_cover(stream)):
            continue
        yield Track(
            stream.index, stream.type, number, codec_of(stream), tags.get("language", "und").replace("und", ""),
            title_of(stream), int(stream.disposition) & ~int(Disposition.default),
        )  # fmt: skip


def codec_of(stream) -> str:
    context = stream.codec_context
    return context.name if context else tr("unknown")


def losses(before: Properties, after: Properties, kept: Sequence[Track]) -> list[str]:
    """What of a video a new one lacks, for a person. kept: which of its tracks were copied, in this order."""
    lost = [track.about for track in before.tracks if track not in kept]
    for kind in NAMES:
        pairs = zip(*([one for one in some if one.kind == kind] for some in (kept, after.tracks)), strict=False)
        lost += [text for old, new in pairs for text in changes(old, new)]
    lost += [tr("the attached file {name}", name=name) for name in before.attachments if name not in after.attachments]
    if before.has_cover and not after.has_cover:
        lost.append(tr("the cover"))
    if before.chapters > after.chapters:
        lost.append(tr("chapters"))
    if before.timecode and before.timecode != after.timecode:
        lost.append(tr("timecode {time}", time=before.timecode))
    lost += [tr("the tag {name}", name=name) for name in before.tags if name not in after.tags]
    lost += dict.fromkeys(tr(SIDE_DATA[kind]) for kind in before.side_data if kind not in after.side_data)
    if before.has_alpha:
        lost.append(tr("transparency"))
    if before.is_interlaced:
        lost.append(tr("interlacing: frames with both fields become progressive"))
    if abs(after.pixel_shape / before.pixel_shape - 1) > ROUNDING:
        shape = shape_text(before.pixel_shape)
        lost.append(tr("the pixel shape {shape}: the frames have another aspect ratio", shape=shape))
    if before.chroma[0] > after.chroma[0] or before.chroma[1] > after.chroma[1]:
        lost.append(tr("the full resolution of colors (--lossless keeps it)"))
    return lost


def changes(old: Track, new: Track) -> Iterator[str]:
    """What a copied track no longer says of itself."""
    if old.language and new.language != old.language:
        yield tr("the language of {track}", track=old.about)
    if old.title and new.title != old.title:
        yield tr("the title of {track}", track=old.about)
    if old.role & ~new.role:
        yield tr("the role of {track}", track=old.about)
