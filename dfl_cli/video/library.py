"""PyAV, which is an extra; importing this module explains how to get it."""

from dfl_cli.errors import UserError
from dfl_cli.translate import tr

try:
    import av
    from av.stream import Discard, Disposition
    from av.video.reformatter import VideoReformatter
except ImportError as error:
    raise UserError(
        tr("Reading and writing videos requires PyAV."),
        saw=str(error),
        fix=tr('Install it: pip install "dfl-trainer[video]"'),
    ) from error

__all__ = ["Discard", "Disposition", "VideoReformatter", "av"]
