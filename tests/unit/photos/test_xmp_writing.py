"""Keywords added to files of XMP, of which every other byte stays."""

from __future__ import annotations

import pytest

from photoseek.errors import SidecarError
from photoseek.photos.xmp import Xmp
from photoseek.photos.xmp_writing import with_keywords

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def packet(description: str, before: str = "", after: str = "") -> bytes:
    return f"{before}<r:RDF xmlns:r={RDF.split('=')[1]}>\n{description}\n</r:RDF>{after}".encode()


def subjects(data: bytes) -> list[str]:
    return Xmp(data).texts("dc:subject")


def test_a_new_file_is_read_as_any_other() -> None:
    made = with_keywords(b"", ["dog", "black & white", "日本"], [("animal", "dog")])
    assert subjects(made) == ["dog", "black & white", "日本"]
    assert Xmp(made).texts("lr:hierarchicalSubject") == ["animal|dog"]
    assert made.startswith(b"<?xpacket begin=")
    assert with_keywords(made, ["DOG", "日本"], [("animal", "dog")]) is made


LIGHTROOM = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<!-- mine --><x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF {RDF}>
  <rdf:Description rdf:about=""
    {DC} xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   crs:Exposure2012="+0.35" crs:Note="a &gt; b, 'c > d'">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Zoë's birthday</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>\r\n
<?xpacket end="w"?>""".encode()

FILES = {
    "lightroom": LIGHTROOM,
    "with a mark": b"\xef\xbb\xbf" + LIGHTROOM,
    "declared": b'<?xml version="1.0" encoding="UTF-8"?>\n' + LIGHTROOM.replace(b"\n", b"\r\n"),
    "all in attributes": packet(f'<r:Description {DC} r:about="" dc:format="a > b" />'),
    "other prefixes": packet(
        f"<r:Description><d:subject {DC.replace(':dc', ':d')}><r:Bag/></d:subject></r:Description>"
    ),
    "a sequence": packet(
        f"<r:Description {DC}><dc:subject><r:Seq><r:li>x</r:li></r:Seq></dc:subject>"
        "</r:Description>"
    ),
    "two descriptions": packet(
        f'<r:Description {DC} dc:format="image/jpeg"/><r:Description {DC}><dc:subject><r:Bag>'
        "<r:li>x</r:li></r:Bag></dc:subject></r:Description>"
    ),
    "no prefix at all": (
        f'<RDF xmlns="{RDF.split(chr(34))[1]}"><Description><s xmlns="http://purl.org/dc/elements'
        '/1.1/">no</s></Description></RDF>'
    ).encode(),
    "remarks and blanks": packet(f"<r:Description {DC}><!-- </r:Description> --> </r:Description>"),
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_lost(name: str) -> None:
    data = FILES[name]
    made = with_keywords(data, ["dog", "a<b"], [("animal", "dog")])
    assert subjects(made) == [*subjects(data), "dog", "a<b"]
    assert Xmp(made).texts("lr:hierarchicalSubject") == ["animal|dog"]
    # Every byte of before is there, in its order: only some were put between.
    rest = iter(made)
    without_ends = data.replace(b" />", b">").replace(b"/>", b">")
    assert all(byte in rest for byte in without_ends)
    again = with_keywords(made, ["cat"], [])
    assert subjects(again) == [*subjects(made), "cat"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"nothing", "no whole XML"),
        (LIGHTROOM[:-120], "no whole XML"),
        (LIGHTROOM.decode().encode("utf-16"), "no whole XML"),
        (LIGHTROOM.replace(b"birthday", b"birthd\xe4y"), "no whole XML"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + packet("<r:Description/>"), "ISO-8859-1"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + packet("<r:Description/>"), "no whole XML"),
        (packet(""), "holds no rdf:Description"),
        (b"<a/>", "holds no rdf:Description"),
        (packet(f'<r:Description {DC} dc:subject="x"/>'), "nothing can be added to"),
        (packet(f"<r:Description {DC}><dc:subject>x</dc:subject></r:Description>"), "no list"),
        (
            packet(f"<r:Description {DC}><dc:subject><r:Alt/></dc:subject></r:Description>"),
            "no list",
        ),
        (packet("<r:Description/>", after=" " * 1_000_000), "has more than"),
    ],
)
def test_what_cannot_be_kept_whole_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SidecarError, match=said):
        with_keywords(data, ["dog"], [])
