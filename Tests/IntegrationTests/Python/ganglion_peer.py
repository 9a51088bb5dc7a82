"""A peer on Ganglion's bus: hello, heartbeats, and calls to the dispatcher (docs/wire-protocol.md §3, §4, §7, §8)."""

import asyncio
import json
import logging
import os
import secrets

import zmq
import zmq.asyncio

from ganglion_wire import VERSION, Kind, Malformed, Message, Status, encode_json

log = logging.getLogger("ganglion")

# §3: after this long without an answer to HELLO or REGISTER a peer begins again.
ANSWER_SECONDS = 5
# §1.1: a process has three seconds from SIGTERM to its end.
DRAIN_SECONDS = 2
DRAIN_PING = 1


class CallError(Exception):
    """A call of this peer's own that ended in an error (§4.2)."""

    def __init__(self, code, message, retryable=False):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


class Lost(CallError):
    def __init__(self):
        super().__init__("lost", "the connection began anew while the call was in flight", True)


class Peer:
    """One connection to the dispatcher: hello, heartbeats, calls both ways."""

    role = "host"

    def __init__(self, id=None, bus=None, version="1.0.0", heartbeat_ms=1000):
        self.id = id or os.environ.get("GANGLION_MODULE")
        self.bus = bus or os.environ.get("GANGLION_BUS")
        if not self.id or not self.bus:
            raise SystemExit("GANGLION_MODULE and GANGLION_BUS must say who this is and where the bus is")
        self.version = version
        self.incarnation = secrets.token_hex(8)
        self.heartbeat = heartbeat_ms / 1000
        self.liveness = 3
        self.wished_heartbeat_ms = heartbeat_ms
        self.body_bytes_max = 1 << 24
        self.in_flight_max = 1024
        self.ready = asyncio.Event()
        self.table = None
        self._last_call_id = 0
        self._asked = {}  # our calls: call id → future of the reply
        self._serving = {}  # calls to us: call id → task
        self._building = None  # the task between WELCOME and READY
        self._answer_due = None  # when HELLO or REGISTER is to have been answered
        self._draining = False
        self._drain_pong = None
        self._ended = None

    async def connect(self):
        """Runs the connection until the peer leaves, and returns its exit status; `ready` says when calls can be made."""
        self._ended = asyncio.get_running_loop().create_future()
        with zmq.asyncio.Context() as context, context.socket(zmq.DEALER) as socket:
            # §1: never ROUTING_ID. IMMEDIATE: what cannot be sent now is not sent to the next dispatcher either.
            socket.set(zmq.IMMEDIATE, 1)
            socket.set(zmq.LINGER, 1000)
            socket.set(zmq.RECONNECT_IVL, 20)
            socket.set(zmq.RECONNECT_IVL_MAX, 500)
            socket.connect(self.bus)
            self._socket = socket
            tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._keep_alive())]
            try:
                await asyncio.wait([self._ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    if task.done():
                        task.result()
                return self._ended.result()
            finally:
                self._forget_calls()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, exit_status):
        if not self._ended.done():
            self._ended.set_result(exit_status)

    async def _send(self, message):
        """Sends now or not at all: while there is no connection there is nobody to whom it means something."""
        self._sent_at = asyncio.get_running_loop().time()
        try:
            await self._socket.send_multipart(message.frames(), flags=zmq.NOBLOCK)
            return True
        except zmq.Again:
            return False

    # Life (§3)

    async def _hello(self):
        self.ready.clear()
        self._forget_calls()
        hello = {
            "id": self.id,
            "role": self.role,
            "version": self.version,
            "incarnation": self.incarnation,
            "protocol": {"min": VERSION, "max": VERSION},
            "heartbeat_ms": self.wished_heartbeat_ms,
        }
        self._greeted = await self._send(Message(Kind.HELLO, body=encode_json(hello)))
        self._heard_at = self._sent_at
        self._answer_due = self._sent_at + ANSWER_SECONDS

    async def _begin_again(self):
        if self._draining:
            self._end(0)  # Who is leaving has nothing to come back for.
            return
        log.info("the dispatcher does not know us: beginning again")
        await self._hello()

    def _forget_calls(self):
        """§8: a connection that begins anew has lost the calls of the one before."""
        for future in self._asked.values():
            if not future.done():
                future.set_exception(Lost())
        self._asked.clear()
        for task in self._serving.values():
            task.cancel("lost")
        self._serving.clear()
        if self._building:
            self._building.cancel()

    async def _read(self):
        while True:
            frames = await self._socket.recv_multipart()
            self._heard_at = asyncio.get_running_loop().time()
            try:
                message = Message.from_frames(frames)
                await self._receive(message)
            except (Malformed, ValueError, KeyError, TypeError) as error:
                # §9: dropped; it must not end the receiver.
                log.warning("dropped a malformed message: %s", error)

    async def _receive(self, message):
        kind = message.kind
        if kind == Kind.PING:
            await self._send(Message(Kind.PONG, call_id=message.call_id))
        elif kind == Kind.PONG:
            if message.call_id == DRAIN_PING and self._drain_pong and not self._drain_pong.done():
                self._drain_pong.set_result(None)
        elif kind == Kind.WHO_ARE_YOU:
            await self._begin_again()
        elif kind == Kind.WELCOME:
            self._welcomed(json.loads(message.body))
        elif kind == Kind.REPLY:
            future = self._asked.pop(message.call_id, None)
            if future and not future.done():
                future.set_result(message)
        elif kind == Kind.TABLE:
            self.table = json.loads(message.body)
        elif kind == Kind.BYE:
            log.info("the dispatcher ends; waiting for the next")
            self.ready.clear()
        elif kind == Kind.REFUSED:
            self._refused(json.loads(message.body))
        else:
            await self._receive_as_module(message)

    async def _receive_as_module(self, message):
        """What only modules get; §10: unknown kinds are dropped."""

    def _welcomed(self, welcome):
        self._answer_due = None
        self.heartbeat = welcome["heartbeat_ms"] / 1000
        self.liveness = welcome["liveness"]
        limits = welcome["limits"]
        self.body_bytes_max = limits.get("body_bytes", self.body_bytes_max)
        self.in_flight_max = limits.get("in_flight", self.in_flight_max)
        self._building = asyncio.create_task(self._build(welcome))

    async def _build(self, welcome):
        await self._send(Message(Kind.READY))
        self.ready.set()

    def _refused(self, refusal):
        self._answer_due = None
        for reason in refusal["reasons"]:
            log.error("refused: %s %s: %s", reason["code"], reason.get("item", ""), reason["message"])

    async def _keep_alive(self):
        """§7: PING after an interval in which nothing else was sent. It also is what a new dispatcher asks WHO_ARE_YOU about."""
        loop = asyncio.get_running_loop()
        self._sent_at = self._heard_at = loop.time()
        self._greeted = False
        while True:
            silence = loop.time() - self._heard_at
            unanswered = self._answer_due is not None and loop.time() >= self._answer_due
            if self._greeted and (unanswered or silence >= self.liveness * 2 * self.heartbeat):
                log.warning("no word from the dispatcher: beginning again on a new connection")
                self._socket.disconnect(self.bus)
                self._socket.connect(self.bus)
                self._forget_calls()
                self._greeted = False
            if not self._greeted:
                await self._hello()
                await asyncio.sleep(0 if self._greeted else 0.02)
                continue
            pause = self._sent_at + self.heartbeat - loop.time()
            if pause > 0:
                await asyncio.sleep(min(pause, 0.1))
            else:
                await self._send(Message(Kind.PING))

    # Calls (§4)

    async def call(self, target, body=b"", budget_ms=5000, explain=False, metadata=None):
        """Calls the dispatcher and returns its REPLY; cancelling this coroutine sends CANCEL.

        Raises CallError for the statuses `error` and `overloaded`.
        """
        self._last_call_id += 1
        call_id = self._last_call_id
        future = self._asked[call_id] = asyncio.get_running_loop().create_future()
        call = Message(Kind.CALL, target, body, metadata, call_id, budget_ms, explain=explain)
        try:
            if not await self._send(call):
                raise Lost()
            reply = await asyncio.wait_for(future, budget_ms / 1000)
        except asyncio.TimeoutError:
            raise CallError("timeout", f"no reply within {budget_ms} ms") from None
        except asyncio.CancelledError:
            await self._send(Message(Kind.CANCEL, call_id=call_id))
            raise
        finally:
            self._asked.pop(call_id, None)
        if reply.status in (Status.ERROR, Status.OVERLOADED):
            error = json.loads(reply.body)
            raise CallError(error["code"], error.get("message", ""), error.get("retryable", False))
        return reply
