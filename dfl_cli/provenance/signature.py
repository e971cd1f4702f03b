"""C2PA manifests: signed statements of how a file came about, made and checked with c2pa-python, which is an extra.

Nothing here uses the network: no time stamp server, no certificate status, no remote manifest, no list of trusted certificates.
"""

import io
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.provenance.claim import Claim
from dfl_cli.store.durable import sha256
from dfl_cli.text_files.encoding import UnknownEncoding, read_text
from dfl_cli.translate import system_reason, tr
from samplers.files.names import readable
from samplers.files.regular_file import open_regular, read_regular

try:
    import c2pa
except ImportError as error:
    raise UserError(
        tr("Signing requires c2pa-python."), saw=str(error), fix=tr('Install it: pip install "dfl-trainer[c2pa]"')
    ) from error

OFFLINE = {
    "version": 1,
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "builder": {"thumbnail": {"enabled": False}},
}
CHECKED = OFFLINE | {"verify": OFFLINE["verify"] | {"verify_after_sign": True}}
ALGORITHMS = ("es256", "ps256", "ed25519", "es384", "es512", "ps384", "ps512")
MEDIA_TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo",
}  # fmt: skip
UNKNOWN = "application/octet-stream"
TRIAL_PNG = bytes.fromhex(  # one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b5500"
    "00000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


class SigningFailed(Exception):
    """The library could not sign; the text is its reason."""


class UnreadableManifest(Exception):
    """The library can make nothing of the file, or of the manifest in it."""


class ManifestSource(NamedTuple):
    """How one file was made: what its manifest says."""

    title: str
    claim: Claim
    original: Path  # the frame or video that a face was put into


class Signer:
    """A certificate chain and its private key, both PEM. Several threads may share one."""

    def __init__(self, certificate: Path, key: Path):
        """Raises UserError: a file is missing, or the two cannot sign."""
        self._files = read_pem(certificate), read_pem(key)
        self._context = c2pa.Context.from_dict(OFFLINE)
        self._signer = self._first_that_works(certificate, key)

    def _first_that_works(self, certificate: Path, key: Path):
        """The key does not say which algorithm it is for, so one pixel is signed and checked with each."""
        reasons = []
        for algorithm in ALGORITHMS:
            try:
                signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm, *self._files, None))
                builder = c2pa.Builder(manifest([], []), c2pa.Context.from_dict(CHECKED))
                builder.set_intent(c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.DIGITAL_CREATION)
                builder.sign(signer, "image/png", io.BytesIO(TRIAL_PNG), io.BytesIO())
                return signer
            except c2pa.C2paError as error:
                reasons.append(str(error))
        raise UserError(
            tr("Cannot sign with {certificate} and {key}.", certificate=certificate.name, key=key.name),
            saw=most_telling(reasons),
            fix=tr("Give a valid certificate chain (signer first) and its private key, both as PEM files."),
        )

    def sign(self, source: BinaryIO, target: BinaryIO, media_type: str, manifest_source: ManifestSource) -> None:
        """Write `source` with a signed manifest about `manifest_source` to `target`. Raises SigningFailed, OSError."""
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["original"]}}
        name, _, version = manifest_source.claim.software.partition(" ")
        edited = {
            "action": "c2pa.edited",
            "digitalSourceType": manifest_source.claim.source_type,
            "softwareAgent": {"name": name, "version": version},
            "parameters": {"ingredientIds": ["model"]},
        }
        try:
            builder = c2pa.Builder(
                manifest([opened, edited], [model_of(manifest_source)]) | {"title": manifest_source.title},
                self._context,
            )
            with open_regular(manifest_source.original) as original:
                builder.add_ingredient(
                    {"title": readable(manifest_source.original.name), "relationship": "parentOf", "label": "original",
                     "description": f"sha256 {sha256(manifest_source.original)}"},
                    MEDIA_TYPES.get(manifest_source.original.suffix.lower(), UNKNOWN),
                    original,
                )  # fmt: skip
            builder.sign(self._signer, media_type, source, target)
        except c2pa.C2paError as error:
            raise SigningFailed(str(error)) from error


class Manifest(NamedTuple):
    """What checking a manifest found."""

    state: str  # "trusted", "valid" (whole, but by a certificate that nothing vouches for) or "invalid"
    signer: str
    source_types: list[str]  # of its actions, URIs
    software: list[str]
    ingredients: list[str]
    problems: list[str]  # codes of the C2PA specification, 15.2


def read_manifest(path: Path, media_type: str, anchors: str = "") -> Manifest | None:
    """The checked manifest of the file at `path`; None if it has none or its kind cannot have one.

    anchors  PEM certificates whose signatures count as trusted
    raises   UnreadableManifest
    """
    settings = OFFLINE | ({"trust": {"trust_anchors": anchors}} if anchors else {})
    try:
        with (
            open_regular(path) as file,
            c2pa.Reader(media_type, file, context=c2pa.Context.from_dict(settings)) as reader,
        ):
            return summary(reader)
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return None
    except (
        c2pa.C2paError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # what it says may have any shape
        raise UnreadableManifest(str(error)) from error


def summary(reader) -> Manifest:
    active = reader.get_active_manifest() or {}
    signature = active.get("signature_info") or {}
    actions = [
        action
        for assertion in active.get("assertions", [])
        if assertion.get("label", "").startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    agents = [action["softwareAgent"] for action in actions if action.get("softwareAgent")]
    results = (reader.get_validation_results() or {}).get("activeManifest", {})
    return Manifest(
        state=str(reader.get_validation_state()).lower(),
        signer=signature.get("common_name") or signature.get("issuer") or "",
        source_types=[action["digitalSourceType"] for action in actions if action.get("digitalSourceType")],
        software=[f"{a['name']} {a.get('version', '')}".strip() if isinstance(a, dict) else str(a) for a in agents],
        ingredients=[each.get("title") or "" for each in active.get("ingredients", [])],
        problems=[failure["code"] for failure in results.get("failure", [])],
    )


def manifest(actions: list[dict], ingredients: list[dict]) -> dict:
    return {
        "claim_generator_info": [{"name": "dfl"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}] if actions else [],
        "ingredients": ingredients,
    }


def model_of(manifest_source: ManifestSource) -> dict:
    """The model as an ingredient; it is too large and too private to be inside, so its hash, in the claim, stands for it."""
    return {
        "title": manifest_source.claim.system,
        "relationship": "inputTo",
        "label": "model",
        "format": UNKNOWN,
        "description": manifest_source.claim.system_version,
    }


def read_pem(path: Path) -> bytes:
    path = path.expanduser()
    try:
        return read_text(path).encode()
    except UnknownEncoding:  # no PEM file, which the library will say
        return read_regular(path)
    except OSError as error:
        raise UserError(
            tr("Cannot read {path}.", path=path),
            saw=system_reason(error),
            fix=tr("Check the files given with --sign."),
        ) from error


def most_telling(reasons: list[str]) -> str:
    """Of the reasons of all algorithms the one that is not about the kind of key."""
    about_kind = ("private key", "lgorithm")
    return next((reason for reason in reasons if not any(word in reason for word in about_kind)), reasons[0])
