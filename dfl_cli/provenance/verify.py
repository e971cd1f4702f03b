"""`dfl verify`: what pictures and videos say about their origin, and whether a signature holds."""

import argparse
import json
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.provenance.claim import DIGITAL_SOURCE_TYPES, Claim, UnreadablePacket, read_packet
from dfl_cli.provenance.file_metadata import DamagedFile, search
from dfl_cli.terminal.console import say
from dfl_cli.text_files.encoding import UnknownEncoding, read_text
from dfl_cli.translate import listed, remarked, system_reason, tr
from samplers.files.names import printable

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MP4": "video/mp4"}


class FileReport(NamedTuple):
    """What was found in one file."""

    path: Path
    kind: str = ""
    claim: Claim | None = None  # its XMP; None without
    manifest: object = None  # dfl_cli.provenance.signature.Manifest; None without, or unchecked
    unchecked: bool = False  # there is a manifest, but nothing to check it with
    problem: str = ""  # why the file or its XMP cannot be read

    @property
    def good(self) -> bool:
        """Whether the file says where it comes from, and nothing in it contradicts that."""
        if self.problem or (self.manifest and self.manifest.state == "invalid"):
            return False
        return bool(self.manifest or self.unchecked or (self.claim and self.claim.source_type))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=tr("Images and videos of any origin."))
    parser.add_argument(
        "--trust", type=Path, metavar="FILE.pem",
        help=tr("Trusted certificates; without them, every intact signature counts as made by an unknown signer."),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))


def run(arguments: argparse.Namespace) -> int:
    """Say what each file claims: 0 if each of them says where it comes from, 1 if one does not, or its signature is broken."""
    anchors = trusted(arguments.trust)
    findings = [examine(path.expanduser(), anchors) for path in arguments.files]
    if arguments.json:
        print(json.dumps({"files": [facts(report) for report in findings]}, indent=2), flush=True)
    else:
        for report in findings:
            say("\n".join([printable(report.path), *(f"  {line}" for line in lines(report))]))
    return 0 if all(report.good for report in findings) else 1


def trusted(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = read_text(path.expanduser())
    except (OSError, UnknownEncoding) as error:
        text, reason = "", system_reason(error) if isinstance(error, OSError) else str(error)
    else:
        reason = tr("No certificate in it.")
    if "-----BEGIN CERTIFICATE-----" in text:
        return text
    raise UserError(tr("Cannot read {path}.", path=path), saw=reason, fix=tr("Give the certificates as a PEM file."))


def examine(path: Path, anchors: str = "") -> FileReport:
    """What the file at `path` carries. Never raises for what is in the file."""
    try:
        found = search(path)
    except OSError as error:
        return FileReport(path, problem=system_reason(error))
    except DamagedFile:
        return FileReport(path, problem=tr("the file is damaged or truncated"))
    report = FileReport(path, found.kind)
    try:
        report = report._replace(claim=read_packet(found.packet) if found.packet else None)
    except UnreadablePacket as error:
        report = report._replace(problem=tr("its XMP is not readable ({reason})", reason=error))
    return report._replace(**checked(path, found, anchors))


def checked(path: Path, found, anchors: str) -> dict:
    """The manifest of the file, checked if c2pa-python is here; it sees only files that may have one."""
    if found.kind in MEDIA_TYPES and not found.manifest:
        return {}
    try:
        from dfl_cli.provenance import signature
    except UserError:
        return {"unchecked": found.manifest}
    media_type = MEDIA_TYPES.get(found.kind) or signature.MEDIA_TYPES.get(path.suffix.lower())
    try:
        return {"manifest": signature.read_manifest(path, media_type, anchors) if media_type else None}
    except signature.UnreadableManifest as error:
        # Of a file without a manifest this says only that the library does not know it.
        return {"problem": tr("its C2PA manifest is not readable ({reason})", reason=error)} if found.manifest else {}


def lines(report: FileReport) -> list[str]:
    """A finding for a person."""
    found = []
    if report.problem:
        found.append(tr("problem: {problem}", problem=report.problem))
    if report.claim:
        found += claim_lines(report.claim)
    if report.manifest:
        found += manifest_lines(report.manifest)
    if report.unchecked:
        found.append(tr('C2PA: manifest found; to check it: pip install "dfl-trainer[c2pa]"'))
    if not found:
        found.append(tr("no provenance information"))
    return found


def claim_lines(claim: Claim) -> list[str]:
    origin = origin_text(claim.source_type) if claim.source_type else tr("no information about the origin")
    made_by = listed(filter(None, (claim.software, claim.system, claim.system_version)))
    stated = [tr("XMP: {origin}", origin=origin)]
    if made_by:
        stated.append(tr("made by: {software}", software=made_by))
    if claim.source_type:
        stated.append(tr("XMP is not signed: anyone can write or remove it"))
    return stated


def manifest_lines(manifest) -> list[str]:
    match manifest.state:
        case "trusted":
            verdict = tr("valid, signed by {signer} (trusted)", signer=manifest.signer)
        case "valid":
            verdict = tr("valid, signed by {signer} (unknown signer)", signer=manifest.signer)
        case _:
            verdict = tr("invalid: {problems}", problems=listed(manifest.problems))
    stated = [tr("C2PA: {verdict}", verdict=verdict)]
    if manifest.source_types:
        stated.append(tr("origin: {origin}", origin=listed(map(origin_text, manifest.source_types))))
    if manifest.software:
        stated.append(tr("made by: {software}", software=listed(manifest.software)))
    if manifest.ingredients:
        stated.append(tr("made from: {ingredients}", ingredients=listed(manifest.ingredients)))
    return stated


def origin_text(source_type: str) -> str:
    """A digital source type in words where it is a usual one."""
    name = source_type.removeprefix(DIGITAL_SOURCE_TYPES)
    known = {
        "compositeWithTrainedAlgorithmicMedia": tr("composited with content made by a trained model"),
        "trainedAlgorithmicMedia": tr("made by a trained model"),
        "digitalCapture": tr("taken by a digital camera"),
    }
    return remarked(known[name], name) if name in known else source_type


def facts(report: FileReport) -> dict:
    """A finding for a program."""
    manifest = report.manifest
    return {
        "file": str(report.path),
        "found": report.good,
        "kind": report.kind or None,
        "xmp": report.claim._asdict() if report.claim else None,
        "c2pa": manifest._asdict() if manifest else {"state": "unchecked"} if report.unchecked else None,
        "problem": report.problem or None,
    }
