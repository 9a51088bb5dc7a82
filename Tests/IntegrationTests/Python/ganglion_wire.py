"""The messages of Ganglion's wire protocol, version 1, written from docs/wire-protocol.md, whose sections the comments name.

    python3 ganglion_wire.py --check docs/wire-protocol.md

reads and writes the golden bytes of that page.
"""

import dataclasses
import enum
import json
import struct
import sys

VERSION = 1
HEADER = struct.Struct("<BBHIQQ")
TARGET_BYTES_MAX = 1024


class Kind(enum.IntEnum):
    HELLO = 1
    WELCOME = 2
    REGISTER = 3
    REGISTERED = 4
    REFUSED = 5
    READY = 6
    CALL = 16
    REPLY = 17
    CHUNK = 18
    CREDIT = 19
    CANCEL = 20
    PACK = 21
    PING = 32
    PONG = 33
    WHO_ARE_YOU = 34
    DRAIN = 48
    BYE = 49
    TABLE = 64
    INVALIDATE = 65


class Flag(enum.IntFlag):
    METADATA = 1 << 0
    EXPLAIN = 1 << 1


class Status(enum.IntEnum):
    CONTINUE = 0
    ANSWER = 1
    ERROR = 2
    OVERLOADED = 3


class Malformed(Exception):
    """Frames that are no message."""


@dataclasses.dataclass
class Message:
    """One message, as it is before it is frames. `metadata` is the JSON object, or None without such a frame."""

    kind: int
    target: str = ""
    body: bytes = b""
    metadata: "dict | None" = None
    call_id: int = 0
    budget_ms: int = 0
    epoch: int = 0
    explain: bool = False
    status: Status = Status.CONTINUE

    def frames(self):
        flags = (self.status << 8) | (Flag.EXPLAIN if self.explain else 0)
        middle = []
        if self.metadata is not None:
            flags |= Flag.METADATA
            middle = [encode_json(self.metadata)]
        header = HEADER.pack(VERSION, self.kind, flags, self.budget_ms, self.call_id, self.epoch)
        return [header + self.target.encode(), *middle, self.body]

    @staticmethod
    def from_frames(frames):
        header = frames[0]
        if len(header) < HEADER.size or len(header) > HEADER.size + TARGET_BYTES_MAX:
            raise Malformed(f"a header of {len(header)} bytes")
        version, kind, flags, budget_ms, call_id, epoch = HEADER.unpack_from(header)
        if version != VERSION:
            raise Malformed(f"version {version}")
        if len(frames) != (3 if flags & Flag.METADATA else 2):
            raise Malformed(f"{len(frames)} frames")
        try:
            target = header[HEADER.size :].decode()
            metadata = json.loads(frames[1]) if flags & Flag.METADATA else None
        except ValueError as error:
            raise Malformed(str(error)) from error
        if metadata is not None and not isinstance(metadata, dict):
            raise Malformed("metadata that is no object")
        return Message(
            kind=kind,
            target=target,
            body=frames[-1],
            metadata=metadata,
            call_id=call_id,
            budget_ms=budget_ms,
            epoch=epoch,
            explain=bool(flags & Flag.EXPLAIN),
            status=Status((flags >> 8) & 3) if kind == Kind.REPLY else Status.CONTINUE,
        )


def encode_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--check":
        raise SystemExit("usage: ganglion_wire.py --check docs/wire-protocol.md")
    import golden_bytes

    raise SystemExit(golden_bytes.check(sys.argv[2]))
