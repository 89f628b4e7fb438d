"""The VBA project's writer, held against independent readers (olefile, oletools)."""

from __future__ import annotations

import io
import random

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oletools.olevba import decompress_stream

from xlplan.addin import cfb, ovba, project, read
from xlplan.errors import FileError, InputError


def code(name, lines=3):
    body = "".join(f"' line {i} of {name}\n" for i in range(lines))
    return project.module(f'Attribute VB_Name = "{name}"\nOption Explicit\n{body}', f"{name}.bas")


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=9000), st.text("ab \r\n", max_size=9000).map(str.encode)))
def test_compressed_bytes_decompress_to_the_same_with_oletools_and_with_ours(data):
    packed = ovba.compress(data)
    assert ovba.decompress(packed) == data
    if data:
        assert bytes(decompress_stream(bytearray(packed))) == data


def test_bytes_that_do_not_shrink_are_stored_as_they_are():
    data = random.Random(7).randbytes(4096)
    assert ovba.decompress(ovba.compress(data)) == data
    assert len(ovba.compress(data)) == 1 + 2 + 4096


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x02abc", b"\x01\xff\xbf", b"\x01\x00\x00\x00", b"\x01\x04\xb0\x01\xff\xff\x00"],
)
def test_a_damaged_container_is_refused_not_guessed(damage):
    with pytest.raises(ValueError, match=r"container|chunk"):
        ovba.decompress(damage)


@pytest.mark.parametrize("count", [1, 2, 7, 60])
@pytest.mark.parametrize("size", [0, 1, 63, 64, 4095, 4096, 5000])
def test_a_compound_file_gives_its_streams_back_to_olefile(count, size):
    streams = {f"Module{i}": bytes([i % 251]) * (size + i) for i in range(count)}
    blob = cfb.write_streams({"PROJECT": b"p", "PROJECTwm": b"w" * 5000}, {"VBA": streams})
    with olefile.OleFileIO(io.BytesIO(blob), raise_defects=olefile.DEFECT_POTENTIAL) as ole:
        for name, data in streams.items():
            assert ole.openstream(f"VBA/{name}").read() == data
    assert cfb.read_streams(blob) == {f"VBA/{name}": data for name, data in streams.items()} | {
        "PROJECT": b"p",
        "PROJECTwm": b"w" * 5000,
    }


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 15, 37, 64])
def test_the_directory_is_a_valid_red_black_tree(count):
    blob = cfb.write_streams({}, {"VBA": {f"S{i}": b"x" for i in range(count)}})
    entries = cfb._entries(_directory_bytes(blob))

    def black_height(at, parent_red):
        if at == cfb.FREE:
            return 1
        entry = entries[at]
        assert not (parent_red and not entry.black), "two red entries in a row"
        left, right = (black_height(side, not entry.black) for side in (entry.left, entry.right))
        assert left == right
        return left + entry.black

    black_height(entries[1].child, parent_red=False)


def _directory_bytes(blob):
    with olefile.OleFileIO(io.BytesIO(blob)) as ole:
        ole.directory_fp.seek(0)
        return ole.directory_fp.read()


def test_more_than_the_header_can_list_is_refused():
    with pytest.raises(FileError, match="7 MB"):
        cfb.write_streams({}, {"VBA": {"Big": bytes(8_000_000)}})


@pytest.mark.parametrize("cut", [0, 100, 511, 512, 1024, 2048])
def test_a_cut_compound_file_is_refused(cut):
    blob = cfb.write_streams({"PROJECT": b"p" * 5000}, {"VBA": {"dir": b"d" * 9000}})
    with pytest.raises(ValueError, match=r"compound|table|chain|stream"):
        cfb.read_streams(blob[:cut])


def test_a_module_keeps_its_text_and_its_kind():
    text = 'VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1\nEND\nAttribute VB_Name = "Thing"\nOption Explicit\n'
    made = project.module(text, "Thing.cls")
    assert made.kind == "class"
    assert "VERSION" not in made.source
    assert 'Attribute VB_Base = "0{FCFB3D2A' in made.source
    vba = read.vba(project.write_project("proj", [made, code("Plain")]))
    assert vba.source("Thing") == made.source
    assert vba.modules == [("Thing", False, 0), ("Plain", True, 0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Attribute VB_Name = "A"\n\' 中文\n', "ASCII"),
        ("Option Explicit\n", "Attribute VB_Name"),
        (f'Attribute VB_Name = "{"A" * 32}"\n', "31"),
        (f'Attribute VB_Name = "A"\n\' {"x" * 1100}\n', "1000"),
    ],
)
def test_text_that_vba_cannot_take_is_refused_with_the_file_s_name(text, words):
    with pytest.raises(InputError, match=words) as caught:
        project.module(text, "bad.bas")
    assert caught.value.where.file == "bad.bas"


@pytest.mark.parametrize("names", [["A", "a"], ["Proj"]])
def test_names_that_clash_are_refused(names):
    with pytest.raises(InputError, match="重名"):
        project.write_project("proj", [code(name) for name in names])


def decrypt(text):
    """[MS-OVBA] 2.4.3.3, written apart from the writer."""
    data = bytes.fromhex(text)
    seed, version, key = data[0], data[0] ^ data[1], data[0] ^ data[2]
    assert version == 2
    plain, one, two, out = key, data[2], data[1], []
    for byte in data[3:]:
        value = byte ^ ((two + plain) & 0xFF)
        out.append(value)
        plain, one, two = value, byte, one
    ignored = (seed & 6) // 2
    length = int.from_bytes(bytes(out[ignored : ignored + 4]), "little")
    return key, bytes(out[ignored + 4 : ignored + 4 + length])


def test_the_project_says_unprotected_without_password_and_visible():
    text = read.vba(project.write_project("proj", [code("A")])).text
    fields = dict(line.split("=", 1) for line in text.split("\r\n") if "=" in line)
    key = sum(fields["ID"].strip('"').encode()) & 0xFF
    assert decrypt(fields["CMG"].strip('"')) == (key, bytes(4))
    assert decrypt(fields["DPB"].strip('"')) == (key, b"\0")
    assert decrypt(fields["GC"].strip('"')) == (key, b"\xff")
