"""A module for the tests: it forbids what has an `a` in it, and answers every call, also when nobody waits any more."""

from ganglion_module import Module
from ganglion_wire import Kind


class DeafModule(Module):
    async def _receive_as_module(self, message):
        if message.kind != Kind.CANCEL:
            await super()._receive_as_module(message)


module = DeafModule()


@module.callback("spam_checker", "check_event_for_spam")
async def check_event_for_spam(arguments):
    body = arguments["event"].get("content", {}).get("body", "")
    return "M_FORBIDDEN" if isinstance(body, str) and "a" in body else None


module.run()
