"""What a merged picture says about itself, as an XMP packet, and what such a packet of anybody says.

Property names are those of IPTC Photo Metadata 2025.1. There is no date in a packet, so the same merge gives the same bytes.
"""

from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

DIGITAL_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = DIGITAL_SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
LARGEST_PACKET = 4 << 20  # bytes; a packet of a few facts has one thousand

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class UnreadablePacket(Exception):
    """An XMP packet that is no plain XML: damaged, too large, or with declarations that a reader must not follow."""


class Claim(NamedTuple):
    """What a file says about its origin; empty where it says nothing."""

    source_type: str = ""  # a URI, usually one of DIGITAL_SOURCE_TYPES
    software: str = ""  # "dfl 0.1.0"
    system: str = ""  # what generated it: the model
    system_version: str = ""  # and how far it was trained


NAMES = {  # field of a claim -> {namespace}property
    "source_type": f"{{{IPTC}}}DigitalSourceType",
    "software": f"{{{XMP}}}CreatorTool",
    "system": f"{{{IPTC}}}AISystemUsed",
    "system_version": f"{{{IPTC}}}AISystemVersionUsed",
}


def packet(claim: Claim) -> bytes:
    """`claim` as an XMP packet, UTF-8."""
    prefixes = {IPTC: "Iptc4xmpExt", XMP: "xmp"}
    lines = []
    for field, name in NAMES.items():
        namespace, _, local = name[1:].partition("}")
        lines.append(f"    {prefixes[namespace]}:{local}={quoteattr(getattr(claim, field))}")
    return "\n".join(
        [
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
            f' <rdf:RDF xmlns:rdf="{RDF}">',
            '  <rdf:Description rdf:about=""',
            *(f'    xmlns:{prefix}="{namespace}"' for namespace, prefix in prefixes.items()),
            *lines,
            "  />",
            " </rdf:RDF>",
            "</x:xmpmeta>",
            '<?xpacket end="r"?>',
        ]
    ).encode()


def read_packet(content: bytes) -> Claim:
    """What the XMP packet `content` says. Raises UnreadablePacket."""
    if len(content) > LARGEST_PACKET:
        raise UnreadablePacket(f"{len(content)} bytes")
    try:
        text = content.decode("utf-8").strip("\0\ufeff \t\r\n")
    except UnicodeDecodeError as error:
        raise UnreadablePacket("not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadablePacket("declares entities")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadablePacket(str(error)) from error
    return Claim(**{field: value_of(root, name) for field, name in NAMES.items()})


def value_of(root: ElementTree.Element, name: str) -> str:
    """The first property `name` below `root`, written as an attribute, an element or a resource."""
    for element in root.iter():
        if name in element.attrib:
            return element.attrib[name].strip()
        if element.tag == name:
            return (element.get(f"{{{RDF}}}resource") or "".join(element.itertext())).strip()
    return ""
