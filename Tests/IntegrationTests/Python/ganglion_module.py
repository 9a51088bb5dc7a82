"""Modules for Ganglion in Python.

    import ganglion_module

    module = ganglion_module.Module(version="1.0.0")

    @module.route("/_modules/python/hello/{name}")
    async def hello(request, name):
        return ganglion_module.Response.json({"hello": name})

    module.run()

Handlers are coroutines on one event loop, the same that reads the socket and answers heartbeats: what blocks belongs into
`asyncio.to_thread`. Needs Python 3.10, pyzmq 26, and the files ganglion_peer.py and ganglion_wire.py beside this one.
"""

import asyncio
import dataclasses
import json
import logging
import os
import re
import signal
import sys
import urllib.parse

from ganglion_peer import ANSWER_SECONDS, DRAIN_PING, DRAIN_SECONDS, CallError, Peer
from ganglion_wire import Kind, Message, Status, encode_json

log = logging.getLogger("ganglion")


@dataclasses.dataclass
class Request:
    """An HTTP request for a route of the module. `path` and `query` are percent-encoded as they came."""

    method: str
    path: str
    query: "str | None"
    headers: list
    remote: "str | None"
    body: bytes


@dataclasses.dataclass
class Response:
    body: bytes = b""
    status: int = 200
    headers: "list | tuple" = ()

    @staticmethod
    def json(value, status=200):
        return Response(encode_json(value), status, [["content-type", "application/json"]])


