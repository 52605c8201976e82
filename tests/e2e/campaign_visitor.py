"""Somebody who does not give up: asks the shop and the simulator again, under the same key, until they answer."""

import http.client
import threading
import time
import urllib.parse

import shop


class BrokenPromise(AssertionError):
    """An answer that no fault of anybody's may cause."""


class Visitor:
    """One per thread: a connection to either process, used by whoever's story goes on there."""

    def __init__(self, ground, stopped):
        self.ground = ground
        self.stopped = stopped
        self.clients = {server: server.client() for server in (ground.shop, ground.simulator)}

    def ask(self, server, method, path, body=None, token=None, key=None):
        """An answer, whatever it is, but never an internal error."""
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        deadline = time.monotonic() + shop.DEADLINE
        while time.monotonic() < deadline and not self.stopped.is_set():
            server.up.wait(shop.DEADLINE)
            try:
                answer = self.clients[server].request(method, path, body=body, headers=headers)
            except (OSError, http.client.HTTPException):
                continue  # killed, or killed and risen
            if answer.status == 500 and server is self.ground.shop:
                raise BrokenPromise(f"{method} {path}: {answer}")
            return answer
        raise BrokenPromise(f"{method} {path} was never answered")

    def shop(self, method, path, **more):
        return self.ask(self.ground.shop, method, path, **more)

    def simulator(self, method, path, **more):
        return self.ask(self.ground.simulator, method, path, **more)

    def follow(self, address):
        """Where a provider's page sends the browser; nothing when it does not."""
        parts = urllib.parse.urlsplit(address)
        answer = self.simulator("GET", f"{parts.path}?{parts.query}")
        return answer.headers.get("location")

    def close(self):
        for client in self.clients.values():
            client.close()
