"""`dfl xseg edit`: the labels of a face set in a browser."""

import argparse

from dfl_cli.errors import UserError
from dfl_cli.faceset.command import folder_of
from dfl_cli.options.flags import add_address_flags, path_given
from dfl_cli.translate import tr
from dfl_cli.web.requirements import require_nicegui
from dfl_cli.xseg.arguments import add_folder, add_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    parser.add_argument(
        "--order",
        default="name",
        metavar="ORDER",
        help=tr(
            "Order of the faces: name, suggested (by dfl xseg suggest), or a text file with the name of a face on each "
            "line; default: name."
        ),
    )
    add_model(parser)
    parser.add_argument(
        "--segment-encoder", type=path_given, metavar="FILE",
        help=tr("ONNX encoder of Segment Anything's kind, such as MobileSAM: clicks become labels."),
    )  # fmt: skip
    parser.add_argument(
        "--segment-decoder", type=path_given, metavar="FILE", help=tr("The ONNX decoder that belongs to the encoder.")
    )
    add_address_flags(parser)


def run(arguments: argparse.Namespace) -> int:
    """0, or 128 + the number of a signal. Raises UserError."""
    require_nicegui("xseg edit")
    from dfl_cli.store.lock import FolderLock
    from dfl_cli.xseg.edit.assists import Assists
    from dfl_cli.xseg.edit.model import model_masks
    from dfl_cli.xseg.edit.opening import open_session, refuse_pack
    from dfl_cli.xseg.edit.web.server import serve

    folder = folder_of(arguments.folder, arguments.workspace)
    refuse_pack(folder)
    masks, segmenter = model_masks(arguments, folder), segmenter_of(arguments)
    with FolderLock(folder):
        assists = Assists(open_session(folder, arguments.order), masks=masks, segmenter=segmenter)
        return serve(assists, host=arguments.host, port=arguments.port)


def segmenter_of(arguments: argparse.Namespace):
    """The networks that were named; None without any. Raises UserError."""
    from dfl_cli.xseg.assist.segmenter import Segmenter

    pair = arguments.segment_encoder, arguments.segment_decoder
    if None not in pair:
        return Segmenter(*pair)
    if pair != (None, None):
        raise UserError(
            tr("A segmentation network is a pair of files."),
            saw=str(next(path for path in pair if path)),
            fix=tr("Give both --segment-encoder and --segment-decoder."),
        )
    return None
