"""A module for the tests: its answers take their time, and it tells what became of its calls."""

import asyncio
import collections

from ganglion_module import Module, Response
from ganglion_peer import CallError
from ganglion_wire import encode_json

module = Module()
seen = collections.Counter()


@module.route("/_modules/trial/wait/{milliseconds}")
async def wait(request, milliseconds):
    await sleep(int(milliseconds))
    return Response.json({"waited": int(milliseconds)})


@module.route("/_modules/trial/stubborn/{milliseconds}")
async def stubborn(request, milliseconds):
    """Answers although nobody waits any more."""
    try:
        await sleep(int(milliseconds))
    except asyncio.CancelledError:
        seen["late"] += 1
    return Response.json({"waited": int(milliseconds)})


async def sleep(milliseconds):
    seen["started"] += 1
    try:
        await asyncio.sleep(milliseconds / 1000)
    except asyncio.CancelledError as error:
        seen[str(error)] += 1
        raise


@module.route("/_modules/trial/seen")
async def tell(request):
    return Response.json(seen)


@module.route("/_modules/trial/forget")
async def forget(request):
    """Makes the dispatcher forget this connection, with the very call."""
    await module.goodbye("shutdown")
    return Response()


@module.route("/_modules/trial/fails")
async def fails(request):
    raise ValueError("on purpose")


@module.route("/_modules/trial/ask", methods=["POST"])
async def ask(request):
    """Asks a callback over the bus, as a host does."""
    reply = await module.call("callback/spam_checker/check_event_for_spam", request.body, explain=True)
    explained = reply.metadata or {}
    steps = [[step["module"], step["verdict"]] for step in explained.get("steps", [])]
    answer = {"status": reply.status.name, "decided_by": reply.target, "result": reply.body.decode(), "steps": steps}
    return Response.json({**answer, "outcome": explained.get("outcome")})


@module.route("/_modules/trial/refusals")
async def refusals(request):
    """The error codes of calls that cannot be answered."""
    codes = {}
    for target in ["callback/spam_checker/no_such_callback", "callback/spam_checker", "admin/status", "nonsense"]:
        try:
            await module.call(target, encode_json({}), budget_ms=1000)
        except CallError as error:
            codes[target] = error.code
    return Response.json(codes)


module.run()
