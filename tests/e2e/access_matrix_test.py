"""Every route, asked by everybody: the owner, another user, a guest, staff without the right, the administrator.

The table of routes comes from the running server, so a new route is in the matrix by itself; what has to be named
here is an existing thing for each path parameter, and who owns it.
"""

import re
import unittest

import shop

# Calls between this shop and a payment provider carry a signature instead of a session.
PROVE_THEMSELVES = ("/api/v1/payments/notifications/", "/sandbox/wechat_pay/")
# Alipay reads one word and no status.
ALIPAY = "/api/v1/payments/notifications/alipay"
ALL_RIGHTS = ("catalog", "orders", "marketing", "finance")


class AccessMatrix(shop.ShopTest):
    def setUp(self):
        super().setUp()
        self.admin = self.server.admin()
        self.owner = self.server.client().register("owner")
        self.other = self.server.client().register("other")
        self.staff = {right: self.make_staff(right) for right in ALL_RIGHTS}
        made = self.admin.post("/api/admin/v1/pay-apps", {"name": "matrix"})
        self.app = self.server.client(token=self.assert_status(made, 201).data["key"])
        self.routes = self.server.client().get("/docs/routes.json").json
        self.things = self.make_things()

    def make_staff(self, right):
        client = self.server.client().register(f"staff-{right}")
        done = self.admin.patch(f"/api/admin/v1/users/{client.user['id']}", {"rights": [right]})
        self.assert_status(done, 200)
        return client

    def make_things(self):
        """One of each thing that a path names; those of a user belong to `owner`."""
        owner = self.owner
        product, sku = shop.first_sku(owner, 2)
        address = owner.add_address()
        order = self.assert_status(owner.buy(sku["id"], 1, address), 201).data
        payment = self.assert_status(
            owner.post("/api/v1/payments", {"order_no": order["order_no"], "provider": "wechat_pay"}), 201
        ).data
        self.assert_status(owner.post("/api/v1/cart/lines", {"sku_id": sku["id"], "quantity": 1}), 200)
        session = owner.get("/api/v1/sessions").data["list"][0]["id"]
        return {
            "/api/v1/addresses/{id}": address,
            "/api/v1/orders/{no}": order["order_no"],
            "/api/v1/payments/{id}": payment["id"],
            "/api/v1/sessions/{id}": session,
            "/api/v1/products/{id}": product["id"],
            "/api/v1/cart/lines/{sku_id}": sku["id"],
        }

    def path_for(self, pattern):
        """A real path for a pattern; ids that the table above does not know name nothing."""
        for known, value in self.things.items():
            if pattern.startswith(known):
                pattern = pattern.replace(re.search(r"\{\w+\}", known).group(0), str(value))
        return re.sub(r"\{[^}]*\}", "999999999", pattern)

    def ask(self, client, route):
        body = {} if route["method"] in ("POST", "PUT", "PATCH") else None
        return client.request(route["method"], self.path_for(route["path"]), body=body)

    def test_every_route(self):
        self.assertGreater(len(self.routes), 60)
        for route in self.routes:
            with self.subTest(route=f"{route['method']} {route['path']}"):
                self.check_route(route, route["access"])

    def check_route(self, route, access):
        guest = self.server.client()
        as_guest = self.ask(guest, route)
        self.assertLess(as_guest.status, 500, as_guest)
        if access in ("user", "app", "staff") or access.startswith("staff:"):
            self.assertEqual(as_guest.status, 401, as_guest)
            self.assertEqual(as_guest.error, "unauthenticated")
            wrong = self.server.client(token="not-a-token")
            self.assertEqual(self.ask(wrong, route).status, 401)
        elif route["path"] == ALIPAY:
            self.assertEqual((as_guest.status, as_guest.body), (200, b"fail"))
        elif route["path"].startswith(PROVE_THEMSELVES):
            self.assertEqual(as_guest.status, 401, as_guest)
        else:
            self.assertNotIn(as_guest.status, (401, 403), as_guest)
        if access.startswith("staff"):
            self.check_staff_route(route, access)
        if access == "app":
            self.check_app_route(route)
        elif access != "anyone" and access != "optional":
            self.assertEqual(self.ask(self.app, route).status, 401, "an app key is no session")

    def check_app_route(self, route):
        for person in (self.owner, self.staff["finance"], self.admin):
            answer = self.ask(person, route)
            self.assertEqual((answer.status, answer.error), (401, "app_key_invalid"), answer)
        answer = self.ask(self.app, route)
        self.assertLess(answer.status, 500, answer)
        self.assertNotIn(answer.status, (401, 403), answer)

    def check_staff_route(self, route, access):
        self.assertEqual(self.ask(self.other, route).status, 403)
        wanted = access.partition(":")[2]
        for right, client in self.staff.items():
            answer = self.ask(client, route)
            self.assertLess(answer.status, 500, answer)
            if not wanted or right == wanted:
                self.assertNotIn(answer.status, (401, 403), answer)
            else:
                self.assertEqual(answer.status, 403, answer)
        answer = self.ask(self.admin, route)
        self.assertLess(answer.status, 500, answer)
        self.assertNotIn(answer.status, (401, 403), answer)

    def test_what_is_not_ones_own_is_not_there(self):
        """The owner is answered, another user and even an administrator get 404, and nothing has changed."""
        owned = ("/api/v1/addresses/", "/api/v1/orders/", "/api/v1/payments/", "/api/v1/sessions/")
        before = self.look()
        tried = 0
        for route in self.routes:
            pattern = route["path"]
            if not pattern.startswith(owned) or "{" not in pattern or "notifications" in pattern:
                continue
            tried += 1
            for stranger in (self.other, self.admin, self.staff["orders"]):
                body = shop.ADDRESS if route["method"] == "PUT" else {}
                answer = stranger.request(
                    route["method"],
                    self.path_for(pattern),
                    body=body if route["method"] in ("POST", "PUT", "PATCH") else None,
                )
                self.assertEqual(answer.status, 404, f"{route} {answer}")
        self.assertGreaterEqual(tried, 8)
        self.assertEqual(self.look(), before)

    def look(self):
        owner = self.owner
        things = self.things
        return (
            owner.get(f"/api/v1/addresses/{things['/api/v1/addresses/{id}']}").data,
            owner.get(f"/api/v1/orders/{things['/api/v1/orders/{no}']}").data,
            owner.get(f"/api/v1/payments/{things['/api/v1/payments/{id}']}").data["id"],
            owner.get("/api/v1/cart").data["units"],
        )

    def test_anothers_cart_and_address_and_order_cannot_be_used(self):
        self.assertEqual(self.other.get("/api/v1/cart").data["lines"], [])
        sku = self.things["/api/v1/cart/lines/{sku_id}"]
        address = self.things["/api/v1/addresses/{id}"]
        self.assert_status(self.other.buy(sku, 1, address), 404)
        order = self.things["/api/v1/orders/{no}"]
        paid = self.other.post("/api/v1/payments", {"order_no": order, "provider": "wechat_pay"})
        self.assert_status(paid, 404)

    def test_a_cookie_session_needs_its_csrf_token(self):
        client = self.server.client()
        answer = client.post("/api/v1/sessions", {"username": "owner", "password": "correct horse battery"})
        cookies = answer.headers["set-cookie"]
        session = re.search(r"db_session=([^;]+)", cookies).group(1)
        cookie = {"Cookie": f"db_session={session}"}
        self.assertEqual(client.get("/api/v1/users/me", headers=cookie).status, 200)
        refused = client.post("/api/v1/addresses", shop.ADDRESS, headers=cookie)
        self.assertEqual(refused.status, 403, refused)
        wrong = client.post("/api/v1/addresses", shop.ADDRESS, headers={**cookie, "X-CSRF-Token": "x" * 43})
        self.assertEqual(wrong.status, 403, wrong)
        token = answer.data["csrf_token"]
        fine = client.post("/api/v1/addresses", shop.ADDRESS, headers={**cookie, "X-CSRF-Token": token})
        self.assertEqual(fine.status, 201, fine)

    def test_local_routes_do_not_exist_from_outside(self):
        for path in ("/local/v1/users", "/local/v1/imports/1"):
            self.assertEqual(self.admin.get(path).status, 404)


if __name__ == "__main__":
    unittest.main()
