"""Numbers and texts as compressed text that fits into cells."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Characters in one cell; Excel holds 32,767.
CHUNK = 32_000
#: Bytes of one record; the largest book's is a tenth of this.
MOST_BYTES = 256 * 1024 * 1024
#: Stands for a missing value among whole hundredths.
_MISSING = np.iinfo(np.int64).min


def pack(parts: Mapping[str, bytes]) -> str:
    """Return named bytes as text: sizes as JSON, the bytes, compressed, in base 64."""
    head = json.dumps({name: len(data) for name, data in parts.items()}).encode()
    body = struct.pack("<I", len(head)) + head + b"".join(parts.values())
    return base64.b64encode(zlib.compress(body, 6)).decode("ascii")


def unpack(text: str) -> dict[str, bytes]:
    """Return the named bytes of a packed text.

    Raises:
        StructureError: The text was changed by hand.
    """
    try:
        body = _inflated(base64.b64decode(text, validate=True))
        (size,) = struct.unpack_from("<I", body)
        sizes = json.loads(body[4 : 4 + size])
    except (ValueError, zlib.error, struct.error) as error:
        raise StructureError(
            "隐藏表里保存的记录被改动过，读不出来", "请从“备份”文件夹恢复；隐藏表不要手工修改"
        ) from error
    found, at = {}, 4 + size
    for name, length in sizes.items():
        found[name] = body[at : at + length]
        at += length
    return found


def _inflated(data: bytes) -> bytes:
    """Return packed bytes as they were; what would fill the memory is no record of ours."""
    stream = zlib.decompressobj()
    body = stream.decompress(data, MOST_BYTES)
    if not stream.eof:
        raise ValueError("packed beyond measure")
    return body


def pack_json(value: object) -> bytes:
    """Return a JSON value as bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pack_values(values: Floats) -> bytes:
    """Return floats as bytes, whole hundredths in few; every value comes back exactly."""
    known = ~np.isnan(values)
    cents = np.full(values.shape, _MISSING, dtype=np.int64)
    small = known & (np.abs(np.where(known, values, 0)) < 1e15)
    cents[small] = np.rint(values[small] * 100).astype(np.int64)
    exact = small & (np.where(small, cents, 0) / 100 == values)
    if (exact | ~known).all():
        return b"c" + _planes(cents)
    return b"f" + _planes(values.view(np.int64))


def unpack_values(data: bytes) -> Floats:
    """Return the floats of `pack_values`."""
    whole = _from_planes(data[1:])
    if data[:1] == b"f":
        return whole.view(np.float64)
    return np.where(whole == _MISSING, np.nan, np.where(whole == _MISSING, 0, whole) / 100)


def pack_places(places: NDArray[np.intp]) -> bytes:
    """Return ascending positions as bytes."""
    steps = places.astype(np.int64)
    steps[1:] -= places[:-1]
    return _planes(steps)


def unpack_places(data: bytes) -> NDArray[np.int64]:
    """Return the positions of `pack_places`."""
    return np.cumsum(_from_planes(data))


def _planes(whole: NDArray[np.int64]) -> bytes:
    """Return the first bytes of all numbers, then the second ones …: they compress better."""
    return whole.astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()


def _from_planes(data: bytes) -> NDArray[np.int64]:
    planes = np.frombuffer(data, dtype=np.uint8).reshape(8, -1)
    return np.ascontiguousarray(planes.T).view("<i8").ravel().astype(np.int64)


def chunks(text: str) -> list[str]:
    """Return a text in pieces that fit into cells; each starts with a letter, as no formula does."""
    return [f"x{text[at : at + CHUNK]}" for at in range(0, len(text), CHUNK)]


def joined(pieces: Sequence[object]) -> str:
    """Return the text of its pieces."""
    return "".join(str(piece)[1:] for piece in pieces)
