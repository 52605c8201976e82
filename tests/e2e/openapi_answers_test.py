"""Real answers of every operation, held against openapi.yaml."""

import contextlib
import datetime
import os
import re
import sqlite3
import struct
import unittest
import zlib

import alipay_wire
import api_document
import payment_api
import shop
import wechat_wire


def tiny_png():
    """One grey pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


class Answers(unittest.TestCase):
    """A day in the shop: every operation is called, and every answer is held against the document."""

    database = None

    def setUp(self):
        self.server = api_document.watched_server(
            {"flash_sale.captcha": "fixed"}, database=self.database and self.database.url
        )
        self.addCleanup(self.server.remove)
        self.contract = self.server.contract
        self.document = self.contract.document
        self.guest = self.server.client()

    wait_for = shop.ShopTest.wait_for

    def expect(self, status, answer, error=None):
        self.assertEqual((answer.status, answer.error if error else None), (status, error), answer)
        return answer.data if b'"data":' in answer.body else answer

    def test_are_as_documented(self):
        self.visit_the_site()
        self.become_users()
        self.manage_users()
        self.fill_the_catalog()
        self.change_the_catalog()
        self.browse()
        self.keep_addresses()
        self.fill_the_cart()
        self.add_webhook()
        self.order_and_pay()
        self.pay_in_a_page()
        self.give_up_orders()
        self.run_a_flash_sale()
        self.look_after_orders()
        self.give_money_back()
        self.reconcile()
        self.serve_an_order_system()
        self.look_at_alarms()
        self.speak_as_merchant()
        self.look_at_webhooks()
        self.leave()
        self.refuse_everybody()
        self.assertEqual(self.contract.faults, [])
        self.check_that_all_was_seen()

    def check_that_all_was_seen(self):
        missing = []
        for key, operation in self.document.operations.items():
            seen = self.contract.seen.get(key, set())
            documented = {int(status) for status in operation["responses"] if status != "default"}
            missing += [f"{key} never answered {s}" for s in documented if 200 <= s < 300 and s not in seen]
            refusals = {status for status in documented if 400 <= status < 500}
            if not seen or (refusals and not refusals & seen):
                missing.append(f"{key} answered only {sorted(seen)} of {sorted(documented)}")
        self.assertEqual(missing, [])

    # --- the site, accounts ---------------------------------------------------------------------

    def visit_the_site(self):
        for path in ("/", "/docs", "/docs/routes.json", "/openapi.yaml", "/healthz", "/readyz", "/metrics"):
            self.expect(200, self.guest.get(path))
        self.expect(200, self.guest.get("/demo/camp-lantern.svg"))
        self.expect(404, self.guest.get("/demo/none.svg"), "not_found")
        self.expect(200, self.guest.get("/welcome/anything"))
        self.expect(404, self.guest.get("/welcome/%ff"), "not_found")
        for path in ("/", "/openapi.yaml", "/demo/camp-lantern.svg"):
            tag = self.guest.get(path).headers["etag"]
            self.expect(304, self.guest.get(path, headers={"If-None-Match": tag}))

    def become_users(self):
        self.admin = self.server.admin()
        self.boss = self.admin.user
        again = {"username": "boss2", "password": "correct horse battery"}
        self.expect(404, self.guest.post("/api/v1/admin-invitations/none", again), "invitation_not_found")
        new = {"username": "ann", "password": "correct horse battery"}
        key = {"Idempotency-Key": "register-ann"}
        first = self.expect(201, self.guest.post("/api/v1/users", new, headers=key))
        self.assertEqual(self.expect(201, self.guest.post("/api/v1/users", new, headers=key)), first)
        other = {**new, "username": "anna"}
        self.expect(422, self.guest.post("/api/v1/users", other, headers=key), "idempotency_key_reused")
        self.expect(409, self.guest.post("/api/v1/users", new), "username_taken")
        self.expect(422, self.guest.post("/api/v1/users", {"username": "a", "password": "b"}))
        self.expect(413, self.server.client().post("/api/v1/users", {**new, "more": "x" * 20000}))
        self.expect(401, self.guest.post("/api/v1/sessions", {**new, "password": "wrong"}), "bad_credentials")
        self.ann = self.server.client().log_in("ann")
        self.staff = self.server.client().register("clerk")
        self.expect(200, self.ann.get("/api/v1/users/me"))
        change = {"display_name": "小安", "email": "ann@example.com", "phone": "13800138000"}
        self.expect(200, self.ann.patch("/api/v1/users/me", change))
        self.expect(422, self.ann.patch("/api/v1/users/me", {"email": "nobody"}))
        words = {"current_password": "correct horse battery", "new_password": "battery horse correct"}
        self.expect(200, self.ann.put("/api/v1/users/me/password", words))
        self.expect(422, self.ann.put("/api/v1/users/me/password", words), "wrong_password")
        self.ann.log_in("ann", "battery horse correct")
        self.use_a_cookie()

    def use_a_cookie(self):
        new = {"username": "ann", "password": "battery horse correct"}
        session = self.expect(201, self.guest.post("/api/v1/sessions", new))
        cookie = {"Cookie": f"db_session={session['token']}"}
        self.expect(200, self.guest.get("/api/v1/users/me", headers=cookie))
        self.expect(403, self.guest.delete("/api/v1/sessions", headers=cookie), "csrf_failed")
        self.expect(403, self.guest.delete("/api/v1/cart", headers=cookie), "csrf_failed")
        self.expect(200, self.ann.get("/api/v1/sessions"))
        self.expect(200, self.ann.delete(f"/api/v1/sessions/{session['session_id']}"))
        self.expect(401, self.guest.get("/api/v1/users/me", headers=cookie), "session_invalid")
        self.expect(404, self.ann.delete("/api/v1/sessions/999999"), "session_not_found")

    def manage_users(self):
        users = "/api/admin/v1/users"
        self.expect(200, self.admin.get(f"{users}?q=clerk&staff=false&page_size=5"))
        self.expect(200, self.admin.get(f"{users}/{self.ann.user['id']}"))
        clerk = f"{users}/{self.staff.user['id']}"
        rights = {"rights": ["catalog", "orders", "marketing", "finance"]}
        self.assertEqual(self.expect(200, self.admin.patch(clerk, rights))["role"], "staff")
        self.expect(409, self.admin.patch(f"{users}/{self.boss['id']}", {"rights": []}), "last_admin")
        idle = self.server.client().register("idle")
        self.expect(200, self.admin.patch(f"{users}/{idle.user['id']}", {"disabled": True}))
        words = {"username": "idle", "password": "correct horse battery"}
        self.expect(403, self.guest.post("/api/v1/sessions", words), "account_disabled")
        self.expect(200, self.admin.get(f"/api/admin/v1/audit-log?actor={self.boss['id']}"))
        self.expect(200, self.admin.get(f"/api/admin/v1/audit-log?subject=user:{idle.user['id']}"))

    # --- flash sales ----------------------------------------------------------------------------

    def run_a_flash_sale(self):
        staff, root = self.staff, "/api/admin/v1/promotions"
        _, sku = shop.first_sku(self.guest, 3)
        item = {"sku_id": sku["id"], "price": 1, "allotment": 2, "per_user_max": 2}
        new = {"name": "双十一", "starts_at": "2020-01-01T00:00:00+08:00", "ends_at": "2099-01-01T00:00:00Z"}
        self.expect(422, staff.post(root, {**new, "items": [{**item, "sku_id": "999999"}]}), "unknown_reference")
        self.expect(422, staff.post(root, {**new, "ends_at": "soon"}), "validation_failed")
        empty = f"{root}/{self.expect(201, staff.post(root, new))['id']}"
        self.expect(409, staff.post(f"{empty}/publish"), "promotion_without_items")
        self.expect(409, staff.patch(empty, {"version": 7}), "promotion_changed")
        too_many = {"items": [{**item, "allotment": 10_000_000}]}
        self.expect(200, staff.patch(empty, too_many))
        self.expect(409, staff.post(f"{empty}/publish"), "out_of_stock")
        self.expect(200, staff.delete(empty))
        self.expect(404, staff.get(empty), "promotion_not_found")
        old = {**new, "ends_at": "2020-02-01T00:00:00Z", "items": [item]}
        late = self.expect(201, staff.post(root, old))
        self.expect(422, staff.post(f"{root}/{late['id']}/publish"), "promotion_window_over")

        made = self.expect(201, staff.post(root, {**new, "items": [item]}, headers={"Idempotency-Key": "sale"}))
        one = f"{root}/{made['id']}"
        self.expect(409, staff.post(f"{one}/pause"), "promotion_not_published")
        self.expect(200, staff.post(f"{one}/publish"))
        self.expect(409, staff.patch(one, {"name": "x"}), "promotion_not_draft")
        self.expect(409, staff.post(root, {**new, "items": [item]}), "promotion_overlaps")
        for action in ("pause", "resume"):
            self.expect(200, staff.post(f"{one}/{action}"))
        units = f"{one}/items/{made['items'][0]['id']}/units"
        self.expect(201, staff.post(units, {"units": 1}))
        self.expect(422, staff.post(units, {"units": 10_000_000}), "too_many_units")
        self.expect(404, staff.post(f"{one}/items/999999/units", {"units": 1}), "promotion_item_not_found")
        self.buy_in_a_flash_sale(made["items"][0]["id"], sku)
        self.wait_in_a_flash_sale(f"/api/v1/flash-sales/{made['items'][0]['id']}")
        self.expect(200, staff.get(f"{root}?state=published"))
        self.expect(200, staff.get(one))
        self.expect(200, staff.get(f"{one}/live"))
        self.expect(200, staff.put(f"{one}/window", {"ends_at": "2098-01-01T00:00:00Z"}))
        self.expect(422, staff.put(f"{one}/window", {"ends_at": "2020-02-01T00:00:00Z"}), "promotion_window_over")
        for stopped in (True, False):
            self.expect(200, staff.put("/api/admin/v1/flash-sales/switch", {"stopped": stopped}))
        self.expect(200, staff.get("/api/admin/v1/flash-sales/switch"))
        self.expect(422, staff.put("/api/admin/v1/flash-sales/switch", {"stopped": 1}))
        self.expect(200, staff.post(f"{one}/end"))
        self.expect(409, staff.post(f"{one}/resume"), "promotion_ended")

    def buy_in_a_flash_sale(self, item, sku):
        guest, ann, sale = self.guest, self.ann, f"/api/v1/flash-sales/{item}"
        shown = self.expect(200, guest.get("/api/v1/promotions"))
        self.assertEqual([vo["item_id"] for vo in shown["list"][0]["items"]], [item])
        product = next(p for p in guest.get("/api/v1/products?page_size=100").data["list"] if p["promotion"])
        self.assertEqual(product["promotion"]["items"][0]["sku_id"], sku["id"])
        page = self.expect(200, guest.get(f"/api/v1/products/{product['id']}"))
        self.assertEqual(page["promotion"]["items"][0]["price"], 1)

        captcha = self.expect(201, ann.post(f"{sale}/captcha"))
        self.assertTrue(captcha["image"].startswith("data:image/png;base64,iVBOR"))
        wrong = {"captcha_id": captcha["captcha_id"], "answer": "wrong"}
        self.expect(422, ann.post(f"{sale}/token", wrong), "captcha_wrong")
        right = {**wrong, "answer": "fixed"}
        self.expect(201, ann.post(f"{sale}/token", right))
        self.expect(410, ann.post(f"{sale}/token", right), "captcha_gone")
        self.expect(200, ann.delete(f"{sale}/token"))
        self.expect(403, self.order_flash(sale, "forged"), "token_invalid")
        first = self.expect(201, self.order_flash(sale, self.sale_token(sale), "flash"))
        self.expect(422, self.order_flash(sale, self.sale_token(sale), "flash"), "idempotency_key_reused")
        used = self.sale_token(sale)
        self.expect(422, self.order_flash(sale, used, quantity=3), "quantity_above_limit")
        self.expect(422, self.order_flash(sale, used, quantity=0))
        self.expect(201, self.order_flash(sale, used, quantity=1))
        self.expect(409, self.order_flash(sale, used), "token_used")
        self.expect(200, ann.get(f"/api/v1/orders/{first['order_no']}"))

    def wait_in_a_flash_sale(self, sale):
        """One unit is left; somebody takes it and gives it back."""
        guest, bob, line = self.guest, self.server.client().register("bob"), f"{sale}/waitlist"
        self.expect(200, guest.get(f"{sale}/events"))
        self.expect(200, bob.get(f"{sale}/events"))
        self.expect(409, bob.post(line), "not_sold_out")
        self.expect(404, bob.get(line), "not_on_waitlist")
        quick = self.server.client().register("quick")
        wanted = {"token": self.sale_token(sale, quick), "address_id": quick.add_address(), "quantity": 1}
        last = self.expect(201, quick.post(f"{sale}/orders", wanted))["order_no"]
        self.expect(201, bob.post(line))
        self.expect(200, bob.post(line))
        self.assertEqual(self.expect(200, bob.get(line))["state"], "waiting")
        self.expect(409, self.ann.post(line), "limit_reached")
        mine = {"address_id": bob.add_address()}
        self.expect(409, bob.post(f"{line}/claim", mine), "no_offer")
        self.expect(200, quick.post(f"/api/v1/orders/{last}/cancel"))
        self.assertEqual(self.expect(200, bob.get(line))["state"], "offered")
        self.expect(404, bob.post(f"{line}/claim", {"address_id": "999999"}), "address_not_found")
        self.expect(201, bob.post(f"{line}/claim", mine))
        self.expect(201, quick.post(line))
        self.expect(200, quick.delete(line))
        self.expect(404, quick.delete(line), "not_on_waitlist")

    def sale_token(self, sale, client=None):
        client = client or self.ann
        captcha = self.expect(201, client.post(f"{sale}/captcha"))["captcha_id"]
        answer = {"captcha_id": captcha, "answer": "FIXED"}
        return self.expect(201, client.post(f"{sale}/token", answer))["token"]

    def order_flash(self, sale, token, key=None, quantity=1):
        body = {"token": token, "address_id": self.address, "quantity": quantity}
        return self.ann.post(f"{sale}/orders", body, headers={"Idempotency-Key": key} if key else None)

    # --- the catalog ----------------------------------------------------------------------------

    def fill_the_catalog(self):
        staff, categories = self.staff, "/api/admin/v1/categories"
        self.root = self.expect(201, staff.post(categories, {"name": "茶 Tea"}))["id"]
        below = {"name": "绿茶 Green", "parent_id": self.root}
        self.leaf = self.expect(201, staff.post(categories, below))["id"]
        self.expect(409, staff.post(categories, below), "category_name_taken")
        self.expect(422, staff.post(categories, {"name": "x", "parent_id": "999999"}), "unknown_reference")
        picture = staff.request(
            "POST", "/api/admin/v1/media", raw=tiny_png(), headers={"Content-Type": "image/png"}
        )
        self.picture = self.expect(201, picture)
        self.elsewhere = self.expect(201, staff.post("/api/admin/v1/media", {"url": "https://example.com/a.jpg"}))
        for raw, error, status in ((b"GIF89a", "unsupported_media", 415), (tiny_png()[:-9], "broken_media", 422)):
            broken = staff.request("POST", "/api/admin/v1/media", raw=raw, headers={"Content-Type": "image/png"})
            self.expect(status, broken, error)
        self.product = self.expect(201, staff.post("/api/admin/v1/products", self.new_product()))
        self.one = f"/api/admin/v1/products/{self.product['id']}"
        self.sku = self.product["skus"][0]["id"]

    def new_product(self):
        return {
            "title": "龙井 Dragon Well",
            "body_html": "<p>春茶 <b>spring</b></p>",
            "vendor": "山间 Hills",
            "product_type": "茶 Tea",
            "tags": ["茶", "tea"],
            "category_id": self.leaf,
            "options": ["重量 Weight"],
            "images": [{"id": self.picture["id"], "alt": "茶"}, {"id": self.elsewhere["id"]}],
            "skus": [
                {
                    "sku": "LJ-50",
                    "options": ["50 g"],
                    "price": 8800,
                    "compare_at_price": 9900,
                    "image_id": self.picture["id"],
                    "grams": 50,
                    "initial_stock": 40,
                },
                {"sku": "LJ-100", "options": ["100 g"], "price": 15800},
            ],
        }

    def change_the_catalog(self):
        staff, one = self.staff, self.one
        self.expect(409, staff.post("/api/admin/v1/products", {"title": "x", "skus": [{"sku": "LJ-50", "price": 1}]}))
        shown = self.expect(200, staff.get(one))
        whole = {**self.new_product(), "version": shown["version"]}
        for sku, stored in zip(whole["skus"], shown["skus"]):
            sku["id"] = stored["id"]
        whole["vendor"] = "山间茶园"
        self.expect(200, staff.put(one, whole))
        self.expect(409, staff.put(one, whole), "product_changed")
        self.expect(409, staff.patch(one, {"vendor": "x"}, headers={"If-Match": '"1"'}), "product_changed")
        self.expect(200, staff.patch(one, {"tags": ["茶", "绿茶"]}))
        self.expect(422, staff.patch(one, {"category_id": "999999"}), "unknown_reference")
        empty = self.expect(201, staff.post("/api/admin/v1/products", {"title": "空 Empty"}))
        self.expect(409, staff.post(f"/api/admin/v1/products/{empty['id']}/publish"), "nothing_to_sell")
        self.expect(200, staff.post(f"/api/admin/v1/products/{empty['id']}/archive"))
        self.expect(200, staff.post(f"{one}/publish"))
        self.expect(200, staff.post(f"{one}/unpublish"))
        self.expect(200, staff.post(f"{one}/publish"))
        self.change_skus()
        self.change_categories()
        listed = self.expect(200, staff.get(f"/api/admin/v1/products?status=active&sku=LJ-50&category_id={self.root}"))
        self.assertEqual(listed["total"], 1)
        self.expect(200, staff.get("/api/admin/v1/products?sort=updated"))
        self.expect(422, staff.get("/api/admin/v1/products?status=sold"))

    def change_skus(self):
        staff = self.staff
        big = {"sku": "LJ-500", "options": ["500 g"], "price": 70000, "barcode": "690", "initial_stock": 3}
        sku = self.expect(201, staff.post(f"{self.one}/skus", big))["id"]
        self.expect(422, staff.post(f"{self.one}/skus", {"price": -1}))
        path = f"/api/admin/v1/skus/{sku}"
        self.expect(200, staff.patch(path, {"price": 69900, "image_id": self.picture["id"], "compare_at_price": 70000}))
        self.expect(200, staff.patch(path, {"image_id": None, "compare_at_price": None}))
        self.expect(409, staff.patch(path, {"sku": "TEA-POT-350"}), "sku_code_taken")
        self.expect(200, staff.put(f"{path}/stock", {"available": 7, "note": "盘点 counted"}))
        self.expect(200, staff.put(f"{path}/stock", {"difference": -2}))
        self.expect(422, staff.put(f"{path}/stock", {"difference": -20}), "stock_below_zero")
        self.expect(200, staff.get(f"{path}/stock-ledger?page=1&page_size=2"))
        self.expect(200, staff.delete(path))
        self.expect(404, staff.delete(path), "sku_not_found")

    def change_categories(self):
        staff, categories = self.staff, "/api/admin/v1/categories"
        self.expect(200, staff.get(categories))
        self.expect(200, staff.patch(f"{categories}/{self.leaf}", {"name": "绿茶 Green tea", "hidden": False}))
        self.expect(409, staff.put(f"{categories}/{self.root}/position", {"parent_id": self.leaf}), "category_circle")
        self.expect(200, staff.put(f"{categories}/{self.root}/position", {"position": 0}))
        self.expect(409, staff.delete(f"{categories}/{self.root}"), "category_not_empty")
        spare = self.expect(201, staff.post(categories, {"name": "空 Empty", "parent_id": self.root, "hidden": True}))
        self.expect(200, staff.delete(f"{categories}/{spare['id']}"))
        self.expect(404, staff.delete(f"{categories}/{spare['id']}"), "category_not_found")

    def browse(self):
        guest = self.guest
        self.expect(200, guest.get("/api/v1/categories"))
        self.expect(200, guest.get("/api/v1/products?page_size=100"))
        found = self.expect(200, guest.get(f"/api/v1/products?q={shop.quote('龙井')}&sort=relevance&in_stock=true"))
        self.assertEqual(found["total"], 1)
        self.expect(200, guest.get(f"/api/v1/products?category_id={self.root}&min_price=1&max_price=99999"))
        self.expect(422, guest.get("/api/v1/products?sort=relevance&page=0&min_price=x"))
        answer = guest.get(f"/api/v1/products/{self.product['id']}")
        self.expect(200, answer)
        tag = {"If-None-Match": answer.headers["etag"]}
        self.expect(304, guest.get(f"/api/v1/products/{self.product['id']}", headers=tag))
        problem = {"Accept": "application/problem+json"}
        self.expect(404, guest.get("/api/v1/products/999999", headers=problem), "product_not_found")
        for product in guest.get("/api/v1/products?page_size=100").data["list"]:
            self.expect(200, guest.get(f"/api/v1/products/{product['id']}"))
        self.expect(404, guest.get("/media/none.png"), "media_not_found")
        answer = guest.get(self.picture["url"])
        self.expect(200, answer)
        self.expect(304, guest.get(self.picture["url"], headers={"If-None-Match": answer.headers["etag"]}))

    # --- the shopper ----------------------------------------------------------------------------

    def keep_addresses(self):
        ann, book = self.ann, "/api/v1/addresses"
        first = self.expect(201, ann.post(book, shop.ADDRESS))
        self.address = first["id"]
        second = self.expect(201, ann.post(book, {**shop.ADDRESS, "district": "", "postcode": ""}))
        self.expect(422, ann.post(book, {**shop.ADDRESS, "phone": "call me"}))
        self.expect(200, ann.get(book))
        self.expect(200, ann.get(f"{book}/{self.address}"))
        self.expect(200, ann.put(f"{book}/{self.address}", {**shop.ADDRESS, "city": "宁波市"}))
        self.expect(200, ann.put(f"{book}/{second['id']}/default"))
        self.expect(200, ann.delete(f"{book}/{second['id']}"))
        self.expect(404, ann.delete(f"{book}/{second['id']}"), "address_not_found")

    def fill_the_cart(self):
        guest, cart = self.server.client(), "/api/v1/cart"
        self.expect(200, guest.get(cart))
        self.expect(200, guest.post(f"{cart}/lines", {"sku_id": self.sku, "quantity": 2}))
        line = f"{cart}/lines/{self.sku}"
        self.expect(200, guest.patch(line, {"quantity": 41}))
        self.assertTrue(self.expect(200, guest.get(cart))["lines"][0]["short_of_stock"])
        self.expect(200, guest.patch(line, {"quantity": 2, "selected": False}))
        self.expect(200, guest.put(f"{cart}/selection", {"selected": True}))
        self.expect(200, guest.delete(line))
        self.expect(404, guest.delete(line), "cart_line_not_found")
        self.expect(404, guest.post(f"{cart}/lines", {"sku_id": "999999", "quantity": 1}), "sku_not_found")
        self.expect(422, guest.post(f"{cart}/lines", {"sku_id": self.sku, "quantity": 0}))
        self.expect(200, guest.delete(cart))
        self.expect(401, self.server.client("stale").get(cart), "session_invalid")
        key = {"Idempotency-Key": "one line"}
        for _ in range(2):
            self.expect(200, self.ann.post(f"{cart}/lines", {"sku_id": self.sku, "quantity": 2}, headers=key))

    def add_webhook(self):
        webhooks = "/api/admin/v1/webhooks"
        new = {"url": "https://127.0.0.1:9/hook", "topics": ["order.placed", "order.paid"]}
        self.webhook = self.expect(201, self.admin.post(webhooks, new))["id"]
        self.expect(422, self.admin.post(webhooks, {"url": "ftp://x", "topics": []}))

    def pay(self, order_no):
        return self.ann.post("/api/v1/payments", {"order_no": order_no, "provider": "wechat_pay", "amount": 1})

    def paid(self, order_no):
        def look():
            order = self.expect(200, self.ann.get(f"/api/v1/orders/{order_no}"))
            return order["status"] == "paid"

        self.wait_for("the payment", look)

    def order_and_pay(self):
        ann = self.ann
        key = {"Idempotency-Key": "first order"}
        wish = {"address_id": self.address, "note": "请包好\nwrap it", "expected_total": 17600}
        self.expect(409, ann.post("/api/v1/orders", {**wish, "expected_total": 1}), "total_changed")
        order = self.expect(201, ann.post("/api/v1/orders", wish, headers=key))["order_no"]
        self.expect(201, ann.post("/api/v1/orders", wish, headers=key))
        self.expect(409, ann.post("/api/v1/orders", {"address_id": self.address}), "nothing_to_order")
        self.expect(409, ann.buy(self.sku, 900, self.address), "out_of_stock")
        self.expect(422, ann.buy("999999", 1, self.address), "sku_not_found")
        self.expect(404, ann.buy(self.sku, 1, "999999"), "address_not_found")
        self.expect(200, ann.get(f"/api/v1/orders/{order}"))
        unknown = {"order_no": order, "provider": "cash"}
        self.expect(422, ann.post("/api/v1/payments", unknown), "unknown_provider")
        payment = self.expect(201, self.pay(order))
        self.expect(200, ann.get(f"/api/v1/payments/{payment['id']}"))
        code = payment["code_url"].partition("pr=")[2]
        self.expect(200, self.guest.get("/sandbox"))
        self.expect(200, self.guest.get(f"/sandbox/pay?pr={code}"))
        self.expect(404, self.guest.get("/sandbox/pay?pr=none"))
        self.trade = self.expect(200, self.guest.post("/sandbox/scan", {"code_url": payment["code_url"]}))
        again = self.guest.post("/sandbox/scan", {"code_url": payment["code_url"]})
        self.expect(409, again, "sandbox_already_paid")
        self.expect(409, self.guest.get(f"/sandbox/pay?pr={code}"))
        self.paid(order)
        self.expect(409, self.pay(order), "order_already_paid")
        self.expect(200, ann.get(f"/api/v1/payments/{payment['id']}"))
        self.expect(200, ann.get("/api/v1/orders?status=paid"))
        self.expect(422, ann.get("/api/v1/orders?status=lost"))
        self.order = order

    def pay_in_a_page(self):
        ann = self.ann
        order = self.expect(201, ann.buy(self.sku, 1, self.address))["order_no"]
        by_code = self.expect(201, self.pay(order))
        self.expect(404, ann.get(f"/api/v1/payments/{by_code['id']}/page"), "no_pay_page")
        wish = {"order_no": order, "provider": "alipay"}
        payment = self.expect(201, ann.post("/api/v1/payments", wish))
        self.assertIsNone(payment["code_url"] or None)
        self.expect(200, ann.get(payment["pay_page"]))
        self.expect(200, self.guest.get("/api/v1/payments/return/alipay?out_trade_no=anything"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        told = self.guest.request("POST", "/api/v1/payments/notifications/alipay", raw=b"a=b", headers=form)
        self.assertEqual((told.status, told.body), (200, b"fail"))
        self.expect(200, ann.post(f"/api/v1/orders/{order}/cancel"))

    def give_up_orders(self):
        ann = self.ann
        bare = self.expect(201, ann.buy(self.sku, 1, self.address))["order_no"]
        self.expect(200, ann.post(f"/api/v1/orders/{bare}/cancel"))
        self.expect(409, self.pay(bare), "order_closed")
        self.closed = bare
        tried = self.expect(201, ann.buy(self.sku, 1, self.address))["order_no"]
        payment = self.expect(201, self.pay(tried))
        self.expect(200, self.staff.post(f"/api/admin/v1/orders/{tried}/cancel"))
        self.wait_for("the close", lambda: ann.get(f"/api/v1/orders/{tried}").data["status"] == "closed")
        self.expect(409, self.guest.post("/sandbox/scan", {"code_url": payment["code_url"]}), "sandbox_order_closed")
        self.expect(200, ann.get(f"/api/v1/payments/{payment['id']}"))
        by_form = self.expect(201, ann.buy(self.sku, 1, self.address))["order_no"]
        code_url = self.expect(201, self.pay(by_form))["code_url"]
        form = f"code_url={shop.quote(code_url)}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.expect(200, self.guest.request("POST", "/sandbox/pay", raw=form, headers=kind))
        self.expect(409, self.guest.request("POST", "/sandbox/pay", raw=form, headers=kind))
        self.paid(by_form)

    def look_after_orders(self):
        orders, staff = "/api/admin/v1/orders", self.staff
        self.expect(200, staff.get(f"{orders}?user_id={self.ann.user['id']}&payment_status=paid&page_size=1"))
        self.expect(200, staff.get(f"{orders}/{self.order}"))
        self.expect(409, self.ann.post(f"/api/v1/orders/{self.order}/confirm"), "order_not_confirmable")
        parcel = {"carrier": "顺丰", "tracking_number": "SF1234567890"}
        self.expect(422, staff.post(f"{orders}/{self.order}/ship", {"carrier": ""}))
        self.expect(200, staff.post(f"{orders}/{self.order}/ship", parcel))
        self.expect(409, staff.post(f"{orders}/{self.closed}/ship", parcel), "order_not_shippable")
        self.expect(409, staff.post(f"{orders}/{self.order}/cancel"), "order_not_cancellable")
        self.expect(409, self.ann.post(f"/api/v1/orders/{self.order}/cancel"), "order_not_cancellable")
        self.expect(200, self.ann.post(f"/api/v1/orders/{self.order}/confirm"))
        self.expect(200, self.ann.get(f"/api/v1/orders/{self.order}"))
        self.expect(200, self.ann.get("/api/v1/orders"))
        self.expect(200, staff.get(orders))
        self.expect(200, staff.get("/api/admin/v1/payments"))
        self.expect(200, staff.get("/api/admin/v1/payments?state=paid&page_size=1"))
        self.expect(422, staff.get("/api/admin/v1/payments?flag=red"))
        self.expect(200, staff.get(f"/api/admin/v1/skus/{self.sku}/stock-ledger?page_size=100"))
        self.expect(200, self.admin.get("/api/admin/v1/audit-log?page_size=100"))

    # --- other systems --------------------------------------------------------------------------

    def give_money_back(self):
        staff, refunds = self.staff, "/api/admin/v1/refunds"
        payments = self.expect(200, staff.get("/api/admin/v1/payments?state=paid"))["list"]
        payment = next(one["id"] for one in payments if one["reference"] == self.order)
        wish = f"/api/admin/v1/payments/{payment}/refunds"
        self.expect(422, staff.post(wish, {"amount": 0, "reason": ""}), "validation_failed")
        self.expect(409, staff.post(wish, {"amount": 10_000_000, "reason": "all"}), "refund_too_much")
        refund = self.expect(201, staff.post(wish, {"amount": 100, "reason": "a scratch"}))
        self.expect(200, staff.get(f"{refunds}?payment_id={payment}&page_size=5"))
        self.expect(404, staff.get(f"{refunds}/999999"), "refund_not_found")
        number = refund["out_refund_no"]

        def became(status):
            return lambda: self.expect(200, staff.get(f"{refunds}/{refund['id']}"))["status"] == status

        self.wait_for("the provider to have it", became("processing"))
        self.expect(200, staff.post(f"{refunds}/{refund['id']}/retry"))
        self.expect(409, staff.post(f"{refunds}/{refund['id']}/resolve", {"note": "too early"}), "refund_settled")
        settle = {"provider": "wechat_pay", "out_refund_no": number, "status": "ABNORMAL"}
        shop.local_request(self.server, "POST", "/sandbox/control/settle", settle)
        self.wait_for("the bank to send it back", became("abnormal"))
        self.expect(200, staff.post(f"{refunds}/{refund['id']}/resolve", {"note": "paid in cash"}))
        back = f"/api/admin/v1/orders/{self.order}/returns"
        one = {"reason": "broken", "restock": [{"sku_id": self.sku, "quantity": 1}]}
        self.expect(409, staff.post(back, {**one, "restock": [{"sku_id": self.sku, "quantity": 99}]}), "return_too_many")
        self.expect(200, staff.post(back, one))
        self.expect(200, staff.get(f"/api/admin/v1/payments/{payment}/book-entries"))
        self.expect(200, staff.get("/api/admin/v1/books/balance?from=2026-01-01T00:00:00Z"))
        self.expect(422, staff.get("/api/admin/v1/books/balance?from=yesterday"), "validation_failed")

    def reconcile(self):
        beijing = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
        today, past = str(beijing), str(beijing - datetime.timedelta(days=2))
        runs, staff = "/api/admin/v1/reconciliations", self.staff
        self.expect(422, staff.post(runs, {"provider": "wechat_pay", "date": today}), "no_such_bill")
        self.expect(422, staff.post(runs, {"provider": "wechat_pay", "date": "2026-02-30"}), "validation_failed")
        clean = self.expect(200, staff.post(runs, {"provider": "wechat_pay", "date": past}))
        self.assertEqual((clean["state"], clean["differences"]), ("clean", []))
        # A payment that is, by our book, of that day, whose bill has it not; yesterday's may not be made yet.
        self.change_database("UPDATE payments SET paid_at = paid_at - 172800000 WHERE state = 'paid'")
        report = self.expect(200, staff.post(runs, {"provider": "wechat_pay", "date": past}))
        self.assertEqual(report["state"], "differences", report)
        missing = report["differences"][0]
        self.assertEqual((missing["kind"], missing["state"]), ("missing_there", "open"), missing)
        resolve = f"/api/admin/v1/reconciliation-differences/{missing['id']}/resolve"
        self.expect(422, staff.post(resolve, {"note": ""}), "validation_failed")
        self.assertEqual(self.expect(200, staff.post(resolve, {"note": "moved by hand"}))["state"], "resolved")
        self.expect(409, staff.post(resolve, {"note": "again"}), "difference_settled")
        self.expect(200, staff.get(runs))
        self.expect(200, staff.get(f"{runs}/{report['id']}"))
        self.expect(404, staff.get(f"{runs}/999999"), "reconciliation_not_found")
        self.change_database("UPDATE payments SET paid_at = paid_at + 172800000 WHERE state = 'paid'")

    def serve_an_order_system(self):
        self.app = payment_api.answer_everything(self)

    def look_at_alarms(self):
        doubts, staff = "/api/admin/v1/payment-doubts", self.staff
        self.change_database(
            "INSERT INTO payment_doubts (payment_id, reason, holds_refunds, raised_at)"
            " SELECT MIN(id), 'not what was expected', 0, 0 FROM payments"
        )
        alarms = self.expect(200, staff.get("/api/admin/v1/alarms"))
        self.assertTrue(alarms["raised"], alarms)
        (doubt,) = [one for one in self.expect(200, staff.get(f"{doubts}?open=true"))["list"]
                    if one["reason"] == "not what was expected"]
        resolve = f"{doubts}/{doubt['id']}/resolve"
        self.expect(422, staff.post(resolve, {"note": ""}), "validation_failed")
        self.expect(200, staff.post(resolve, {"note": "nothing"}))
        self.expect(409, staff.post(resolve, {"note": "nothing"}), "doubt_settled")
        self.expect(404, staff.post(f"{doubts}/999999/resolve", {"note": "nothing"}), "doubt_not_found")

    def change_database(self, statement):
        if self.database:
            self.database.psql(statement, self.database.name)
            return
        path = os.path.join(self.server.data, "doorbuster.db")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection, connection:
            connection.execute(statement)

    def speak_as_merchant(self):
        merchant = wechat_wire.Merchant(self.server)
        trades = "/v3/pay/transactions"
        new = merchant.native_order("statement-1")
        self.expect(200, merchant.call("POST", f"{trades}/native", new))
        self.expect(400, merchant.call("POST", f"{trades}/native", {**new, "amount": {"total": 0}}))
        self.expect(401, self.guest.post(f"{wechat_wire.PREFIX}{trades}/native", new))
        one = f"{trades}/out-trade-no/statement-1"
        self.expect(200, merchant.call("GET", f"{one}?mchid={merchant.mchid}"))
        self.expect(400, merchant.call("GET", f"{one}?mchid=1"))
        self.expect(404, merchant.call("GET", f"{trades}/out-trade-no/none?mchid={merchant.mchid}"))
        self.expect(204, merchant.call("POST", f"{one}/close", {"mchid": merchant.mchid}))
        self.expect(400, merchant.call("POST", f"{one}/close", {"mchid": "1"}))
        by_number = f"{trades}/id/{self.trade['transaction_id']}"
        self.expect(200, merchant.call("GET", f"{by_number}?mchid={merchant.mchid}"))
        self.expect(404, merchant.call("GET", f"{trades}/id/4200?mchid={merchant.mchid}"))
        self.expect(404, merchant.call("GET", "/v3/certificates"))
        self.expect(401, self.guest.get(f"{wechat_wire.PREFIX}/v3/certificates"))
        self.refund_as_merchant(merchant)
        self.speak_as_merchant_of_alipay()
        self.set_sandbox(platform_certificates=True)
        self.expect(200, merchant.call("GET", "/v3/certificates"))
        self.set_sandbox(platform_certificates=False)
        self.notify()

    def set_sandbox(self, **settings):
        shop.local_request(self.server, "PATCH", "/sandbox/control", settings)

    def refund_as_merchant(self, merchant):
        created = merchant.call("POST", "/v3/pay/transactions/native", merchant.native_order("statement-2"))
        self.expect(200, self.guest.post("/sandbox/scan", {"code_url": created.json["code_url"]}))
        refunds = "/v3/refund/domestic/refunds"
        amount = {"refund": 40, "total": 100, "currency": "CNY"}
        order = {"out_trade_no": "statement-2", "out_refund_no": "refund-1", "amount": amount}
        fault = {"out_trade_no": "statement-2", "fault": "refund_abnormal"}
        self.set_sandbox(bills_at_once=True, order_faults=[fault])
        refund = self.expect(200, merchant.call("POST", refunds, order)).json
        self.expect(400, merchant.call("POST", refunds, {**order, "amount": {**amount, "refund": 41}}))
        self.expect(404, merchant.call("GET", f"{refunds}/none"))
        one = f"{refunds}/refund-1"
        self.wait_for("an abnormal refund", lambda: merchant.call("GET", one).json["status"] == "ABNORMAL")
        self.expect(200, merchant.call("GET", one))
        again = f"{refunds}/{refund['refund_id']}/apply-abnormal-refund"
        self.expect(200, merchant.call("POST", again, {"out_refund_no": "refund-1", "type": "USER_BANK_CARD"}))
        self.expect(400, merchant.call("POST", again, {"out_refund_no": "refund-1", "type": "USER_BANK_CARD"}))
        day = refund["create_time"][:10]
        self.expect(200, merchant.call("GET", f"/v3/bill/fundflowbill?bill_date={day}"))
        self.expect(400, merchant.call("GET", "/v3/bill/fundflowbill?bill_date=2020-01-01"))
        bill = self.expect(200, merchant.call("GET", f"/v3/bill/tradebill?bill_date={day}")).json
        self.expect(400, merchant.call("GET", "/v3/bill/tradebill?bill_date=x"))
        file = "/v3/billdownload/file?" + bill["download_url"].partition("?")[2]
        self.expect(200, merchant.call("GET", file))
        self.expect(400, merchant.call("GET", file))

    def speak_as_merchant_of_alipay(self):
        app = alipay_wire.App(self.server)
        cashier = self.expect(302, app.page("statement1", "1.00")).headers["location"]
        token = cashier.partition("page=")[2]
        self.expect(200, self.guest.get(cashier))
        self.expect(404, self.guest.get("/sandbox/alipay/cashier?page=none"))
        for step in ("log-in", "pay"):
            path = f"/sandbox/alipay/cashier/{step}"
            for status, page in ((302, token), (404, "none")):
                form = f"buyer=buyer1&page={page}".encode()
                self.expect(status, self.guest.request("POST", path, raw=form, headers=alipay_wire.FORM))
        other = self.expect(302, app.page("statement2", "2.00")).headers["location"]
        self.expect(200, self.guest.post("/sandbox/alipay/scan", {"page": other}))
        paid = self.guest.post("/sandbox/alipay/scan", {"page": other})
        self.expect(409, paid, "sandbox_already_paid")
        self.expect(200, self.guest.get(f"{alipay_wire.GATEWAY}?method=alipay.trade.query"))
        day = app.call("alipay.trade.query", {"out_trade_no": "statement1"})["send_pay_date"][:10]
        content = {"bill_type": "trade", "bill_date": day}
        url = app.call("alipay.data.dataservice.bill.downloadurl.query", content)["bill_download_url"]
        self.expect(200, self.guest.get("/sandbox/alipay/bill?" + url.partition("?")[2]))
        self.expect(404, self.guest.get("/sandbox/alipay/bill?token=none"))

    def notify(self):
        path = "/api/v1/payments/notifications/wechat_pay"
        headers, body = self.kept("TRANSACTION")
        self.expect(200, self.guest.request("POST", path, raw=body, headers=headers))
        self.expect(401, self.guest.request("POST", path, raw=body + b" ", headers=headers))
        self.expect(401, self.guest.post(path, {}))
        # A payment where refunds are told, however well it is signed.
        self.expect(401, self.guest.request("POST", path + "/refunds", raw=body, headers=headers))
        headers, body = self.kept("REFUND")
        self.expect(200, self.guest.request("POST", path + "/refunds", raw=body, headers=headers))

    def kept(self, event):
        headers, body = self.wait_for(
            f"a notification of {event}", lambda: wechat_wire.kept_notification(self.server, event, self.database)
        )
        return {**headers, "Content-Type": "application/json"}, body

    def look_at_webhooks(self):
        admin, webhooks = self.admin, "/api/admin/v1/webhooks"
        one = f"{webhooks}/{self.webhook}"
        self.expect(200, admin.get(webhooks))
        self.expect(200, admin.get(one))
        deliveries = self.wait_for(
            "a delivery",
            lambda: [d for d in self.expect(200, admin.get(f"{one}/deliveries"))["list"] if d["attempts"] > 0],
        )
        self.expect(200, admin.get(f"{one}/deliveries?state=waiting&page_size=1"))
        self.expect(422, admin.get(f"{one}/deliveries?state=lost"))
        again = f"{one}/deliveries/{deliveries[0]['id']}/redeliver"
        self.expect(200, admin.post(again))
        self.expect(404, admin.post(f"{one}/deliveries/999999/redeliver"), "webhook_delivery_not_found")
        self.expect(200, admin.post(f"{one}/secret"))
        self.expect(200, admin.patch(one, {"enabled": False, "topics": ["*"]}))
        self.expect(422, admin.patch(one, {"url": "nowhere"}))
        self.expect(409, admin.post(again), "webhook_disabled")
        self.expect(200, admin.delete(one))
        self.expect(404, admin.delete(one), "webhook_not_found")

    def leave(self):
        self.expect(200, self.ann.delete("/api/v1/sessions/current"))
        self.expect(401, self.ann.get("/api/v1/users/me"), "session_invalid")
        self.ann.log_in("ann", "battery horse correct")
        self.expect(200, self.ann.delete("/api/v1/sessions"))
        self.expect(401, self.ann.delete("/api/v1/sessions/current"), "session_invalid")
        self.ann.log_in("ann", "battery horse correct")

    # --- refusals that every route has ----------------------------------------------------------

    def refuse_everybody(self):
        """No session, the wrong one, a query and a body that cannot be read, an id that names nothing."""
        for (method, pattern), operation in self.document.operations.items():
            if not pattern.startswith("/api/") or "notifications" in pattern:
                continue
            with self.subTest(operation=f"{method} {pattern}"):
                self.refuse(method, re.sub(r"\{\w+\}", "999999999", pattern), operation)

    def refuse(self, method, path, operation):
        access = operation["x-access"]
        known = {"user": self.ann, "optional": self.ann, "anyone": self.guest, "app": self.app}
        client = known.get(access, self.admin)
        self.expect(400, client.request(method, f"{path}?q=%ff"), "invalid_request")
        if access in ("user", "app") or access.startswith("staff"):
            self.expect(401, self.guest.request(method, path), "unauthenticated")
        if access.startswith("staff"):
            self.expect(403, self.ann.request(method, path), "forbidden")
        if "requestBody" in operation:
            self.expect(400, client.request(method, path, raw=b"{", headers={"Content-Type": "application/json"}))
            text = client.request(method, path, raw=b"{}", headers={"Content-Type": "text/plain"})
            self.expect(415, text)
        if "999999999" in path:
            named_nothing = client.request(method, path, body={} if "requestBody" in operation else None)
            self.assertIn(named_nothing.status, (404, 422), named_nothing)


class AnswersOnPostgres(shop.OnPostgres, Answers):
    """The same with PostgreSQL as the database."""


if __name__ == "__main__":
    unittest.main()
