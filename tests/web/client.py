"""Client: asks the application in this process, without a socket."""

import asyncio
import json

from hooks.kernel.protocol import BadRequest
from hooks.web.answer.front import Front
from hooks.web.message import Asked


class Answered:
    """What came back."""

    def __init__(self, reply):
        self.status, self.headers, self.data = reply.status, reply.headers, reply.body
        self.content_type = reply.content_type

    @property
    def text(self):
        return self.data.decode()

    @property
    def json(self):
        return json.loads(self.data)


class Client:
    """A caller of an application with these settings."""

    def __init__(self, settings, *resources):
        self.app = Front(settings, *resources)

    def get(self, target):
        return self.ask("GET", target)

    def post(self, target, document=None, **options):
        return self.ask("POST", target, json.dumps(document).encode(), **options)

    def ask(self, method, target, body=b"", authorization=""):
        async def read(most):
            if len(body) > most:
                raise BadRequest(413, "body: too large")
            return body

        return Answered(asyncio.run(self.app.answer(Asked(method, target, authorization), read)))
