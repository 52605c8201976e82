"""What an operator's alarms watch is there in the running program."""

import unittest

import shop


class Metrics(shop.ShopTest):
    def gauge(self, client, name):
        answer = self.assert_status(client.get("/metrics"), 200)
        for line in answer.body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        self.fail(f"/metrics has no {name}")

    def test_what_waits_is_measured(self):
        client = self.server.client().register("ann")
        for what in ("orders_closing", "outbox_unpublished", "payments_refund_due"):
            self.assertGreaterEqual(self.gauge(client, f"doorbuster_{what}_oldest_seconds"), 0)
            self.assertGreaterEqual(self.gauge(client, f"doorbuster_{what}"), 0)

    def test_the_clock_of_sales_is_watched(self):
        client = self.server.client()
        self.assertEqual(self.gauge(client, "flash_sale_clock_in_doubt"), 0)


if __name__ == "__main__":
    unittest.main()
