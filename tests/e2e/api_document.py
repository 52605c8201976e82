"""openapi.yaml as something to ask, and clients whose every answer is held against it.

Needs Debian's python3-yaml and python3-jsonschema.
"""

import json
import re

import jsonschema
import yaml

import shop

METHODS = ("get", "post", "put", "patch", "delete")
# What the edge may refuse before a route is reached; every operation documents it as its `default`.
EDGE_ERRORS = {
    400: ("invalid_request", "bad_request"),
    405: ("method_not_allowed",),
    408: ("request_timeout",),
    413: ("body_too_large",),
    417: ("expectation_failed",),
    431: ("header_too_large",),
    501: ("method_unknown",),
}


class Document:
    def __init__(self, text):
        self.root = yaml.safe_load(text)
        self.errors = {entry["code"]: entry for entry in self.root["x-errors"]}
        self.operations = {
            (method.upper(), path): operation
            for path, item in self.root["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }
        self._validators = {}

    def follow(self, node):
        """The node itself, or what its $ref names."""
        while isinstance(node, dict) and "$ref" in node:
            node = self.named_by(node["$ref"])
        return node

    def named_by(self, reference):
        """What a reference names, itself not followed."""
        node = self.root
        for word in reference.removeprefix("#/").split("/"):
            node = node[word]
        return node

    def find(self, method, path):
        """The operation that a request reaches: literals count before parameters."""
        segments = path.partition("?")[0].split("/")
        best = None
        for known_method, pattern in self.operations:
            parts = pattern.split("/")
            if known_method != method or len(parts) != len(segments):
                continue
            if all(p == s or (p.startswith("{") and s) for p, s in zip(parts, segments)):
                literals = [not p.startswith("{") for p in parts]
                best = max(best or (literals, pattern), (literals, pattern))
        return best and (method, best[1])

    def faults_of(self, schema, value):
        """What is wrong with a value, one line each."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            # The components come along, so that references resolve inside one schema.
            whole = {**schema, "components": {"schemas": self.root["components"]["schemas"]}}
            self._validators[key] = jsonschema.Draft202012Validator(whole)
        return [f"{error.json_path}: {error.message[:300]}" for error in self._validators[key].iter_errors(value)]


class Contract:
    """Remembers which answers were seen, and how they differ from what is documented."""

    def __init__(self, document):
        self.document = document
        self.seen = {}
        self.faults = []

    def check(self, method, path, answer):
        key = self.document.find(method, path)
        if key is None:
            self.faults.append(f"{method} {path} is not in the document")
            return
        self.seen.setdefault(key, set()).add(answer.status)
        for fault in self.faults_of(self.document.operations[key], answer):
            self.faults.append(f"{method} {path} -> {answer.status}: {fault}")

    def faults_of(self, operation, answer):
        response = operation["responses"].get(str(answer.status))
        allowed = [*operation.get("x-errors", ()), "bad_request"]
        if response is None and answer.status in EDGE_ERRORS:
            response, allowed = operation["responses"]["default"], EDGE_ERRORS[answer.status]
        if response is None:
            return [f"the status is not documented: {answer.body[:300]!r}"]
        response = self.document.follow(response)
        missing = [h for h in response.get("headers", {}) if h.lower() not in answer.headers]
        faults = [f"the header {h} is missing" for h in missing] + self.faults_of_body(response, answer)
        if not faults and answer.status >= 400 and b'"error":' in answer.body:
            faults = self.faults_of_error(allowed, answer)
        return faults

    def faults_of_body(self, response, answer):
        content = response.get("content")
        if content is None:
            return [f"there is a body: {answer.body[:300]!r}"] if answer.body else []
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if media_type not in content:
            return [f"{media_type!r} is not documented, but {list(content)}"]
        schema = content[media_type].get("schema")
        if schema is None:
            return []
        value = answer.json if media_type.endswith("json") else answer.body.decode()
        return self.document.faults_of(schema, value)

    def faults_of_error(self, allowed, answer):
        told = answer.json
        known = self.document.errors.get(told["code"])
        if known is None:
            return [f"code {told['code']} is not in the table of errors"]
        if (known["error"], known["status"]) != (told["error"], answer.status):
            return [f"code {told['code']} is {known}, not {told['error']}"]
        if told["error"] not in allowed:
            return [f"{told['error']} is not among the operation's errors"]
        return []


class WatchedClient(shop.Client):
    def request(self, method, path, body=None, headers=None, raw=None):
        answer = super().request(method, path, body=body, headers=headers, raw=raw)
        self.server.contract.check(method, path, answer)
        return answer


class WatchedServer(shop.Server):
    """A server whose clients hold every answer against the document."""

    contract = None

    def client(self, token=None):
        return WatchedClient(self, token)


def document_of(server):
    answer = shop.Client(server).get("/openapi.yaml")
    assert answer.status == 200, answer
    return Document(answer.body)


def watched_server(settings=None, database=None):
    server = WatchedServer(demo=True, settings=settings, database=database)
    try:
        server.contract = Contract(document_of(server))
    except Exception:
        server.remove()
        raise
    return server


def references_of(node):
    """Every $ref below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from references_of(value)


def parameters_of(path):
    return set(re.findall(r"\{(\w+)\}", path))
