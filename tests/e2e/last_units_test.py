"""Many shoppers after the last units: exactly the stock is sold, and nobody gets a 500."""

import threading
import unittest

import shop

UNITS = 40
BUYERS = 12
TRIES = 10


class LastUnits(shop.ShopTest):
    settings = {"orders.unpaid_max": "1000"}

    def test_exactly_the_stock_is_sold(self):
        admin = self.server.admin()
        product, sku = shop.first_sku(admin)
        self.assert_status(admin.put(f"/api/admin/v1/skus/{sku['id']}/stock", {"available": UNITS, "note": "t"}), 200)
        buyers = []
        for number in range(BUYERS):
            client = self.server.client().register(f"buyer{number}")
            buyers.append((client, client.add_address()))
        answers = []
        lock = threading.Lock()
        start = threading.Barrier(BUYERS)

        def buy(client, address):
            start.wait()
            mine = [client.buy(sku["id"], 1, address) for _ in range(TRIES)]
            with lock:
                answers.extend(mine)

        threads = [threading.Thread(target=buy, args=buyer) for buyer in buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sum(1 for a in answers if a.status == 201), UNITS)
        for answer in answers:
            if answer.status != 201:
                self.assert_status(answer, 409, "out_of_stock")
        detail = admin.get(f"/api/v1/products/{product['id']}").data
        self.assertEqual(next(s["stock"] for s in detail["skus"] if s["id"] == sku["id"]), 0)
        self.assert_clean_audit()


class LastUnitsOnPostgres(shop.OnPostgres, LastUnits):
    """The same with PostgreSQL as the database."""


if __name__ == "__main__":
    unittest.main()
