"""Things the tests of the command line may ask for."""

import datetime
import io
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dfl_cli.terminal import Console
from dfl_cli.translate import language, set_language

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test starts in English, whatever the machine speaks, and leaves no other language behind."""
    before = language()
    set_language("en")
    yield
    set_language(before)


@pytest.fixture
def typed(monkeypatch):
    """`typed("a", "b")`: a console whose person types these lines and then closes the input."""

    def console(*lines: str) -> Console:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return Console()

    return console


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Makes a chain in its own folder: `.chain` and `.key` for signing, `.root` to trust it by."""

    def make(begins=-DAY, ends=30 * DAY):
        folder = tmp_path_factory.mktemp("certificates")
        now = datetime.datetime.now(datetime.timezone.utc)
        times = now + begins, now + ends
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate("Test Root", root_key, root_key, times, authority=True)
        leaf = certificate("Test Signer", key, root_key, times, authority=False)
        return SimpleNamespace(
            chain=saved(folder / "chain.pem", pem(leaf) + pem(root)),
            root=saved(folder / "root.pem", pem(root)),
            key=saved(
                folder / "key.pem",
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                ),
            ),
        )

    return make


def certificate(name, key, root_key, times, *, authority):
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("Test Root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(times[0])
        .not_valid_after(times[1])
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=authority, crl_sign=authority, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(root_key, hashes.SHA256())


def named(name):
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test Studio")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def pem(made):
    return made.public_bytes(serialization.Encoding.PEM)


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
