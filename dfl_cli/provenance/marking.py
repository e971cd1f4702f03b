"""What merging adds to its results: a claim on its origin, and a signature if one is asked for."""

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

from dfl_cli.provenance.claim import COMPOSITE, Claim, packet
from dfl_cli.provenance.file_metadata import png_with
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.translate import tr
from dfl_cli.version import VERSION
from samplers.files.names import readable


@dataclass(frozen=True)
class Marking:
    """The same for all results of one run."""

    claim: Claim
    signer: object = None  # dfl_cli.provenance.signature.Signer

    def mark_png(self, png: bytes, original: Path) -> bytes:
        """The PNG file `png` with the claim, and signed as made from `original`. Raises SigningFailed, OSError."""
        marked = png_with(png, packet(self.claim))
        if self.signer is None:
            return marked
        from dfl_cli.provenance.signature import ManifestSource

        manifest_source = ManifestSource(f"{readable(original.stem)}.png", self.claim, original)
        signed = io.BytesIO()
        self.signer.sign(io.BytesIO(marked), signed, "image/png", manifest_source)
        return signed.getvalue()


def add_marking_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(tr("provenance")).add_mutually_exclusive_group()
    group.add_argument(
        "--no-metadata", action="store_true",
        help=tr(
            "Do not mark results as made with a trained model. Platforms and viewers then cannot tell; in "
"some places publishing unmarked synthetic images is illegal."
        ),
    )  # fmt: skip
    add_sign_flag(group)


def add_sign_flag(group) -> None:
    group.add_argument(
        "--sign", nargs=2, type=Path, metavar=("CERT", "KEY"),
        help=tr("Also sign each result with a C2PA manifest, using this certificate chain and private key (PEM "
"files)."),
    )  # fmt: skip


def marking_for(arguments: argparse.Namespace, saved: SavedModel) -> Marking | None:
    """What the flags ask for; None for --no-metadata. Raises UserError when it cannot be signed."""
    if arguments.no_metadata:
        return None
    return Marking(claim_of(saved), signer_of(arguments))


def claim_of(saved: SavedModel) -> Claim:
    """What results of merging with `saved` say."""
    return Claim(
        source_type=COMPOSITE,
        software=f"dfl {VERSION}",
        system=f"{saved.model_class} {readable(saved.name)}",
        system_version=f"iteration {saved.iteration}, weights sha256 {weights_of(saved)}",
    )


def weights_of(saved: SavedModel) -> str:
    return saved.generation.files()[saved.swap_file.name]["sha256"]


def signer_of(arguments: argparse.Namespace):
    """The Signer of --sign; None without the flag. Raises UserError."""
    if not arguments.sign:
        return None
    from dfl_cli.provenance.signature import Signer

    return Signer(*arguments.sign)
