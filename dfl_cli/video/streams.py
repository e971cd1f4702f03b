"""What a video has beside its pictures: audio, subtitles, cover, attachments, chapters and tags, copied as they are."""

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from dfl_cli.video.library import Discard, av
from dfl_cli.video.read import NotAVideo, is_cover, main_stream, opened, start_of
from samplers.files import names

NOT_KEPT = frozenset(  # tags about the file itself, or told again by whoever writes one
    {"encoder", "major_brand", "minor_version", "compatible_brands", "duration", "xmp", "location-eng", "timecode"}
)
PREROLL = 0.1  # seconds of audio before the start that a decoder may need; what is earlier was cut off by an edit list
COVER_TYPES = {"png": "image/png", "mjpeg": "image/jpeg"}  # codec -> media type


class UnfitAudio(Exception):
    """The audio of `path` with this `codec` has no place in files that this `muxer` writes."""

    def __init__(self, path: Path, codec: str, muxer: str, *, fits_matroska: bool):
        super().__init__(f"{path}: {codec} in {muxer}")
        self.path, self.codec, self.muxer, self.fits_matroska = path, codec, muxer, fits_matroska


class StreamCopy:
    """All that the video at `path` has beside its pictures, packet by packet as it is, for a `VideoWriter`.

    audio       which of its audio tracks, counted from 0; None: all
    start, end  seconds of the part that is taken; what lies before `start` is cut off the clock
    timecode    whether the recorder's clock is copied; not that of a part, which would have to begin later
    """

    def __init__(
        self,
        path: Path,
        *,
        audio: Sequence[int] | None = None,
        start: Fraction = Fraction(0),
        end: Fraction | None = None,
    ):
        self.path, self.audio, self.start, self.end = path, audio, start, end
        self.timecode = not start

    def begin(self, container) -> None:
        """Add everything to the video that is being written. Raises UnfitAudio."""
        self._container, self._source = container, opened(self.path)
        self._clock = start_of(self._source) + self.start
        self.copies = {stream.index: self._copy_of(stream) for stream in self.chosen()}
        cover = next(filter(is_cover, self._source.streams.video), None)
        if container.format.name == "matroska":
            self._attach(cover)
        elif cover and fits(cover, container.format.name):
            self.copies[cover.index] = self._copy_of(cover)
        container.set_chapters(list(self._chapters()))
        container.metadata.update(tags_of_file(self._source) | container.metadata)
        self._describe_pictures(container.streams.video[0])
        if cover and cover.index in self.copies:
            self._mux_cover(cover)
        tracks = [self._source.streams[index] for index in self.copies if not cover or index != cover.index]
        self._packets = self._taken(tracks)
        self._waiting = next(self._packets, None)

    def chosen(self) -> list:
        """The audio tracks that are wanted, and the subtitles that have a place in the new file."""
        audio, muxer = list(self._source.streams.audio), self._container.format.name
        wanted = audio if self.audio is None else [audio[number] for number in self.audio]
        for stream in wanted:
            if not fits(stream, muxer):
                raise UnfitAudio(self.path, stream.codec_context.name, muxer, fits_matroska=fits(stream, "matroska"))
        texts = [stream for stream in self._source.streams.subtitles if not only_chapters(stream)]
        return wanted + [stream for stream in texts if fits(stream, muxer)]

    def until(self, seconds: float) -> None:
        """Write what is heard and read up to then."""
        while self._waiting is not None and self._waiting.dts * self._waiting.time_base <= seconds:
            packet = self._waiting
            packet.stream = self.copies[packet.stream.index]
            self._container.mux(packet)
            self._waiting = next(self._packets, None)

    def rest(self) -> None:
        self.until(float("inf"))
        self._source.close()

    def _copy_of(self, stream):
        copy = self._container.add_stream_from_template(stream)
        copy.metadata.update(tags_of_track(stream))
        copy.disposition = stream.disposition
        return copy

    def _describe_pictures(self, stream) -> None:
        """Language, title and timecode of the track of the pictures."""
        stream.metadata.update(tags_of_track(main_stream(self._source)))
        if self.timecode and (timecode := timecode_of(self._source)):
            stream.metadata["timecode"] = timecode

    def _attach(self, cover) -> None:
        """What Matroska keeps as attached files."""
        if cover and (kind := COVER_TYPES.get(cover.codec_context.name)):
            self._container.add_attachment(
                f"cover.{kind.removeprefix('image/')}", kind, cover_of(self.path, cover.index)
            )
        for stream in self._source.streams:
            if stream.type == "attachment":
                self._container.add_attachment(as_text(stream.name or "attachment"), stream.mimetype or "", stream.data)

    def _mux_cover(self, cover) -> None:
        packet = av.Packet(cover_of(self.path, cover.index))
        packet.stream, packet.time_base, packet.pts, packet.dts = self.copies[cover.index], Fraction(1, 90000), 0, 0
        packet.is_keyframe = True
        self._container.mux(packet)

    def _chapters(self) -> Iterator[dict]:
        """Those within the part, their times counted from its start."""
        for chapter in self._source.chapters():
            base = chapter["time_base"]
            shift = round(self._clock / base)
            begin, end = max(0, chapter["start"] - shift), chapter["end"] - shift
            if self.end is not None:
                end = min(end, round((self.end - self.start) / base))
            if begin < end:
                tags = {as_text(key): as_text(value) for key, value in chapter["metadata"].items()}
                yield chapter | {"start": begin, "end": end, "metadata": tags}

    def _taken(self, chosen) -> Iterator:
        """The packets within the part, their times counted from its start."""
        for packet in unbroken(self._source.demux(chosen)) if chosen else ():
            if packet.pts is None:
                continue
            shift = round(self._clock / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, (packet.pts if packet.dts is None else packet.dts) - shift
            if packet.stream.type == "subtitle":
                self._clip(packet)
            if packet.pts * packet.time_base < (0 if self.start else -PREROLL):
                continue
            if self.end is None or packet.pts * packet.time_base < self.end - self.start:
                yield packet

    def _clip(self, packet) -> None:
        """A text that is shown when the part begins or ends is shown for as long as the part lasts."""
        end = packet.pts + (packet.duration or 0)
        if self.end is not None:
            end = min(end, round((self.end - self.start) / packet.time_base))
        if packet.pts < 0 < end:
            packet.pts = packet.dts = 0
        packet.duration = max(0, end - packet.pts)


class FirstPackets(StreamCopy):
    """Of every track only one packet: enough to find out what becomes of it."""

    def _taken(self, chosen) -> Iterator:
        for stream in chosen:
            packet = av.Packet(b"\0\0") if stream.type == "subtitle" else first_packet(self.path, stream.index)
            if packet is not None:
                packet.stream, packet.time_base = stream, stream.time_base
                packet.pts = packet.dts = 0
                yield packet


def unbroken(packets: Iterator) -> Iterator:
    """The packets up to the end, or to where the file breaks off; the reader of the pictures reports that."""
    with suppress(av.error.FFmpegError):
        yield from packets


def first_packet(path: Path, index: int):
    """The first one of that stream; None if it has none."""
    with opened(path) as container:
        return next((packet for packet in container.demux(container.streams[index]) if packet.size), None)


def cover_of(path: Path, index: int) -> bytes:
    """The file of the cover that is stream `index`."""
    packet = first_packet(path, index)
    if packet is None:
        raise NotAVideo(path)
    return bytes(packet)


def fits(stream, muxer: str) -> bool:
    """Whether a file that `muxer` writes can have a track like `stream`."""
    try:
        with av.open(io.BytesIO(), "w", format=muxer) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def only_chapters(stream) -> bool:
    """Whether a track has nothing but the titles of the chapters, which the library reads as such; MP4 does not always say so."""
    if int(stream.discard) == int(Discard.all):
        return True
    titles = [chapter["metadata"].get("title", "") for chapter in stream.container.chapters()]
    if stream.type != "subtitle" or stream.codec_context.name != "mov_text" or stream.frames != len(titles):
        return False
    with opened(Path(stream.container.name)) as container:
        packets = [bytes(packet) for packet in container.demux(container.streams[stream.index]) if packet.size]
    return titles == [text[2 : 2 + int.from_bytes(text[:2], "big")].decode(errors="replace") for text in packets]


def tags_of_file(container) -> dict[str, str]:
    """Title and the like: whatever a file says of its content."""
    tags = container.metadata.items()
    return {as_text(key): as_text(value) for key, value in tags if key.lower() not in NOT_KEPT}


def as_text(tag: str) -> str:
    """`tag` with bytes that are no UTF-8 read as older programs wrote them: as GB 18030, else as Latin-1."""
    text = names.as_text(tag)
    return text.encode(errors="surrogateescape").decode("latin-1") if names.SURROGATES.search(text) else text


def tags_of_track(stream) -> dict[str, str]:
    """Its language and title, where it has them."""
    tags = {"language": as_text(stream.language or ""), "title": title_of(stream)}
    return {name: value for name, value in tags.items() if value}


def title_of(stream) -> str:
    """Empty if it has none; MP4 calls it a name."""
    return as_text(stream.metadata.get("title") or stream.metadata.get("name", ""))


def timecode_of(container) -> str | None:
    """The time that the recorder's clock showed at the first picture."""
    for tags in (main_stream(container).metadata, container.metadata):
        for key, value in tags.items():
            if key.lower() == "timecode":
                return value
    return None