class ConfigurationError(Exception):
    """The module cannot use its configuration; `path` is what follows the configuration's own, like `.words[2]`."""

    def __init__(self, path, message):
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclasses.dataclass
class Route:
    path: str
    methods: list
    match: str
    handler: object

    def __post_init__(self):
        parts = re.split(r"\{([^{}/]+)\}", self.path)
        pattern = "".join(
            f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        self.pattern = re.compile(pattern + ("(?:/.*)?" if self.match == "subtree" else ""))

    def parameters(self, path):
        """The path's parameters: taken apart first, percent-decoded then."""
        values = self.pattern.fullmatch(path).groupdict()
        return {name: urllib.parse.unquote(value) for name, value in values.items()}


class Module(Peer):
    """A module: register handlers with the decorators, then `run()`."""

    role = "module"

    def __init__(self, **options):
        super().__init__(**options)
        self._routes = {}  # by the targets of their calls, like the callbacks
        self._callbacks = {}
        self._claims = []
        self._configure = None

    def route(self, path, methods=("GET",), match="exact"):
        """Serves a path: `async def handler(request, **path_parameters) -> Response`."""

        def decorate(handler):
            self._routes[f"web/{self.id}{path}"] = Route(path, list(methods), match, handler)
            return handler

        return decorate

    def callback(self, category, name, concurrency=64, pure=False):
        """Answers a callback: `async def handler(arguments)`, whose result is the answer; None is no opinion."""

        def decorate(handler):
            self._callbacks[f"callback/{category}/{name}"] = handler
            self._claims.append({"category": category, "name": name, "concurrency": concurrency, "pure": pure})
            return handler

        return decorate

    def configure(self, handler):
        """Takes the configuration, before anything is registered: `async def handler(config)`; may raise ConfigurationError."""
        self._configure = handler
        return handler

    def run(self):
        """Serves until SIGTERM or SIGINT; ends the process with its exit status."""
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
        raise SystemExit(asyncio.run(self._serve_until_signal()))

    async def _serve_until_signal(self):
        loop = asyncio.get_running_loop()

        def stop():
            loop.remove_reader(sys.stdin.fileno())
            self._stopping = loop.create_task(self.stop())

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        if os.environ.get("GANGLION_LIFELINE") == "stdin":
            # §1.1: whoever started this process is gone when its standard input ends.
            loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4096) or stop())
        return await self.connect()

    async def stop(self):
        """DRAIN, then an answer to every call that was on its way, then BYE (§3)."""
        if self._draining:
            return
        self._draining = True
        self._drain_pong = asyncio.get_running_loop().create_future()
        if await self._send(Message(Kind.DRAIN)):
            # Messages keep their order: every call that was sent before the DRAIN was read comes before this PONG.
            await self._send(Message(Kind.PING, call_id=DRAIN_PING))
            await asyncio.wait([self._drain_pong], timeout=0.5)
        if self._serving:
            await asyncio.wait(list(self._serving.values()), timeout=DRAIN_SECONDS)
        await self.goodbye("shutdown")
        self._end(0)

    async def goodbye(self, reason, path="", message=""):
        """BYE (§3.6): the dispatcher forgets this connection, and asks who it is should it speak again."""
        errors = [{"path": path, "message": message}] if message else []
        await self._send(Message(Kind.BYE, body=encode_json({"reason": reason, "errors": errors})))

    async def _build(self, welcome):
        try:
            if self._configure:
                await self._configure(welcome.get("config"))
        except ConfigurationError as error:
            log.error("configuration: %s", error)
            await self.goodbye("configuration", welcome["config_path"] + error.path, error.message)
            return self._end(78)  # It is not started again before the operator asks for it (§1.1).
        except Exception as error:
            log.exception("cannot start")
            await self.goodbye("failed", welcome["config_path"], f"{type(error).__name__}: {error}")
            return self._end(1)
        routes = [{"path": r.path, "methods": r.methods, "match": r.match} for r in self._routes.values()]
        manifest = {"routes": routes, "callbacks": self._claims}
        self._answer_due = asyncio.get_running_loop().time() + ANSWER_SECONDS
        await self._send(Message(Kind.REGISTER, body=encode_json(manifest)))

    async def _receive_as_module(self, message):
        if message.kind == Kind.REGISTERED:
            self._answer_due = None
            registered = json.loads(message.body)
            for warning in registered.get("warnings", []):
                log.warning("%s %s: %s", warning["code"], warning["item"], warning["message"])
            await self._send(Message(Kind.READY))
            log.info("registered at epoch %d", registered["epoch"])
            self.ready.set()
        elif message.kind == Kind.CALL:
            await self._serve(message)
        elif message.kind == Kind.CANCEL:
            task = self._serving.get(message.call_id)
            if task:
                task.cancel("cancelled")

    async def _serve(self, call):
        if len(self._serving) >= self.in_flight_max:
            await self._reply_error(call, Status.OVERLOADED, "overloaded", "too many calls in flight")
            return
        task = asyncio.create_task(self._answer(call))
        self._serving[call.call_id] = task
        # §4.1: nobody waits for it when the budget has ended.
        timer = asyncio.get_running_loop().call_later(call.budget_ms / 1000, task.cancel, "budget")

        def done(task):
            timer.cancel()
            if self._serving.get(call.call_id) is task:
                del self._serving[call.call_id]

        task.add_done_callback(done)

    async def _answer(self, call):
        try:
            status, metadata, body = await self._handle(call)
        except asyncio.CancelledError as reason:
            log.info("stopped working on %s: %s", call.target, reason)
        except CallError as error:
            await self._reply_error(call, Status.ERROR, error.code, error.message)
        except Exception as error:
            log.exception("%s failed", call.target)
            await self._reply_error(call, Status.ERROR, "module_error", f"{type(error).__name__}: {error}")
        else:
            if len(body) > self.body_bytes_max:
                await self._reply_error(call, Status.ERROR, "too_large", f"an answer of {len(body)} bytes")
                return
            await self._send(Message(Kind.REPLY, "", body, metadata, call.call_id, status=status))

    async def _handle(self, call):
        """The status, metadata and body of the reply."""
        if call.target in self._callbacks:
            result = await self._callbacks[call.target](json.loads(call.body))
            return (Status.CONTINUE, None, b"") if result is None else (Status.ANSWER, None, encode_json(result))
        if call.target in self._routes:
            members = [call.metadata.get(name) for name in ("method", "path", "query", "headers", "remote")]
            request = Request(*members, body=call.body)
            route = self._routes[call.target]
            response = await route.handler(request, **route.parameters(request.path))
            return Status.ANSWER, {"status": response.status, "headers": list(response.headers)}, response.body
        raise CallError("not_found", f"nothing is registered for {call.target}")

    async def _reply_error(self, call, status, code, message):
        body = encode_json({"code": code, "message": message, "retryable": status == Status.OVERLOADED})
        await self._send(Message(Kind.REPLY, "", body, None, call.call_id, status=status))
