"""Random input after openapi.yaml's own schemas: never a 5xx, and nothing is taken that the document forbids."""

import json
import os
import random
import re
import unittest
import urllib.parse

import api_document
import random_bodies
import shop
import wechat_wire

HEADERS = ("", "x", "x" * 300, "\u00e9", '"1"', "*", 'W/"0"', ",,", "9" * 30)


def as_read(body):
    """A body as the server reads it: null counts as absent, and white space around a text is cut."""
    if isinstance(body, dict):
        return {name: as_read(value) for name, value in body.items() if value is not None}
    if isinstance(body, list):
        return [as_read(value) for value in body]
    return body.strip(" \t\n\r\v\f\u00a0\u3000") if isinstance(body, str) else body


class Fuzz(unittest.TestCase):
    """Random queries and bodies after each operation's own schema: never a 5xx, and each answer as documented."""

    ROUNDS = 40
    SEED = int(os.environ.get("DOORBUSTER_TEST_SEED", "20261123"))
    # They end the session that asks, or its rights.
    LEFT_OUT = ("logOut", "logOutEverywhere", "endSession", "changePassword", "changeAccess")

    database = None

    def setUp(self):
        database = self.database and self.database.url
        self.server = api_document.watched_server({"orders.unpaid_max": "1000"}, database)
        self.addCleanup(self.server.remove)
        self.contract = self.server.contract
        self.random = random.Random(self.SEED)
        self.bodies = random_bodies.Bodies(self.contract.document, self.random)
        self.taken = 0

    maxDiff = None

    def test_no_input_is_a_fault_of_the_server(self):
        admin = self.server.admin()
        admin.add_address()
        for (method, path), operation in self.contract.document.operations.items():
            if operation["operationId"] in self.LEFT_OUT or path.startswith(wechat_wire.PREFIX):
                continue
            for _ in range(self.ROUNDS):
                answer = self.ask(admin, method, path, operation)
                self.assertLess(answer.status, 500, f"seed {self.SEED}: {method} {path} {answer}")
        self.fuzz_the_simulator()
        self.assertEqual(self.contract.faults[:20], [], f"seed {self.SEED}")
        self.assertNotIn("http.request_failed", self.server.log())
        self.assertGreater(self.taken, 100, "too few bodies are good enough to reach the work")
        audit = self.server.audit()
        self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)

    def fuzz_the_simulator(self):
        """Orders that are signed well and say anything."""
        merchant = wechat_wire.Merchant(self.server)
        path = "/v3/pay/transactions/native"
        operation = self.contract.document.operations["POST", wechat_wire.PREFIX + path]
        for _ in range(self.ROUNDS):
            random_order = self.bodies.of(operation["requestBody"]["content"]["application/json"]["schema"])
            good = merchant.native_order(f"fuzz-{self.random.randrange(10)}")
            body = random_order if not isinstance(random_order, dict) else {**good, **random_order}
            answer = merchant.call("POST", path, body)
            self.assertLess(answer.status, 500, f"seed {self.SEED}: {body} {answer}")

    def ask(self, client, method, pattern, operation):
        names = ("1", "1", "1", "2", "2", "3", "24", "0", "-1", "x", "%00", "%ff", "1e9", "9" * 30, "%27%3B--")
        path = re.sub(r"\{\w+\}", lambda _: self.random.choice(names), pattern)
        parameters = [self.contract.document.follow(p) for p in operation.get("parameters", [])]
        query = {p["name"]: self.bodies.of(p["schema"]) for p in parameters if p["in"] == "query"}
        pairs = {name: value for name, value in query.items() if self.random.random() < 0.6}
        if pairs:
            path += "?" + urllib.parse.urlencode(pairs, errors="surrogatepass")[:4000]
        sent = {p["name"]: self.random.choice(HEADERS) for p in parameters if p["in"] == "header"}
        headers = {name: value for name, value in sent.items() if self.random.random() < 0.3}
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return client.request(method, path, headers=headers)
        schema = content["application/json"]["schema"]
        body = self.bodies.of(schema, trouble=self.random.choice((0, 0, 0.03, 0.15)))
        answer = self.send(client, method, path, json.dumps(body), headers)
        if answer.status < 300 and "idempotent-replayed" not in answer.headers:
            self.taken += 1
            wrong = self.contract.document.faults_of(schema, as_read(body))
            self.assertEqual(wrong, [], f"seed {self.SEED}: {method} {path} took {body}")
        return answer

    def send(self, client, method, path, text, headers):
        if self.random.random() < 0.05:
            text = text[: self.random.randrange(len(text))]
        return client.request(method, path, raw=text.encode(), headers={"Content-Type": "application/json", **headers})


class FuzzOnPostgres(shop.OnPostgres, Fuzz):
    """The same with PostgreSQL as the database, which takes other numbers and texts for bad."""


if __name__ == "__main__":
    unittest.main()
