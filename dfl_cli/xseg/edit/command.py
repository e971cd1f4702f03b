"""`dfl xseg edit`: the labels of a face set in a browser."""

import argparse

from dfl_cli.options.flags import add_address_flags, path_given
from dfl_cli.translate import tr
from dfl_cli.web.requirements import require_nicegui


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=path_given, metavar="DIR", help=tr("Folder of the aligned faces."))
    parser.add_argument(
        "--order",
        default="name",
        metavar="ORDER",
        help=tr(
            "Order of the faces: name, suggested (by dfl xseg suggest), or a text file with the name of a face on each "
            "line; default: name."
        ),
    )
    add_address_flags(
        parser,
        port=tr("Port; default: the first free port from 8088."),
        host=tr(
            "Address. The default 127.0.0.1 is reachable only from this machine; with any other address, anyone who "
            "can read the traffic can read the token."
        ),
    )


def run(arguments: argparse.Namespace) -> int:
    """0, or 128 + the number of a signal. Raises UserError."""
    require_nicegui("xseg edit")
    from dfl_cli.store.lock import FolderLock
    from dfl_cli.xseg.edit.opening import open_session, refuse_pack
    from dfl_cli.xseg.edit.web.server import serve

    folder = arguments.folder.resolve()
    refuse_pack(folder)
    with FolderLock(folder):
        return serve(open_session(folder, arguments.order), host=arguments.host, port=arguments.port)
