"""Things the tests of the command line may ask for."""

import datetime
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dfl_cli.terminal.console import Console
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


@pytest.fixture
def make_film(tmp_path):
    """Makes a film and returns its path.

    pictures  None: flat ones, each brighter than the last
    times     of its frames, in seconds; None: even
    encoder   options of the encoder
    """

    def make(
        name="film.mp4",
        *,
        count=10,
        size=(64, 48),
        rate=Fraction(30000, 1001),
        times=None,
        color=(1, 1, 1, 1),
        rotation=0,
        mirrored=False,
        audio=True,
        pictures=None,
        pixel_shape=None,
        encoder=None,
    ):
        import av

        pictures = pictures or [picture(number, size) for number in range(count)]
        size, count = pictures[0].shape[1::-1], len(pictures)
        path = tmp_path / name
        time_base = Fraction(1, 30000)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=rate)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.time_base = stream.codec_context.time_base = time_base
            context = stream.codec_context
            context.color_primaries, context.color_trc, context.colorspace, context.color_range = color
            context.bit_rate, context.options = 4_000_000, encoder or {}
            if pixel_shape:
                context.sample_aspect_ratio = pixel_shape
            if rotation or mirrored:
                stream.set_display_rotation(rotation, hflip=mirrored)
            tone = container.add_stream("aac", rate=48000, layout="mono") if audio else None
            for number, drawn in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(drawn, format="bgr24").reformat(
                    format="yuv420p", dst_colorspace=5 if color[2] != 1 else 1, dst_color_range=color[3] or 1
                )
                seconds = times[number] if times else number / rate
                frame.pts, frame.time_base = round(seconds / time_base), time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if tone:
                sound(container, tone, seconds=count / rate)
        return path

    return make


def picture(number, size=(64, 48)):
    """Bright as its number says, with a mark in the upper left corner."""
    drawn = np.full((size[1], size[0], 3), 30 + 15 * (number % 10), np.uint8)
    drawn[: size[1] // 3, : size[0] // 3] = (220, 60, 20)
    return drawn


def sound(container, stream, seconds):
    import av

    wave = (np.sin(np.arange(int(48000 * seconds)) * 0.05) * 0.3).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 48000, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@pytest.fixture
def rich_film(make_film, tmp_path):
    """A Matroska file with all that a film can have beside its pictures; returns its path."""
    import av

    base = make_film("base.mp4", count=30, rate=Fraction(25))
    path = tmp_path / "rich.mkv"
    with av.open(str(base)) as source, av.open(str(path), "w") as target:
        video, tone = target.add_stream("libx264", rate=25), source.streams.audio[0]
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.metadata["timecode"] = "01:00:00:00"
        copies = [target.add_stream_from_template(tone) for _ in range(2)]
        for copy, language in zip(copies, ("eng", "jpn"), strict=True):
            copy.metadata["language"] = language
        copies[1].metadata["title"], copies[1].disposition = "Commentary", av.stream.Disposition.comment
        text = target.add_mux_stream("subrip")
        text.metadata["language"] = "ger"
        target.add_attachment("font.ttf", "font/ttf", b"letters")
        target.add_attachment("cover.png", "image/png", cv2.imencode(".png", picture(1))[1].tobytes())
        target.metadata.update({"title": "A film", "my_tag": "mine"})
        second = {"id": 2, "start": 600, "end": 1200, "time_base": Fraction(1, 1000), "metadata": {"title": "Two"}}
        target.set_chapters([second | {"id": 1, "start": 0, "end": 600, "metadata": {"title": "One"}}, second])
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(video.encode(frame))
        target.mux(video.encode(None))
        for packet in source.demux(tone):
            if packet.dts is None:
                continue
            kept = bytes(packet), packet.pts, packet.dts, packet.time_base, packet.is_keyframe
            for copy in copies:
                mux_copy(target, copy, *kept)
        for begin, words in ((100, b"hello"), (700, b"again")):
            mux_copy(target, text, words, begin, begin, Fraction(1, 1000), True, duration=400)
    return path


def mux_copy(target, stream, content, pts, dts, time_base, is_keyframe, *, duration=0):
    import av

    packet = av.Packet(content)
    packet.stream, packet.time_base, packet.pts, packet.dts = stream, time_base, pts, dts
    packet.is_keyframe, packet.duration = is_keyframe, duration
    target.mux(packet)


@pytest.fixture
def read_film():
    """What a film is, as the library reads it back."""

    def read(path):
        import av

        with av.open(str(path)) as container:
            packets = (
                [(p.pts * p.time_base, bytes(p)) for p in container.demux(audio=0) if p.dts is not None]
                if container.streams.audio
                else []
            )
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = list(container.decode(stream))
            context = stream.codec_context
            return SimpleNamespace(
                pictures=[frame.to_ndarray(format="bgr24") for frame in frames],
                times=[frame.pts * frame.time_base for frame in frames],
                rate=stream.average_rate,
                tags=(context.color_primaries, context.color_trc, context.colorspace, context.color_range),
                rotation=frames[0].rotation,
                audio=packets,
                metadata=dict(container.metadata),
            )

    return read
