"""A true notification that arrives many times at the same moment, over HTTP, is acted on exactly once."""

import tempfile
import threading
import unittest

import campaign_books
import shop
from campaign_ground import Ground
from sandbox_test import Listener
from shifted_clock import ShiftedClock

ROUNDS = 6
AT_ONCE = 8
ROUTE = "/api/v1/payments/notifications/"
# What one payment may leave behind, each exactly so often.
TRACES = """
SELECT (SELECT COUNT(*) FROM payments WHERE reference = '{order}' AND state = 'paid') AS paid,
       (SELECT COUNT(*) FROM payment_notifications n JOIN payments p ON p.id = n.payment_id
        WHERE p.reference = '{order}') AS notifications,
       (SELECT COUNT(*) FROM book_entries b JOIN payments p ON p.id = b.payment_id
        WHERE p.reference = '{order}') AS entries,
       (SELECT COUNT(*) FROM outbox WHERE key = '{order}' AND topic LIKE 'payment.%') AS events,
       (SELECT COUNT(*) FROM order_events WHERE CAST(order_no AS TEXT) = '{order}' AND kind = 'paid') AS told,
       (SELECT COUNT(*) FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.reference = '{order}') AS refunds
"""
ONCE = {"paid": 1, "notifications": 1, "entries": 2, "events": 1, "told": 1, "refunds": 0}


class NotificationRace(unittest.TestCase):
    wait_for = shop.ShopTest.wait_for

    database = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="doorbuster-e2e-")
        self.addCleanup(folder.cleanup)
        self.listener = Listener()  # takes what the simulator tells in the shop's place
        self.addCleanup(self.listener.close)
        told_to = self.listener.url.removesuffix("/notify")
        self.ground = Ground(1, ShiftedClock(folder.name), self.database and self.database.url, told_to)
        self.addCleanup(self.ground.close)
        self.server = self.ground.shop
        self.books = campaign_books.shop_reader(self.ground, self.database)
        self.client = self.server.client().register("ann")
        self.address = self.client.add_address()
        _, self.sku = shop.first_sku(self.client, ROUNDS * 2)

    def pay(self, provider):
        """A paid order that the shop has not heard of, and the notification that would tell it."""
        order = self.client.buy(self.sku["id"], 1, self.address).data["order_no"]
        answer = self.client.post("/api/v1/payments", {"order_no": order, "provider": provider})
        self.assertEqual(answer.status, 201, answer)
        phone = self.ground.simulator.client()
        if provider == "wechat_pay":
            paid = phone.post("/sandbox/scan", {"code_url": answer.data["code_url"]})
        else:
            target = answer.data["redirect_url"].partition(f":{self.ground.simulator.port}")[2]
            page = phone.get(target).headers["location"]
            paid = phone.post("/sandbox/alipay/scan", {"page": page})
        self.assertEqual(paid.status, 200, paid)
        return order, self.listener.next()

    def post_at_once(self, provider, notification):
        headers, body = notification
        kept = {n: v for n, v in headers.items() if n.lower().startswith(("wechatpay-", "content-type"))}
        gate = threading.Barrier(AT_ONCE)
        answers = []

        def post():
            client = self.server.client()
            client.get("/healthz")  # connected before the start
            gate.wait()
            answers.append(client.request("POST", ROUTE + provider, headers=kept, raw=body.encode()))
            client.close()

        threads = [threading.Thread(target=post) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def traces(self, order):
        (found,) = self.books.rows(TRACES.format(order=order))
        return found

    def race(self, provider, accepted):
        for _ in range(ROUNDS):
            order, notification = self.pay(provider)
            answers = self.post_at_once(provider, notification)
            self.assertEqual(len(answers), AT_ONCE)
            for answer in answers:
                self.assertTrue(accepted(answer), answer)
            path = f"/api/v1/orders/{order}"
            self.wait_for("the payment", lambda: self.client.get(path).data["status"] == "paid")
            self.assertEqual(self.traces(order), ONCE)
            self.assertTrue(all(accepted(answer) for answer in self.post_at_once(provider, notification)))
            self.assertEqual(self.traces(order), ONCE, "told again later")
        done = self.ground.run("audit")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_of_wechat_pay_is_acted_on_once(self):
        self.race("wechat_pay", lambda answer: answer.status in (200, 204))

    def test_of_alipay_is_acted_on_once(self):
        self.race("alipay", lambda answer: (answer.status, answer.body) == (200, b"success"))


class NotificationRaceOnPostgres(shop.OnPostgres, NotificationRace):
    """The same with PostgreSQL, where several connections write."""


if __name__ == "__main__":
    unittest.main()
