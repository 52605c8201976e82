"""Buying by Alipay against the started binary: through the pages of shop and provider, as a person does."""

import json
import types
import unittest
import urllib.parse

import shop
from browser import Browser, Page


class AlipayPurchase(shop.ShopTest):
    def setUp(self):
        super().setUp()
        self.ann = self.server.client().register("ann")
        self.guest = self.server.client()  # at the provider nobody is signed in at the shop
        self.sku = shop.first_sku(self.ann, 10)[1]
        self.address = self.ann.add_address()

    def order(self):
        return self.assert_status(self.ann.buy(self.sku["id"], 1, self.address), 201).data

    def begin(self, order, provider="alipay", **more):
        wish = {"order_no": order["order_no"], "provider": provider, **more}
        return self.assert_status(self.ann.post("/api/v1/payments", wish), 201).data

    def status(self, order):
        return self.ann.get(f"/api/v1/orders/{order['order_no']}").data["status"]

    def wait_until_paid(self, order):
        self.wait_for("the payment", lambda: self.status(order) == "paid")
        paid = self.ann.get(f"/api/v1/orders/{order['order_no']}").data
        self.assertEqual((paid["payment_status"], paid["total"]), ("paid", order["total"]))
        self.assertTrue(paid["paid_at"])

    def payments_of(self, order):
        """As staff see them, the newest first."""
        listed = self.staff.get("/api/admin/v1/payments?page_size=100").data["list"]
        return [payment for payment in listed if payment["reference"] == order["order_no"]]

    def log_in(self, page):
        """The cashier's first page; what comes next, where the buyer pays."""
        self.assertIn("登录或扫码", page.text)
        return Browser(self.guest).send(page.form)

    def pay(self, page):
        """From the cashier's first page to the end; the provider's last page."""
        asked = self.log_in(page)
        self.assertIn("确认付款", asked.text)
        done = Browser(self.guest).send(asked.form)
        self.assertIn("支付成功", done.text)
        return done

    def content_of(self, payment):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(payment["redirect_url"]).query)
        return json.loads(query["biz_content"][0])

    def test_from_the_order_to_the_return_from_the_provider(self):
        order = self.order()
        payment = self.begin(order)
        self.assertEqual((payment["status"], payment["amount"]), ("pending", order["total"]))
        self.assertEqual((payment["code_url"], payment["qr_svg"]), (None, None))
        yuan = f"{order['total'] // 100}.{order['total'] % 100:02}"
        self.assertEqual(self.content_of(payment)["total_amount"], yuan)

        form = Page(types.SimpleNamespace(status=201, headers={}, body=payment["form_html"].encode())).form
        self.assertEqual(list(form.fields), ["biz_content"])
        cashier = Browser(self.guest).send(form)
        self.assertIn("¥" + yuan, cashier.text)
        self.assertEqual(self.status(order), "pending_payment")
        done = self.pay(cashier)

        (back,) = [link for link in done.links if "/api/v1/payments/return/alipay?" in link]
        returned = Browser(self.guest).open(back)
        self.assertEqual(returned.status, 200)
        self.assertIn("正在确认您的付款", returned.text)
        self.assertEqual(returned.links, ["/"])
        self.wait_until_paid(order)
        shown = self.ann.get(f"/api/v1/payments/{payment['id']}").data
        self.assertEqual((shown["status"], shown["pay_page"]), ("paid", None))
        self.assert_clean_audit()

    def test_the_address_of_the_return_pays_nothing(self):
        order = self.order()
        payment = self.begin(order)
        Browser(self.guest).open(payment["redirect_url"])
        number = self.content_of(payment)["out_trade_no"]
        told = {"out_trade_no": number, "trade_status": "TRADE_SUCCESS", "total_amount": "1.00", "trade_no": "1"}
        for _ in range(3):
            page = Browser(self.guest).open("/api/v1/payments/return/alipay?" + urllib.parse.urlencode(told))
            self.assertEqual(page.status, 200)
        self.assertEqual(self.status(order), "pending_payment")

    def test_the_pay_page_can_be_opened_again_until_it_is_paid(self):
        order = self.order()
        payment = self.begin(order)
        self.assertEqual(self.begin(order)["id"], payment["id"], "asked again, it is the same attempt")
        first, second = (Browser(self.ann).open(payment["pay_page"]) for _ in range(2))
        self.assertEqual(first.headers["cache-control"], "no-store")
        left = Browser(self.guest).send(first.form)
        self.log_in(left)  # and the window is closed
        done = Browser(self.guest).send(self.log_in(Browser(self.guest).send(second.form)).form)
        self.assertIn("支付成功", done.text)
        self.wait_until_paid(order)
        self.assert_status(self.ann.get(payment["pay_page"]), 409, "already_paid")
        again = Browser(self.guest).open(payment["redirect_url"])
        self.assertEqual(again.forms, [], again.text)
        self.assert_clean_audit()

    def test_changing_the_provider_to_and_fro_is_paid_once(self):
        self.staff = self.server.admin()
        order = self.order()
        code = self.begin(order, "wechat_pay")["code_url"]
        by_page = self.begin(order, "alipay")
        self.assert_status(self.guest.post("/sandbox/scan", {"code_url": code}), 409)
        asked = self.log_in(Browser(self.guest).open(by_page["redirect_url"]))
        last = self.begin(order, "wechat_pay")
        refused = Browser(self.guest).send(asked.form)
        self.assertNotIn("支付成功", refused.text)
        self.assert_status(self.ann.get(by_page["pay_page"]), 409)
        self.assert_status(self.guest.post("/sandbox/scan", {"code_url": last["code_url"]}), 200)
        self.wait_until_paid(order)
        states = [(payment["provider"], payment["status"]) for payment in self.payments_of(order)]
        self.assertEqual(states, [("wechat_pay", "paid"), ("alipay", "closed"), ("wechat_pay", "closed")])
        self.assert_clean_audit()

    def test_a_forgotten_tab_that_is_paid_too_gets_its_money_back(self):
        self.staff = self.server.admin()
        order = self.order()
        forgotten = self.begin(order, "alipay")["redirect_url"]
        code = self.begin(order, "wechat_pay")["code_url"]
        self.assert_status(self.guest.post("/sandbox/scan", {"code_url": code}), 200)
        self.wait_until_paid(order)
        self.pay(Browser(self.guest).open(forgotten))

        def given_back():
            kept, twice = self.payments_of(order)
            return twice["refunded"] == order["total"] and (kept, twice)

        kept, twice = self.wait_for("the refund", given_back)
        self.assertEqual((kept["provider"], kept["duplicate"], kept["refunded"]), ("wechat_pay", False, 0))
        self.assertEqual((twice["provider"], twice["duplicate"], twice["status"]), ("alipay", True, "paid"))
        self.assertEqual(self.status(order), "paid")
        self.assert_clean_audit()

    def test_wrong_wishes_begin_nothing(self):
        self.staff = self.server.admin()
        order = self.order()

        def refused(status, error, wish, client=self.ann):
            answer = self.assert_status(client.post("/api/v1/payments", wish), status, error)
            self.assertNotIn("form_html", answer.body.decode())
            return answer

        for provider in ("alipay", "wechat_pay"):
            wish = {"order_no": order["order_no"], "provider": provider}
            refused(404, "order_not_found", wish, self.server.client().register("eve_" + provider))
            refused(401, "unauthenticated", wish, self.guest)
            refused(404, "order_not_found", {**wish, "order_no": "1"})
        for word in ("cash", "Alipay", "ali pay", "支付宝", "' OR 1=1"):
            answer = refused(422, "unknown_provider", {"order_no": order["order_no"], "provider": word})
            self.assertEqual([detail["field"] for detail in answer.json["details"]], ["provider"])
        refused(422, "validation_failed", {"order_no": order["order_no"]})
        self.assertEqual(self.payments_of(order), [])

        given_up = self.order()
        self.assert_status(self.ann.post(f"/api/v1/orders/{given_up['order_no']}/cancel", {}), 200)
        refused(409, "order_closed", {"order_no": given_up["order_no"], "provider": "alipay"})
        payment = self.begin(order)
        self.assert_status(self.guest.get(payment["pay_page"]), 401)
        self.pay(Browser(self.guest).open(payment["redirect_url"]))
        self.wait_until_paid(order)
        for provider in ("alipay", "wechat_pay"):
            refused(409, "order_already_paid", {"order_no": order["order_no"], "provider": provider})

    def test_an_amount_of_the_clients_is_ignored_and_told(self):
        for provider in ("alipay", "wechat_pay"):
            order = self.order()
            for amount in (1, -1, 0, 10**18, "1", [], {}):
                payment = self.begin(order, provider, amount=amount)
                self.assertEqual((payment["ignored"], payment["amount"]), (["amount"], order["total"]))
            self.assertNotIn("ignored", self.begin(order, provider))


class AlipayPurchaseOnPostgres(shop.OnPostgres, AlipayPurchase):
    """The same with PostgreSQL as the database."""


if __name__ == "__main__":
    unittest.main()
