"""XMP packets: ours, and those of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.provenance.claim import COMPOSITE, LARGEST_PACKET, Claim, UnreadablePacket, packet, read_packet

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40
)


@given(TEXT, TEXT)
def test_a_claim_comes_back_whatever_the_model_is_called(system, version):
    claim = Claim(COMPOSITE, "dfl 0.1.0", system.strip(), version.strip())
    assert read_packet(packet(claim)) == claim


def test_the_same_claim_gives_the_same_bytes(claim):
    assert packet(claim) == packet(claim)


ELEMENTS = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:a="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:b="http://ns.adobe.com/xap/1.0/">
<a:DigitalSourceType %s<b:CreatorTool>Other 3</b:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("written", ['rdf:resource="http://x/y"/>', ">http://x/y</a:DigitalSourceType>"])
def test_other_ways_to_write_a_property_are_read_too(written):
    assert read_packet((ELEMENTS % written).encode()) == Claim("http://x/y", "Other 3")


def test_a_packet_about_something_else_claims_nothing():
    assert read_packet(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>') == Claim()


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"<a>",
        b"",
        b"\xff\xfe\x00",
        b"<a b='\x00'/>",
        b" " * (LARGEST_PACKET + 1),
    ],
)
def test_what_a_reader_must_not_follow_is_refused(hostile):
    with pytest.raises(UnreadablePacket):
        read_packet(hostile)


def test_a_packet_nested_without_end_is_read_or_refused_but_ends():
    depth = 100_000
    assert read_packet(b"<a>" * depth + b"</a>" * depth) == Claim()
