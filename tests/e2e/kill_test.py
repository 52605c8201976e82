"""kill -9 in the middle of load: every order that was acknowledged is there, and the audit is clean."""

import os
import threading
import unittest
import uuid

import shop

ROUNDS = int(os.environ.get("DOORBUSTER_TEST_KILL_ROUNDS", "50"))
BUYERS = 4
ORDERS_BEFORE_THE_KILL = 25


class Kill(shop.ShopTest):
    settings = {"orders.unpaid_max": "1000", "server.access_log": "false"}

    def setUp(self):
        super().setUp()
        self.acknowledged = []  # written down before it counts
        self.lock = threading.Lock()

    def load_until_killed(self, buyers, sku_id):
        enough = threading.Event()
        killed = threading.Event()
        refused = []

        def shop_until_killed(client, address):
            while not killed.is_set():
                key = str(uuid.uuid4())
                try:
                    answer = client.buy(sku_id, 1, address, key=key)
                except Exception:
                    return  # the connection died with the server
                if answer.status == 201:
                    with self.lock:
                        self.acknowledged.append((client, address, key, answer.data["order_no"]))
                        self.round += 1
                        if self.round >= ORDERS_BEFORE_THE_KILL:
                            enough.set()
                else:
                    refused.append(answer)
                    enough.set()
                    return

        self.round = 0
        threads = [threading.Thread(target=shop_until_killed, args=buyer) for buyer in buyers]
        for thread in threads:
            thread.start()
        enough.wait(shop.DEADLINE)
        self.server.kill()
        killed.set()
        for thread in threads:
            thread.join()
        self.assertEqual(refused, [])

    def test_no_acknowledged_order_is_lost(self):
        admin = self.server.admin()
        product, sku = shop.first_sku(admin)
        self.assert_status(
            admin.put(f"/api/admin/v1/skus/{sku['id']}/stock", {"available": 1_000_000, "note": "for the test"}), 200
        )
        admin.close()
        buyers = []
        for number in range(BUYERS):
            client = self.server.client().register(f"buyer{number}")
            buyers.append((client, client.add_address()))
        for _ in range(ROUNDS):
            before = len(self.acknowledged)
            self.load_until_killed(buyers, sku["id"])
            for client, _ in buyers:
                client.close()
            self.server.restart()
            # Sessions survive too: the same tokens are used on.
            for client, address, key, order_no in self.acknowledged[before:]:
                order = client.get(f"/api/v1/orders/{order_no}")
                self.assert_status(order, 200)
                again = client.buy(sku["id"], 1, address, key=key)
                self.assert_status(again, 201)
                self.assertEqual(again.data["order_no"], order_no, "the key's first answer was lost")
                self.assertEqual(again.headers.get("idempotent-replayed"), "true")
            self.assert_clean_audit()
        self.assertGreaterEqual(len(self.acknowledged), ROUNDS * ORDERS_BEFORE_THE_KILL)
        detail = buyers[0][0].get(f"/api/v1/products/{product['id']}").data
        left = next(s["stock"] for s in detail["skus"] if s["id"] == sku["id"])
        self.assertLessEqual(left, 1_000_000 - len(self.acknowledged))


if __name__ == "__main__":
    unittest.main()
