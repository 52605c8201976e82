"""`doorbuster rehearse`: a small flash sale with simulated buyers, against the real binary."""

import json
import os
import sqlite3
import subprocess
import tempfile
import unittest

import shop

BUYERS = ["--buyers", "200", "--stock", "20", "--rate", "100"]
# How fast a busy machine answers is not this test's matter.
UNHURRIED = ["--order-p99-ms", "0", "--refusal-p99-ms", "0"]
TABLES = ["users", "sessions", "addresses", "orders", "order_items", "order_events", "payments WHERE app = 'shop'", "promotion_claims"]
TABLES += ["payment_references", "payment_notifications", "promotions", "promotion_items", "promotion_stock"]
TABLES += ["stock_ledger", "promotion_waitlist", "idempotency_keys", "cart_items"]


def rehearse(*words):
    """The exit status, and the report as JSON and as a page."""
    with tempfile.TemporaryDirectory(prefix="doorbuster-rehearse-") as folder:
        files = [os.path.join(folder, name) for name in ("report.json", "report.html")]
        command = [shop.BINARY, "rehearse", *words, *UNHURRIED, "--json", files[0], "--html", files[1]]
        environment = {**shop.clean_environment(), "TMPDIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
        texts = []
        for name in files:
            if not os.path.exists(name):
                raise AssertionError(done.stdout + done.stderr)
            with open(name, encoding="utf-8") as file:
                texts.append(file.read())
        left = [name for name in os.listdir(folder) if not name.startswith("report")]
        assert left == [], left  # the server's own folder went with it
        return done, json.loads(texts[0]), texts[1]


class Rehearse(unittest.TestCase):
    def assert_passed(self, done, report):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(report["passed"])
        units = report["units"]
        self.assertEqual(units["sold"] + units["held"] + units["left"], 20)
        self.assertEqual(units["left"], 0)
        self.assertEqual(report["orders"]["lost"], [])
        self.assertGreaterEqual(report["orders"]["acknowledged"], 20)

    def test_a_server_of_its_own_passes(self):
        done, report, page = rehearse(*BUYERS, "--data", os.path.join(tempfile.gettempdir(), "no-such-folder"))
        self.assert_passed(done, report)
        self.assertIn("<svg", page)
        self.assertNotIn("<script", page)
        self.assertIn("PASS", done.stdout)

    def test_a_server_that_is_killed_loses_nothing(self):
        done, report, _ = rehearse(*BUYERS, "--faults", "--kills", "2")
        self.assert_passed(done, report)
        self.assertEqual(report["kills"], 2)

    def test_a_threshold_that_is_missed_fails(self):
        done, report, _ = rehearse(*BUYERS, "--orders-per-second", "1000000")
        self.assertEqual(done.returncode, 1)
        self.assertFalse(report["passed"])
        self.assertIn("FAIL", done.stdout)


STATEMENTS = {table: f"SELECT COUNT(*) FROM {table}" for table in TABLES}
STATEMENTS["stock"] = "SELECT SUM(available), SUM(reserved), SUM(sold) FROM stock"


class RehearseOnARunningShop(shop.ShopTest):
    def counts(self):
        database = sqlite3.connect(os.path.join(self.server.data, "doorbuster.db"))
        counts = {name: database.execute(text).fetchone() for name, text in STATEMENTS.items()}
        database.close()
        return counts

    def test_it_touches_no_real_stock_and_leaves_nothing(self):
        before = self.counts()
        done, report, _ = rehearse(*BUYERS, "--data", self.server.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(report["passed"])
        self.assertEqual(self.counts(), before)
        self.assert_clean_audit()

    def test_it_does_not_tell_webhooks_of_orders_that_are_not_real(self):
        wish = {"url": "https://example.com/hook", "topics": ["order.placed"]}
        self.assert_status(self.server.admin().post("/api/admin/v1/webhooks", wish), 201)
        words = ["rehearse", "--buyers", "5", "--stock", "5"]
        done = shop.run_command(*words, data=self.server.data, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("webhooks", done.stderr)

    def test_it_can_stay_and_is_not_seen_by_shoppers(self):
        with tempfile.TemporaryDirectory(prefix="doorbuster-rehearse-") as folder:
            lines = os.path.join(folder, "buyers")
            words = ["rehearse", "--data", self.server.data, "--buyers", "30", "--stock", "20", "--prepare", lines]
            done = subprocess.run(
                [shop.BINARY, *words], capture_output=True, text=True, env=shop.clean_environment(), timeout=600
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(lines) as file:
                buyers = [line.split() for line in file]
        _, item, _, rehearsal = done.stdout.split()
        self.assertEqual(len(buyers), 30)
        client = self.server.client()
        self.assertEqual(client.get("/api/v1/promotions").data["list"], [])
        session, token, address = buyers[0]
        buyer = self.server.client(session)
        order = {"token": token, "address_id": address, "quantity": 1}
        self.assert_status(buyer.post(f"/api/v1/flash-sales/{item}/orders", order), 201)
        # Who guesses the item's number gets neither captcha nor token.
        person = self.server.client()
        person.register("guesser")
        person.log_in("guesser")
        for what in ("captcha", "token"):
            answer = person.post(f"/api/v1/flash-sales/{item}/{what}", {"captcha_id": "x", "answer": "x"})
            self.assert_status(answer, 404, "promotion_item_not_found")
        self.assert_status(person.post(f"/api/v1/flash-sales/{item}/orders", order), 404, "promotion_item_not_found")
        for what in ("waitlist", "events"):
            self.assert_status(person.get(f"/api/v1/flash-sales/{item}/{what}"), 404, "promotion_item_not_found")
        # The routes that make and remove rehearsals are for this machine's administrator.
        self.assert_status(client.post("/local/v1/rehearsals", {"stock": 1, "seconds": 10}), 404)
        self.assert_status(self.server.admin().delete(f"/local/v1/rehearsals/{rehearsal}"), 404)
        # Nobody registers as a buyer of a rehearsal, nor logs in as one.
        name = "~rehearsal-1-0000001"
        self.assert_status(client.post("/api/v1/users", {"username": name, "password": "correct horse battery"}), 422)
        for password in ("correct horse battery", ""):
            answer = client.post("/api/v1/sessions", {"username": name, "password": password})
            self.assertIn(answer.status, (401, 422), answer)
        removed = shop.run_command("rehearse", "--remove", rehearsal, data=self.server.data)
        self.assertEqual(removed.returncode, 0)
        self.assert_status(buyer.get("/api/v1/users/me"), 401)
        self.assert_clean_audit()


class RehearseOnPostgres(unittest.TestCase):
    """The same on the other engine: a shop that runs, its stock and rows as they were."""

    def test_it_passes_touches_no_real_stock_and_leaves_nothing(self):
        database = shop.PostgresDatabase()
        self.addCleanup(database.drop)
        server = shop.Server(demo=True, database=database.url)
        self.addCleanup(server.remove)

        def counts():
            return {name: database.psql(text, database.name) for name, text in STATEMENTS.items()}

        before = counts()
        self.assertGreater(int(before["stock"].split("|")[0]), 0)
        done, report, _ = rehearse(*BUYERS, "--data", server.data, "--set", f"database.url={database.url}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(report["passed"])
        self.assertEqual(report["orders"]["lost"], [])
        self.assertGreaterEqual(report["orders"]["acknowledged"], 20)
        self.assertEqual(counts(), before)
        audit = server.audit()
        self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)


if __name__ == "__main__":
    unittest.main()
