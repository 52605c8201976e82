"""A flash sale from its draft to its end, against the started binary: by staff, buyers, who waits, and who cheats."""

import threading
import unittest
import uuid

import flash
import shop


class FlashSale(flash.FlashShop):
    def promo_in_detail(self):
        promotion = self.admin.get(f"/api/v1/products/{self.product['id']}").data["promotion"]
        return promotion and promotion["items"][0]

    def pay(self, client, number):
        wanted = {"order_no": number, "provider": "wechat_pay"}
        payment = self.assert_status(client.post("/api/v1/payments", wanted), 201).data
        self.assert_status(client.post("/sandbox/scan", {"code_url": payment["code_url"]}), 200)
        path = f"/api/v1/orders/{number}"
        return self.wait_for("the payment", lambda: (o := client.get(path).data)["status"] == "paid" and o)

    def test_from_the_draft_to_the_end(self):
        sale = flash.Sale(self.admin, [flash.terms(self.sku["id"], price=1, allotment=2)])
        self.assertIsNone(self.promo_in_detail())
        self.assertEqual(self.ordinary_stock(), 100)
        sale.publish()
        sale.publish()  # once more changes nothing
        self.assertEqual(self.ordinary_stock(), 98)
        self.see_it_everywhere(sale)

        ann, ben, eve = (self.shopper(name) for name in ("ann", "ben", "eve"))
        key = str(uuid.uuid4())
        text = flash.token(ann, sale.item)
        placed = self.assert_status(flash.order(ann, sale.item, text, ann.address, key=key), 201)
        again = self.assert_status(flash.order(ann, sale.item, text, ann.address, key=key), 201)
        self.assertEqual(again.data, placed.data)
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        number = placed.data["order_no"]
        shown = ann.get(f"/api/v1/orders/{number}").data
        self.assertEqual((shown["items_total"], shown["status"]), (1, "pending_payment"))
        self.assertEqual(shown["items"][0]["promotion"], {"item_id": sale.item, "name": "Singles' Day"})
        self.assertEqual(sale.counters(), (2, 1, 1, 0, 0))
        self.pay(ann, number)
        self.assertEqual(sale.counters(), (2, 1, 0, 1, 0))

        second = self.assert_status(self.buy(ben, sale.item), 201).data["order_no"]
        self.assertEqual((self.promo_in_detail()["sold_out"], self.promo_in_detail()["stock_band"]), (True, "none"))
        guest = self.server.client()  # told before anybody asks who it is
        for what in ("captcha", "token", "orders"):
            self.assert_status(guest.post(flash.path_of(sale.item, what), {}), 409, "sold_out")
        self.wait_and_claim(sale, eve, ben, second)
        self.pause_and_end(sale)
        self.assert_clean_audit()

    def see_it_everywhere(self, sale):
        promo = self.promo_in_detail()
        self.assertEqual((promo["item_id"], promo["sku_id"]), (sale.item, self.sku["id"]))
        self.assertEqual((promo["price"], promo["original_price"]), (1, self.sku["price"]))
        self.assertEqual((promo["status"], promo["paused"], promo["sold_out"]), ("live", False, False))
        self.assertNotIn("left", promo)
        guest = self.server.client()
        listed = guest.get("/api/v1/promotions").data
        self.assertTrue(listed["server_time"])
        self.assertEqual([one["item_id"] for one in listed["list"][0]["items"]], [sale.item])
        products = guest.get("/api/v1/products?page_size=100").data["list"]
        mine = next(one for one in products if one["id"] == self.product["id"])
        self.assertEqual(mine["promotion"]["items"][0]["price"], 1)
        self.assertEqual([one for one in products if one["promotion"] and one["id"] != mine["id"]], [])

    def wait_and_claim(self, sale, waiting, leaving, number):
        waitlist = flash.path_of(sale.item, "waitlist")
        self.assert_status(waiting.post(waitlist), 201)
        self.assert_status(leaving.post(f"/api/v1/orders/{number}/cancel"), 200)
        self.assertEqual(waiting.get(waitlist).data["state"], "offered")
        self.assertEqual(sale.counters(), (2, 0, 0, 1, 1))
        self.assert_status(leaving.post(flash.path_of(sale.item, "captcha")), 409, "sold_out")
        self.assert_status(leaving.post(f"{waitlist}/claim", {"address_id": leaving.address}), 409, "no_offer")
        claimed = self.assert_status(waiting.post(f"{waitlist}/claim", {"address_id": waiting.address}), 201)
        self.pay(waiting, claimed.data["order_no"])
        self.assertEqual(sale.counters(), (2, 0, 0, 2, 0))

    def pause_and_end(self, sale):
        sale.add_units(3)
        self.assertFalse(self.promo_in_detail()["sold_out"])
        dan = self.shopper("dan")
        text = flash.token(dan, sale.item)
        sale.act("pause")
        self.assertTrue(self.promo_in_detail()["paused"])
        self.assert_status(flash.order(dan, sale.item, text, dan.address), 409, "sale_paused")
        sale.act("resume")
        # A pause costs nobody the token.
        self.assert_status(flash.order(dan, sale.item, text, dan.address), 201)
        self.assertEqual(sale.counters(), (5, 2, 1, 2, 0))
        before = self.ordinary_stock()
        ended = sale.act("end")
        self.assertEqual((ended["state"], ended["phase"]), ("ended", "ended"))
        self.assertEqual(self.ordinary_stock(), before + 2)
        self.assertIsNone(self.promo_in_detail())
        self.assertEqual(self.server.client().get("/api/v1/promotions").data["total"], 0)
        self.assert_status(dan.post(flash.path_of(sale.item, "captcha")), 410, "sale_ended")
        # Who had ordered in time can still pay; what comes back now is ordinary stock.
        late = dan.get("/api/v1/orders").data["list"][0]["order_no"]
        self.assert_status(dan.post(f"/api/v1/orders/{late}/cancel"), 200)
        self.assertEqual(self.ordinary_stock(), before + 3)

    def test_ordinary_orders_and_the_allotment_do_not_touch(self):
        sale = flash.Sale(self.admin, [flash.terms(self.sku["id"], allotment=60, per_user=5)]).publish()
        ann = self.shopper("ann")
        self.assert_status(ann.buy(self.sku["id"], 41, ann.address), 409, "out_of_stock")
        self.assert_status(ann.buy(self.sku["id"], 40, ann.address), 201)
        self.assert_status(ann.buy(self.sku["id"], 1, ann.address), 409, "out_of_stock")
        self.assertEqual(sale.counters(), (60, 60, 0, 0, 0))
        self.assert_status(self.buy(ann, sale.item, 5), 201)
        self.assertEqual(self.ordinary_stock(), 0)
        self.assertEqual(sale.counters(), (60, 55, 5, 0, 0))
        self.assert_clean_audit()

    def test_publishing_with_too_little_stock_is_refused_whole(self):
        other = self.another_sku()
        flash.set_stock(self.admin, other["id"], 5)
        sale = flash.Sale(
            self.admin, [flash.terms(self.sku["id"], allotment=10), flash.terms(other["id"], allotment=6)]
        )
        refused = self.assert_status(self.admin.post(f"{sale.path}/publish"), 409, "out_of_stock")
        self.assertEqual([d["field"] for d in refused.json["details"]], [f"skus[{other['id']}]"])
        self.assertEqual(self.ordinary_stock(), 100)
        self.assertEqual(self.admin.get(sale.path).data["state"], "draft")
        self.assertEqual(self.server.client().get("/api/v1/promotions").data["total"], 0)
        buyer = self.shopper("ann")
        self.assert_status(buyer.post(flash.path_of(sale.item, "captcha")), 404, "promotion_item_not_found")
        flash.set_stock(self.admin, other["id"], 6)
        sale.publish()
        self.assertEqual(self.ordinary_stock(), 90)
        self.assert_clean_audit()

    def test_no_shopper_can_have_an_order_of_a_rehearsal(self):
        """Its captcha is known to everybody, its units are nobody's goods, and an order could be paid for."""
        ann = self.shopper("ann")
        item = flash.terms(self.sku["id"], price=1, allotment=10_000)
        sale = flash.Sale(self.admin, [item], shadow=True).publish()
        self.assertEqual(self.server.client().get("/api/v1/promotions").data["total"], 0)
        self.assert_status(ann.post(flash.path_of(sale.item, "captcha")), 404, "promotion_item_not_found")
        self.assertEqual(sale.counters(), (10_000, 10_000, 0, 0, 0))
        self.assertEqual(self.ordinary_stock(), 100)
        self.assertEqual(ann.get("/api/v1/orders").data["total"], 0)
        sale.act("end")
        self.assert_clean_audit()

    def another_sku(self):
        for product in self.admin.get("/api/v1/products?page_size=100").data["list"]:
            for sku in self.admin.get(f"/api/v1/products/{product['id']}").data["skus"]:
                if sku["id"] != self.sku["id"]:
                    return sku
        raise AssertionError("the demo shop has one SKU only")

    def test_every_refusal_has_its_own_name_and_moves_nothing(self):
        table = Refusals(self)
        for says, (status, error), attempt in table.rows():
            with self.subTest(says):
                before = table.everything()
                self.assert_status(attempt(), status, error)
                self.assertEqual(table.everything(), before)
        self.assert_clean_audit()

    def test_one_user_with_thousands_of_calls_never_goes_above_the_limit(self):
        limit, threads, turns = 3, 12, 60
        items = [flash.terms(self.sku["id"], allotment=90, per_user=limit, per_order=1)]
        sale = flash.Sale(self.admin, items).publish()
        ann = self.shopper("ann")
        answers = []

        def try_hard():
            wires = [flash.Wire(self.server.port) for _ in range(3)]
            mine = [self.try_at_once(wires, sale.item, ann) for _ in range(turns)]
            answers.extend(answer for some in mine for answer in some)
            for wire in wires:
                wire.close()

        crowd = [threading.Thread(target=try_hard) for _ in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        self.assertEqual(len(answers), threads * turns * 3)
        placed = [answer.data["order_no"] for answer in answers if answer.status == 201]
        self.assertEqual(len(set(placed)), limit)
        told = {answer.error for answer in answers if answer.status != 201}
        self.assertLessEqual(told, {"limit_reached", "token_used", "token_invalid"})
        self.assertIn("limit_reached", told)
        self.assertEqual(sale.counters(), (90, 90 - limit, limit, 0, 0))
        self.assert_clean_audit()

    def try_at_once(self, wires, item, client):
        """A token if there is one, and three orders with three keys, all under way at once."""
        first = wires[0]
        first.send(flash.path_of(item, "captcha"), client.token)
        challenge = first.read()
        text = "none"
        if challenge.status == 201:
            solved = {"captcha_id": challenge.data["captcha_id"], "answer": flash.CAPTCHA_ANSWER}
            first.send(flash.path_of(item, "token"), client.token, solved)
            given = first.read()
            if given.status == 201:
                text = given.data["token"]
            elif given.error == "limit_reached":
                text = "limit"
        for wire in wires:
            wanted = {"token": text, "address_id": client.address, "quantity": 1}
            wire.send(flash.path_of(item, "orders"), client.token, wanted, str(uuid.uuid4()))
        answers = [wire.read() for wire in wires]
        return [given] * 3 if text == "limit" else answers


class Refusals:
    """The sales and shoppers of the table of refusals."""

    def __init__(self, test):
        self.test = test
        other = test.another_sku()
        flash.set_stock(test.admin, other["id"], 100)
        items = [flash.terms(test.sku["id"], per_user=3, per_order=2), flash.terms(other["id"])]
        self.sale = flash.Sale(test.admin, items).publish()
        self.ann, self.ben = test.shopper("ann"), test.shopper("ben")

    def everything(self):
        """Every counter of the shop that an order could move."""
        test, admin = self.test, self.test.admin
        live = [admin.get(f"{one['path']}/live").data["items"] for one in self.all_sales()]
        counters = [[(i["granted"], i["left"], i["held"], i["sold"], i["offered"]) for i in items] for items in live]
        orders = admin.get("/api/admin/v1/orders").data["total"]
        return counters, orders, test.ordinary_stock()

    def all_sales(self):
        listed = self.test.admin.get(f"{flash.Sale.ROOT}?page_size=100").data["list"]
        return [{"path": f"{flash.Sale.ROOT}/{one['id']}"} for one in sorted(listed, key=lambda one: int(one["id"]))]

    def rows(self):
        """What is tried, what it gets, and how it is tried. Sales are prepared between the attempts."""
        yield from self.of_tokens()
        yield from self.of_captchas()
        yield from self.of_quantities()
        yield from self.of_time()

    def try_order(self, text, quantity=1, client=None, item=None, address=None, key=None):
        client = client or self.ann
        return flash.order(client, item or self.sale.item, text, address or client.address, quantity, key)

    def of_tokens(self):
        invalid, item = (403, "token_invalid"), self.sale.item
        good = flash.token(self.ann, item)
        forged = good[:-1] + ("A" if good[-1] != "A" else "Q")
        yield "no token", (422, None), lambda: self.ann.post(
            flash.path_of(item, "orders"), {"address_id": self.ann.address}
        )
        yield "words for a token", invalid, lambda: self.try_order("let me in")
        yield "a forged signature", invalid, lambda: self.try_order(forged)
        yield "a forged claim", invalid, lambda: self.try_order("B" + good[1:])
        yield "half a token", invalid, lambda: self.try_order(good[: len(good) // 2])
        yield "another user's", invalid, lambda: self.try_order(good, client=self.ben)
        yield "of another item", invalid, lambda: self.try_order(good, item=self.sale.items[1])
        yield "another's address", (404, "address_not_found"), lambda: self.try_order(good, address=self.ben.address)
        used = flash.token(self.ben, item)
        assert self.try_order(used, client=self.ben).status == 201
        yield "used twice", (409, "token_used"), lambda: self.try_order(used, client=self.ben)
        replaced = flash.token(self.ann, item)
        flash.token(self.ann, item)
        yield "replaced by a newer one", (409, "token_used"), lambda: self.try_order(replaced)
        given_back = flash.token(self.ann, item)
        assert self.ann.delete(flash.path_of(item, "token")).status == 200
        yield "given back", (409, "token_used"), lambda: self.try_order(given_back)
        before = flash.token(self.ann, item)
        moved = {"ends_at": flash.time_text(7200)}
        assert self.test.admin.put(f"{self.sale.path}/window", moved).status == 200
        yield "of another epoch", (403, "token_expired"), lambda: self.try_order(before)

    def of_captchas(self):
        path = flash.path_of(self.sale.item, "token")

        def ask(client=self.ann):
            return flash.captcha(client, self.sale.item).data["captcha_id"]

        def answer(number, text=flash.CAPTCHA_ANSWER, client=self.ann):
            return client.post(path, {"captcha_id": number, "answer": text})

        yield "a wrong answer", (422, "captcha_wrong"), lambda: answer(ask(), "WRONG")
        tired = ask()
        for _ in range(3):
            answer(tired, "WRONG")
        yield "the right one after three wrong ones", (410, "captcha_gone"), lambda: answer(tired)
        used = ask()
        assert answer(used).status == 201
        yield "answered twice", (410, "captcha_gone"), lambda: answer(used)
        yield "another user's", (410, "captcha_gone"), lambda: answer(ask(), client=self.ben)
        elsewhere = flash.path_of(self.sale.items[1], "token")
        yield "of another item", (410, "captcha_gone"), lambda: self.ann.post(
            elsewhere, {"captcha_id": ask(), "answer": flash.CAPTCHA_ANSWER}
        )

    def of_quantities(self):
        for quantity in (0, -1, 2**63, 1.5, "1"):
            yield f"{quantity!r} units", (422, "validation_failed"), lambda quantity=quantity: self.try_order(
                flash.token(self.ann, self.sale.item), quantity
            )
        yield "more than an order holds", (422, "quantity_above_limit"), lambda: self.try_order(
            flash.token(self.ann, self.sale.item), 3
        )
        assert self.try_order(flash.token(self.ben, self.sale.item), client=self.ben).status == 201  # two of three
        yield "more than are left to the user", (409, "limit_reached"), lambda: self.try_order(
            flash.token(self.ben, self.sale.item), 2, client=self.ben
        )
        assert self.try_order(flash.token(self.ben, self.sale.item), client=self.ben).status == 201
        yield "a token beyond the limit", (409, "limit_reached"), lambda: flash.token_answer(self.ben, self.sale.item)
        for wrong in ("999999999", "0", "x", str(2**64)):
            yield f"item {wrong}", (404, "promotion_item_not_found"), lambda wrong=wrong: self.try_order(
                "any", item=wrong
            )

    def of_time(self):
        admin, item = self.test.admin, self.sale.item
        product = f"/api/admin/v1/products/{self.test.product['id']}"
        assert admin.post(f"{product}/archive").status == 200
        yield "a product that is sold no more", (409, "sku_off_sale"), lambda: self.try_order(
            flash.token(self.ann, item)
        )
        assert admin.post(f"{product}/publish").status == 200
        good = flash.token(self.ann, item)
        self.sale.act("pause")
        for what, attempt in self.every_step(item, good):
            yield f"{what} in a pause", (409, "sale_paused"), attempt
        self.sale.act("resume")
        switch = "/api/admin/v1/flash-sales/switch"
        assert admin.put(switch, {"stopped": True}).status == 200
        for what, attempt in self.every_step(item, good):
            yield f"{what} when all is stopped", (503, "sales_stopped"), attempt
        assert admin.put(switch, {"stopped": False}).status == 200
        self.sale.act("end")
        for what, attempt in self.every_step(item, good):
            yield f"{what} after the end", (410, "sale_ended"), attempt
        coming = flash.Sale(admin, [flash.terms(self.test.sku["id"])], starts=3600, ends=7200).publish()
        for what, attempt in self.every_step(coming.item, good):
            yield f"{what} before the start", (403, "not_open"), attempt
        hidden = flash.Sale(admin, [flash.terms(self.test.another_sku()["id"])])
        for what, attempt in self.every_step(hidden.item, good):
            yield f"{what} of a draft", (404, "promotion_item_not_found"), attempt

    def every_step(self, item, text):
        yield "a captcha", lambda: flash.captcha(self.ann, item)
        yield "a token", lambda: self.ann.post(flash.path_of(item, "token"), {"captcha_id": "x", "answer": "x"})
        yield "an order", lambda: self.try_order(text, item=item)
        yield "an order with a key", lambda: self.try_order(text, item=item, key=str(uuid.uuid4()))
        yield "a claim", lambda: self.ann.post(
            flash.path_of(item, "waitlist/claim"), {"address_id": self.ann.address}, headers={"Idempotency-Key": "new"}
        )


class FlashSaleOnPostgres(shop.OnPostgres, FlashSale):
    """The same with PostgreSQL as the database."""


class ShortTokens(flash.FlashShop):
    settings = {**flash.NO_LIMITS, "flash_sale.token_seconds": "5"}

    def test_a_token_that_has_expired_counts_no_more_and_its_place_is_free_again(self):
        sale = flash.Sale(self.admin, [flash.terms(self.sku["id"])]).publish()
        ann = self.shopper("ann")
        answer = self.assert_status(flash.token_answer(ann, sale.item), 201)
        self.wait_for("its end", lambda: flash.time_text(0) > answer.data["expires_at"])
        refused = flash.order(ann, sale.item, answer.data["token"], ann.address)
        self.assert_status(refused, 403, "token_expired")
        self.assertEqual(sale.counters(), (10, 10, 0, 0, 0))
        self.wait_for("the free place", lambda: sale.live()["door_leases"] == 0)
        self.assert_status(self.buy(ann, sale.item), 201)
        self.assert_clean_audit()


if __name__ == "__main__":
    unittest.main()
