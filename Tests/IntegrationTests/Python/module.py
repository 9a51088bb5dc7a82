"""A module in Python: a page below /_modules/python, and an opinion about spam.

In ganglion.yaml:

    modules:
      - module: python
        run: ["python3", "module.py"]
        config: { greeting: "Hello", blocked_words: ["casino"] }
"""

from ganglion_module import ConfigurationError, Module, Response

module = Module(version="1.0.0")
settings = {"greeting": "Hello", "blocked_words": []}


@module.configure
async def configure(config):
    config = {**settings, **(config or {})}
    if not isinstance(config["greeting"], str):
        raise ConfigurationError(".greeting", f"expected a text, found {config['greeting']!r}")
    for index, word in enumerate(config["blocked_words"]):
        if not isinstance(word, str) or not word:
            raise ConfigurationError(f".blocked_words[{index}]", f"expected a word, found {word!r}")
    settings.update(config)


@module.route("/_modules/python/hello/{name}")
async def hello(request, name):
    return Response.json({"greeting": f"{settings['greeting']}, {name}!"})


@module.callback("spam_checker", "check_event_for_spam")
async def check_event_for_spam(arguments):
    text = arguments["event"].get("content", {}).get("body", "")
    if any(word in text.lower() for word in settings["blocked_words"]):
        return "M_FORBIDDEN"
    return None  # no opinion: the next module is asked


module.run()
