"""Wrong requests of every kind get a 4xx with a stable error and the field at fault, and change nothing."""

import json
import random
import unittest

import shop

HUGE = 2**63


class BadInput(shop.ShopTest):
    def setUp(self):
        super().setUp()
        self.admin = self.server.admin()
        self.client = self.server.client().register("ann")
        self.address = self.client.add_address()
        self.product, self.sku = shop.first_sku(self.client, 5)

    def assert_refused(self, answer, field=None):
        self.assertGreaterEqual(answer.status, 400, answer)
        self.assertLess(answer.status, 500, answer)
        body = answer.json
        self.assertTrue(body["error"], answer)
        self.assertNotEqual(body["code"], 0)
        self.assertTrue(body["request_id"])
        if field:
            self.assertIn(field, [d["field"] for d in body["details"]], answer)
        return answer

    def test_bodies_that_are_no_json_object(self):
        for raw in (b"", b"{", b"[]", b"null", b"1", b'"x"', b"{'a':1}", b"\xff\xfe", b'{"a":1}{"b":2}', b"[" * 100_000):
            for method, path in (
                ("POST", "/api/v1/users"),
                ("POST", "/api/v1/sessions"),
                ("POST", "/api/v1/orders"),
                ("POST", "/api/v1/cart/lines"),
                ("POST", "/api/v1/addresses"),
                ("POST", "/api/v1/payments"),
                ("PATCH", "/api/v1/users/me"),
            ):
                answer = self.client.request(method, path, raw=raw, headers={"Content-Type": "application/json"})
                self.assert_refused(answer)

    def test_quantities(self):
        for quantity in (0, -1, 1000, HUGE, -HUGE, HUGE - 1, 1.5, 1e300, "1", None, True, [], {}):
            line = {"sku_id": self.sku["id"], "quantity": quantity}
            self.assert_refused(self.client.post("/api/v1/cart/lines", line), "quantity")
            order = {"address_id": self.address, "lines": [line]}
            self.assert_refused(self.client.post("/api/v1/orders", order), "lines[0].quantity")
        self.assertEqual(self.client.get("/api/v1/cart").data["lines"], [])
        self.assertEqual(self.client.get("/api/v1/orders").data["total"], 0)

    def test_ids_that_name_nothing(self):
        for wrong in ("0", "-1", "999999999999", str(HUGE), str(HUGE * HUGE), "x", "1 OR 1=1", "", "1.0", "%00", "../1"):
            quoted = shop.quote(wrong)
            for path in ("products", "orders", "addresses", "payments"):
                answer = self.client.get(f"/api/v1/{path}/{quoted}" if quoted else f"/api/v1/{path}/")
                self.assertIn(answer.status, (400, 404), f"{path} {wrong} {answer}")
        for wrong in ("0", "999999999999", str(HUGE), "x", -1, 1.5, None, [], {"a": 1}):
            self.assert_refused(self.client.post("/api/v1/cart/lines", {"sku_id": wrong, "quantity": 1}))
            self.assert_refused(self.client.post("/api/v1/payments", {"order_no": wrong, "provider": "wechat_pay"}))
            self.assert_refused(self.client.buy(self.sku["id"], 1, wrong))

    def test_texts(self):
        over_long = "长" * 300
        for field in ("recipient", "province", "city", "detail"):  # some cities have no districts
            for wrong in (over_long * 3, "", "   ", "a\u0000b", "a\u0007b", 7, None, []):
                answer = self.client.post("/api/v1/addresses", {**shop.ADDRESS, field: wrong})
                self.assert_refused(answer, field)
        for wrong in ("abc", "1" * 30, "", "13800138000'; DROP TABLE users"):
            self.assert_refused(self.client.post("/api/v1/addresses", {**shop.ADDRESS, "phone": wrong}), "phone")
        raw = json.dumps(shop.ADDRESS).encode().replace(b"310000", b"\xc3\x28")
        answer = self.client.request(
            "POST", "/api/v1/addresses", raw=raw, headers={"Content-Type": "application/json"}
        )
        self.assert_refused(answer)
        self.assertEqual(len(self.client.get("/api/v1/addresses").data["list"]), 1)

    def test_sql_and_html_are_only_text(self):
        hostile = "'; DROP TABLE orders; -- <script>alert(1)</script> \" \\ %s {0} 中文 🛒"
        address = {**shop.ADDRESS, "detail": hostile}
        made = self.assert_status(self.client.post("/api/v1/addresses", address), 201).data
        self.assertEqual(self.client.get(f"/api/v1/addresses/{made['id']}").data["detail"], hostile)
        profile = self.client.patch("/api/v1/users/me", {"display_name": "<img src=x onerror=alert(1)>"})
        self.assertLess(profile.status, 500)
        for q in ("'", '"', "%", "_", "\\", "*", "a OR b", "NEAR(", '"unbalanced', "-x", "(", "😀", "四件套' --"):
            answer = self.client.get(f"/api/v1/products?q={shop.quote(q)}")
            self.assertEqual(answer.status, 200, f"{q}: {answer}")
        title = self.admin.post(
            "/api/admin/v1/categories", {"name": "<b>'; DROP TABLE products; --</b>"}
        )
        self.assert_status(title, 201)
        self.assertIn("<b>'; DROP", json.dumps(self.client.get("/api/v1/categories").json, ensure_ascii=False))

    def test_queries(self):
        for query in (
            "page=0",
            "page=-1",
            f"page={HUGE}",
            "page=x",
            "page_size=0",
            "page_size=101",
            "sort=up",
            "min_price=-1",
            f"max_price={HUGE}",
            "category_id=x",
            "in_stock=maybe",
        ):
            answer = self.client.get(f"/api/v1/products?{query}")
            self.assert_refused(answer, query.split("=")[0])
        self.assertEqual(self.client.get("/api/v1/products?page=9223372036854").status in (200, 422), True)

    def test_accounts(self):
        for username in ("", "a", "a" * 33, "a b", "<b>x</b>", "a\u0000b", 7, None, "ann", "ANN"):
            answer = self.server.client().post(
                "/api/v1/users", {"username": username, "password": "correct horse battery"}
            )
            self.assert_refused(answer)
        for password in ("", "short", "x" * 129, 7, None):
            answer = self.server.client().post("/api/v1/users", {"username": "bob", "password": password})
            self.assert_refused(answer, "password")
        unknown = self.server.client().post("/api/v1/sessions", {"username": "nobody", "password": "wrong password"})
        wrong = self.server.client().post("/api/v1/sessions", {"username": "ann", "password": "wrong password"})
        self.assertEqual(unknown.status, 401)
        same = lambda a: {k: v for k, v in a.json.items() if k != "request_id"}  # noqa: E731
        self.assertEqual(same(unknown), same(wrong))

    def test_orders_in_the_wrong_state(self):
        client = self.client
        order = self.assert_status(client.buy(self.sku["id"], 1, self.address), 201).data
        number = order["order_no"]
        lines = [{"sku_id": self.sku["id"], "quantity": 1}]
        wrong_total = client.post(
            "/api/v1/orders", {"address_id": self.address, "lines": lines, "expected_total": order["total"] + 1}
        )
        self.assert_status(wrong_total, 409, "total_changed")
        self.assert_status(client.post("/api/v1/payments", {"order_no": number, "provider": "paypal"}), 422)
        ignored = client.post("/api/v1/payments", {"order_no": number, "provider": "wechat_pay", "amount": 1})
        self.assert_status(ignored, 201)
        self.assertEqual(ignored.data["amount"], order["total"])
        self.assertIn("amount", ignored.data["ignored"])
        self.assert_status(client.post(f"/api/v1/orders/{number}/confirm"), 409)
        self.assert_status(client.post("/sandbox/scan", {"code_url": ignored.data["code_url"]}), 200)
        self.wait_for("payment", lambda: client.get(f"/api/v1/orders/{number}").data["status"] == "paid")
        self.assert_refused(
            self.assert_status(client.post("/api/v1/payments", {"order_no": number, "provider": "wechat_pay"}), 409)
        )
        closed = self.assert_status(client.buy(self.sku["id"], 1, self.address), 201).data["order_no"]
        self.assert_status(client.post(f"/api/v1/orders/{closed}/cancel"), 200)
        self.assert_refused(
            self.assert_status(client.post("/api/v1/payments", {"order_no": closed, "provider": "wechat_pay"}), 409)
        )
        self.assert_clean_audit()

    def test_idempotency_keys(self):
        first = self.assert_status(self.client.buy(self.sku["id"], 1, self.address, key="k"), 201)
        again = self.assert_status(self.client.buy(self.sku["id"], 1, self.address, key="k"), 201)
        self.assertEqual(again.data, first.data)
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assert_status(self.client.buy(self.sku["id"], 2, self.address, key="k"), 422, "idempotency_key_reused")
        other = self.server.client().register("bob")
        others = self.assert_status(other.buy(self.sku["id"], 1, other.add_address(), key="k"), 201)
        self.assertNotEqual(others.data["order_no"], first.data["order_no"])
        self.assert_refused(self.client.buy(self.sku["id"], 1, self.address, key="x" * 300))
        self.assertEqual(self.client.get("/api/v1/orders").data["total"], 1)

    def test_forged_payment_notifications(self):
        order = self.assert_status(self.client.buy(self.sku["id"], 1, self.address), 201).data
        self.assert_status(
            self.client.post("/api/v1/payments", {"order_no": order["order_no"], "provider": "wechat_pay"}), 201
        )
        headers = {
            "Wechatpay-Timestamp": "1795319000",
            "Wechatpay-Nonce": "x" * 32,
            "Wechatpay-Serial": "PUB_KEY_ID_0",
            "Wechatpay-Signature": "WECHATPAY/SIGNTEST/abc",
        }
        for raw in (b"", b"{}", b"\xff", b'{"id":"x"}'):
            answer = self.server.client().request(
                "POST", "/api/v1/payments/notifications/wechat_pay", raw=raw, headers=headers
            )
            self.assertEqual(answer.status, 401, answer)
        self.assertEqual(self.client.get(f"/api/v1/orders/{order['order_no']}").data["status"], "pending_payment")

    def test_no_mutation_of_a_good_request_is_a_500(self):
        """Seeded: values of good bodies replaced by bad ones, everywhere."""
        random.seed(20261123)
        good = [
            ("POST", "/api/v1/users", {"username": "carl", "password": "correct horse battery"}),
            ("POST", "/api/v1/addresses", shop.ADDRESS),
            ("POST", "/api/v1/cart/lines", {"sku_id": self.sku["id"], "quantity": 1}),
            ("PUT", "/api/v1/cart/selection", {"selected": True}),
            ("POST", "/api/v1/orders", {"address_id": self.address, "lines": [{"sku_id": self.sku["id"], "quantity": 1}]}),
            ("POST", "/api/admin/v1/categories", {"name": "x", "parent_id": None}),
            ("POST", "/api/admin/v1/products", {"title": "T", "skus": [{"price": 100}], "body_html": "<p>x</p>"}),
            ("PUT", f"/api/admin/v1/skus/{self.sku['id']}/stock", {"available": 7, "note": "n"}),
            ("POST", "/api/admin/v1/webhooks", {"url": "https://example.com/x", "topics": ["order.paid"]}),
        ]
        bad = [None, True, 0, -1, HUGE, -HUGE, 1e308, "", " ", "\u0000", "\ud7ff", "x" * 70_000, "'", "<script>", [], {}, [[]], "9" * 40]
        for method, path, body in good:
            for field in body:
                for value in bad:
                    answer = self.admin.request(method, path, body={**body, field: value})
                    self.assertLess(answer.status, 500, f"{method} {path} {field}={value!r:.80} {answer}")
        self.assert_clean_audit()


if __name__ == "__main__":
    unittest.main()
