"""Holds this library to the golden bytes of docs/wire-protocol.md (§11), and to what the page says about each of them."""

import re

import ganglion_wire
from ganglion_wire import Kind, Message, Status

BLOCK = re.compile(r"^(?P<title>[A-Z_]+\b[^\n]*):\n\n```\n(?P<hex>.*?)\n```$", re.MULTILINE | re.DOTALL)


def check(page):
    """Prints what differs; returns the exit status."""
    with open(page, encoding="utf-8") as file:
        section = file.read().partition("\n## 11. ")[2].partition("\n## ")[0]
    blocks = list(BLOCK.finditer(section))
    problems = [f"{block['title']}: {problem}" for block in blocks for problem in problems_of(block)]
    if len(blocks) != section.count("```") // 2:
        problems.append(f"{section.count('```') // 2} blocks of bytes, of which {len(blocks)} have a title")
    for problem in problems:
        print(problem)
    print(f"{len(blocks)} messages, {len(problems)} problems")
    return 1 if problems or not blocks else 0


def problems_of(block):
    frames = frames_of(block["hex"])
    try:
        message = Message.from_frames(frames)
    except ganglion_wire.Malformed as error:
        yield f"cannot be read: {error}"
        return
    if message.frames() != frames:
        yield "is written differently"
    for name, expected in described(block["title"]).items():
        found = getattr(message, name)
        if found != expected:
            yield f"{name} is {found!r}, not {expected!r}"


def frames_of(text):
    """One line a frame; an indented line goes on with the frame above it."""
    lines = re.sub(r"\n +", " ", text).splitlines()
    return [b"" if line == "(empty)" else bytes.fromhex(line) for line in lines]


def described(title):
    """What a title says of its message, as the names and values of the message's attributes."""
    values = {"kind": Kind[title.split()[0]]}
    for name, pattern in [
        ("call_id", r"call (?:id )?(\d+)"),
        ("epoch", r"epoch (\d+)"),
        ("budget_ms", r"(\d+) ms left"),
    ]:
        if match := re.search(pattern, title):
            values[name] = int(match[1])
    if match := re.search(r"^CALL `([^`]+)`|decided by `([^`]+)`", title):
        values["target"] = match[1] or match[2]
    if match := re.search(r"status `(\w+)`", title):
        values["status"] = Status[match[1].upper()]
    if match := re.search(r"(?:body|default result) `([^`]+)`", title):
        values["body"] = match[1].encode()
    if match := re.search(r"metadata `([^`]+)`", title):
        values["metadata"] = ganglion_wire.json.loads(match[1])
    if "explanation" in title:
        values["explain"] = True
    return values
