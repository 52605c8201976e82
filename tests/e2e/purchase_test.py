"""The whole way of a purchase against the started binary: register, browse, order, pay, see it paid."""

import os
import unittest

import shop


class Purchase(shop.ShopTest):
    def pay_and_wait(self, client, order_no):
        payment = self.assert_status(
            client.post("/api/v1/payments", {"order_no": order_no, "provider": "wechat_pay"}), 201
        ).data
        self.assertTrue(payment["code_url"].startswith("weixin://"), payment)
        self.assertIn("<svg", payment["qr_svg"])
        scanned = client.post("/sandbox/scan", {"code_url": payment["code_url"]})
        self.assert_status(scanned, 200)
        order = self.wait_for(
            "the payment",
            lambda: (o := client.get(f"/api/v1/orders/{order_no}").data)["status"] == "paid" and o,
        )
        self.assertEqual(order["payment_status"], "paid")
        self.assertTrue(order["paid_at"])
        self.assertEqual(client.get(f"/api/v1/payments/{payment['id']}").data["status"], "paid")
        return order

    def buy_something(self, client):
        product, sku = shop.first_sku(client, 2)
        self.assert_status(client.post("/api/v1/cart/lines", {"sku_id": sku["id"], "quantity": 2}), 200)
        cart = client.get("/api/v1/cart").data
        self.assertEqual(cart["lines"][0]["sku_id"], sku["id"])
        address = client.add_address()
        order = self.assert_status(client.post("/api/v1/orders", {"address_id": address}), 201).data
        self.assertEqual(order["status"], "pending_payment")
        self.assertEqual(client.get("/api/v1/cart").data["lines"], [])
        left = client.get(f"/api/v1/products/{product['id']}").data
        stock = next(s["stock"] for s in left["skus"] if s["id"] == sku["id"])
        self.assertEqual(stock, sku["stock"] - 2)
        paid = self.pay_and_wait(client, order["order_no"])
        self.assertEqual(paid["total"], order["total"])
        return paid

    def test_on_the_demo_shop(self):
        client = self.server.client().register("ann")
        self.buy_something(client)
        self.assert_clean_audit()

    def test_survives_a_restart_between_order_and_payment(self):
        client = self.server.client().register("ann")
        product, sku = shop.first_sku(client)
        order = self.assert_status(client.buy(sku["id"], 1, client.add_address()), 201).data
        client.close()
        self.assertEqual(self.server.stop(), 0)
        self.server.restart()
        self.pay_and_wait(client, order["order_no"])
        self.assert_clean_audit()


class PurchaseOnPostgres(shop.OnPostgres, Purchase):
    """The same with PostgreSQL as the database."""


class PurchaseOnRealGoods(Purchase):
    """The same on a shop's real catalogue, where it is present."""

    demo = False

    def setUp(self):
        goods = os.path.join(shop.SHARED, "data", "goods-zh.csv")
        if not os.path.exists(goods):
            self.skipTest(f"{goods} is absent")
        super().setUp()
        shop.run_command("import", goods, data=self.server.data)

    def test_on_the_demo_shop(self):
        client = self.server.client().register("ann")
        self.assertEqual(client.get("/api/v1/products").data["total"], 238)  # and one draft
        found = client.get(f"/api/v1/products?q={shop.quote('四件套')}").data
        self.assertGreater(found["total"], 0)
        self.buy_something(client)
        self.assert_clean_audit()


if __name__ == "__main__":
    unittest.main()
