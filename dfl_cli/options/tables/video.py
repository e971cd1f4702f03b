"""The questions of `dfl video`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dfl_cli.options.kinds import Choice, Integer, Kind, Number, YesNo, plain
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import N_, tr

CLOCK = re.compile(r"(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)", re.ASCII)
LONGEST = 1e7  # seconds, a third of a year; beyond it times of frames are no longer exact


@dataclass(frozen=True)
class Time(Kind):
    """A moment of a video, in seconds; typed as 00:01:02.500, 1:02.5 or 62.5."""

    def read(self, raw):
        match = CLOCK.fullmatch(plain(str(raw)))
        if not match or (match[2] and float(match[3]) >= 60):
            raise ValueError(raw)
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        value = hours * 3600 + minutes * 60 + seconds
        if value > LONGEST:
            raise ValueError(raw)
        return value

    def accepted(self):
        return tr("a time such as 00:01:02.500, 1:02.5 or 62.5")

    def show(self, value):
        minutes, seconds = divmod(round(value, 3), 60)
        return f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{seconds:06.3f}"


def not_lossless(answers: Mapping) -> bool:
    return not answers["lossless"]


FROM = Option(
    key="from_time",
    label=N_("From time"),
    kind=Time(),
    default=0.0,
    help=N_("Where the clip starts."),
)
TO = Option(
    key="to_time",
    label=N_("To time"),
    kind=Time(),
    default=0.0,
    default_text=N_("the end of the video"),
    help=N_("Where the clip ends; 0 is the end of the video."),
)
LOSSLESS = Option(
    key="lossless",
    label=N_("Lossless"),
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    help=N_(
        "Keeps every pixel as it is. The file gets very large, and many players and browsers cannot "
        "play it; editing programs can."
    ),
)
BITRATE = Option(
    key="bitrate",
    label=N_("Bitrate of output file in Mbit/s"),
    kind=Number(0.05, 1000.0, range_text=""),
    default=16.0,
    when=not_lossless,
    when_text=N_("not lossless"),
    help=N_("Data rate of the file. Higher is sharper and larger; 16 is plenty for 1920x1080."),
)
FPS = Option(
    key="fps",
    label=N_("Enter FPS"),
    kind=Number(0.0, 1000.0, range_text=""),
    default=0.0,
    help=N_("How many frames of every second of the video will be extracted. 0 is all of them, each exactly once."),
)

EXTRACT = (
    FPS,
    Option(
        key="image_format",
        label=N_("Output image format"),
        kind=Choice(("png", "jpg")),
        default="png",
        help=N_("png keeps every pixel as it is; jpg takes a tenth of the space."),
    ),
    replace(FROM, ask=Ask.NEVER),
    replace(TO, ask=Ask.NEVER),
)
JOIN = (
    replace(
        FPS,
        default=25.0,
        kind=Number(0.1, 1000.0, range_text=""),
        when=lambda answers: not answers["has_reference"],
        when_text=N_("no reference video"),
        help=N_("Frame rate of the new video."),
    ),
    LOSSLESS,
    BITRATE,
)
CUT = (
    FROM,
    TO,
    Option(
        key="audio_track",
        label=N_("Specify audio track id."),
        kind=Integer(0),
        default=0,
        help=N_("Which audio track of the video is kept, counted from 0."),
    ),
    LOSSLESS,
    replace(BITRATE, default=25.0),
)
DENOISE = (
    Option(
        key="factor",
        label=N_("Denoise factor?"),
        kind=Integer(1, 20),
        default=7,
        help=N_(
            "Strength of the filter. 4 suits light noise, 7 the noise of a dark video; above 10, more detail is lost than "
            "noise. DeepFaceLab uses another filter (hqdn3d), so the same number gives another result."
        ),
    ),
)
VIDEO_OUTPUT = (LOSSLESS, BITRATE)
