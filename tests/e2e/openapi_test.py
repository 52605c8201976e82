"""openapi.yaml: whole, strict, and of exactly the routes and errors that the server has."""

import glob
import json
import re
import unittest

import jsonschema

import api_document
import shop

CONDITIONS = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unsupported": 415,
    "unprocessable": 422,
    "rate_limited": 429,
    "unavailable": 503,
}
KIND = re.compile(r'ErrorKind k\w+\{\s*(\d+),\s*"(\w+)",\s*Condition::(\w+),')
# Objects of WeChat Pay's protocol; which members they have depends on the state of the trade.
OPEN_SHAPES = ("WechatPayTransaction", "WechatPayRefund", "WechatPayError")


class TheDocument(shop.ShopTest):
    """What can be told without asking for more than the document and the routes."""

    def setUp(self):
        super().setUp()
        self.document = api_document.document_of(self.server)
        self.root = self.document.root

    def test_has_exactly_the_routes_of_the_server(self):
        pictures = self.root["paths"]["/demo/{picture}"]["get"]["parameters"][0]["schema"]["enum"]
        documented = set()
        for (method, path), operation in self.document.operations.items():
            for picture in pictures if path == "/demo/{picture}" else [""]:
                documented.add((method, path.replace("{picture}", picture), operation["x-access"]))
        routes = self.server.client().get("/docs/routes.json").json
        served = {(route["method"], route["path"], route["access"]) for route in routes}
        self.assertEqual(len(served), len(routes))
        self.assertEqual(served - documented, set(), "routes that the document lacks")
        self.assertEqual(documented - served, set(), "routes that the server lacks")

    def test_is_whole(self):
        self.assertRegex(self.root["openapi"], r"^3\.1\.\d+$")
        self.assertTrue(self.root["info"]["title"] and self.root["info"]["version"])
        names = [operation["operationId"] for operation in self.document.operations.values()]
        self.assertEqual(len(names), len(set(names)))
        tags = {tag["name"] for tag in self.root["tags"]}
        for (method, path), operation in self.document.operations.items():
            with self.subTest(operation=f"{method} {path}"):
                self.assertTrue(operation["summary"])
                self.assertLessEqual(set(operation["tags"]), tags)
                self.check_parameters(method, path, operation)
                self.check_responses(operation)

    def check_parameters(self, method, path, operation):
        parameters = [self.document.follow(p) for p in operation.get("parameters", [])]
        in_path = {p["name"] for p in parameters if p["in"] == "path"}
        self.assertEqual(in_path, api_document.parameters_of(path))
        self.assertTrue(all(p["required"] for p in parameters if p["in"] == "path"))
        for parameter in parameters:
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
        self.assertFalse("requestBody" in operation and method in ("GET", "DELETE"))

    def check_responses(self, operation):
        """A status for every error, and an error for every refusal."""
        kinds = {}
        for entry in self.root["x-errors"]:
            kinds.setdefault(entry["error"], set()).add(str(entry["status"]))
        refusals = {s for s in operation["responses"] if s[0] in "45" and self.is_envelope(operation, s)}
        of_errors = set()
        for error in operation.get("x-errors", []):
            self.assertTrue(kinds[error] & refusals, error)
            of_errors |= kinds[error]
        self.assertLessEqual(refusals, of_errors)
        for response in operation["responses"].values():
            self.assertTrue(self.document.follow(response)["description"])

    def is_envelope(self, operation, status):
        content = self.document.follow(operation["responses"][status]).get("content", {})
        return "application/problem+json" in content

    def test_refers_to_all_that_is_there_and_to_nothing_else(self):
        used = set(api_document.references_of(self.root))
        for reference in used:
            self.assertIsNotNone(self.document.follow({"$ref": reference}), reference)
        for kind in ("schemas", "responses", "parameters"):
            for name in self.root["components"][kind]:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_tells_every_member_of_every_answer(self):
        """An object of an answer is closed and all its members are required, so that no drift goes unseen."""
        for schema in self.root["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        reached, waiting = set(), [self.root["components"]["responses"]]
        waiting += [operation["responses"] for operation in self.document.operations.values()]
        while waiting:
            for reference in set(api_document.references_of(waiting.pop())) - reached:
                reached.add(reference)
                waiting.append(self.document.named_by(reference))
                if reference.startswith("#/components/schemas/"):
                    self.check_closed(reference.rsplit("/", 1)[1], self.document.named_by(reference))
        self.assertGreater(len(reached), 80)

    def check_closed(self, name, schema):
        if "allOf" in schema or "$ref" in schema:
            self.assertIs(schema.get("unevaluatedProperties"), False, name)
        elif schema.get("type") == "object" and not name.endswith("Fields"):
            self.assertIs(schema.get("additionalProperties"), False, name)
        optional = {"ignored"} if name == "BegunPayment" else set()
        if name not in OPEN_SHAPES:
            self.assertEqual(set(schema.get("properties", {})) - optional, set(schema.get("required", [])), name)

    def test_lists_every_error(self):
        told = {code: (e["error"], e["status"]) for code, e in self.document.errors.items()}
        self.assertEqual(len(told), len(self.root["x-errors"]))
        known = {}
        for path in glob.glob(f"{shop.SOURCE}/src/**/*.hpp", recursive=True):
            with open(path, encoding="utf-8") as file:
                for code, name, condition in KIND.findall(file.read()):
                    known[int(code)] = (name, CONDITIONS[condition])
        self.assertGreater(len(known), 60)
        self.assertEqual({code: told.get(code) for code in known}, known)
        self.check_edge_errors({code: told[code] for code in told if code not in known})

    def check_edge_errors(self, told):
        """Those for which no Condition stands are written where the edge makes them."""
        text = ""
        for path in glob.glob(f"{shop.SOURCE}/src/http/*.cpp"):
            with open(path, encoding="utf-8") as file:
                text += file.read()
        for code, (name, status) in told.items():
            self.assertIn(f'{code}, "{name}"', text)
        written = {int(code) for code in re.findall(r'(9\d{3}), "\w+",', text)}
        self.assertEqual(set(told), written)


class TheContract(shop.ShopTest):
    """The checker itself: an answer that drifts from the document is noticed."""

    def setUp(self):
        super().setUp()
        self.contract = api_document.Contract(api_document.document_of(self.server))

    def faults_after(self, method, path, answer, change):
        told = answer.json
        change(told)
        drifted = shop.Answer(answer.status, answer.headers, json.dumps(told).encode())
        self.contract.faults.clear()
        self.contract.check(method, path, drifted)
        return self.contract.faults

    def test_notices_every_kind_of_drift_of_an_answer(self):
        path = "/api/v1/products?page_size=3"
        answer = self.server.client().get(path)
        self.assertEqual(self.faults_after("GET", path, answer, lambda told: None), [])
        for change in (
            lambda told: told["data"]["list"][1].update(more=1),
            lambda told: told["data"]["list"][1].pop("vendor"),
            lambda told: told["data"]["list"][1].update(category_id=["12"]),
            lambda told: told["data"]["list"][1].update(id=12),
            lambda told: told["data"]["list"][1].update(price_min=1.5),
            lambda told: told["data"].update(total="24"),
            lambda told: told["data"].pop("page"),
            lambda told: told.update(error="x"),
            lambda told: told.pop("request_id"),
            lambda told: told.update(code=1),
        ):
            self.assertEqual(len(self.faults_after("GET", path, answer, change)), 1)

    def test_notices_drift_where_shapes_are_composed(self):
        buyer = self.server.client().register("ann")
        _, sku = shop.first_sku(buyer)
        placed = buyer.buy(sku["id"], 1, buyer.add_address()).data
        path = f"/api/v1/orders/{placed['order_no']}"
        answer = buyer.get(path)
        self.assertEqual(self.faults_after("GET", path, answer, lambda told: None), [])
        for change in (
            lambda told: told["data"].update(more=1),
            lambda told: told["data"].pop("note"),
            lambda told: told["data"]["events"][0].update(at="yesterday"),
            lambda told: told["data"]["items"][0].pop("price"),
        ):
            self.assertTrue(self.faults_after("GET", path, answer, change))

    def test_notices_refusals_that_are_not_documented(self):
        path = "/api/v1/products/999999"
        answer = self.server.client().get(path)
        self.assertEqual(self.faults_after("GET", path, answer, lambda told: None), [])
        for change in (
            lambda told: told.update(error="sku_not_found"),
            lambda told: told.update(code=9999),
            lambda told: told.update(code=4001, error="order_not_found"),
            lambda told: told.pop("details"),
        ):
            self.assertEqual(len(self.faults_after("GET", path, answer, change)), 1)
        answer.status = 418
        self.assertEqual(len(self.faults_after("GET", path, answer, lambda told: None)), 1)
        self.contract.check("GET", "/api/v1/nothing", answer)
        self.assertEqual(len(self.contract.faults), 2)


if __name__ == "__main__":
    unittest.main()
