"""Payments only: `doorbuster serve` with the roles pay and worker, and an order system of another make beside it."""

import contextlib
import datetime
import json
import os
import sqlite3
import threading
import time
import unittest
import urllib.parse

import payment_api
import shop

BEFORE_THE_KILL = 30
DAY = 86_400_000
SETTINGS = {
    "roles": "pay,worker,sandbox",
    "alipay.mode": "sandbox",
    "webhooks.private_addresses": "true",
    "server.access_log": "false",
}


class PaySystem(unittest.TestCase):
    wait_for = shop.ShopTest.wait_for
    assert_status = shop.ShopTest.assert_status

    def setUp(self):
        self.server = shop.Server(settings=SETTINGS)
        self.addCleanup(self.server.remove)

    def order_system(self, name):
        system = payment_api.OrderSystem(self.server, name)
        self.addCleanup(lambda: system.receiver.close())
        return system

    def begin(self, system, reference, amount=1000, provider="wechat_pay"):
        wanted = payment_api.order(reference, amount, provider)
        return self.assert_status(system.client.post(payment_api.PAYMENTS, wanted), 201).data

    def pay(self, payment):
        self.assert_status(payment_api.pay(self.server.client(), payment), 200)

    def refund(self, system, payment, reference, amount):
        wanted = {"payment": payment["id"], "refund_reference": reference, "amount": amount, "reason": "broken"}
        return self.assert_status(system.client.post(payment_api.REFUNDS, wanted), 201).data

    def assert_clean_audit(self):
        done = self.server.audit()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Business(PaySystem):
    def test_is_done_with_both_providers_and_agrees_with_their_bills(self):
        crm = self.order_system("crm")
        by_code = self.begin(crm, "C1", 1000)
        in_a_page = self.begin(crm, "C2", 2500, "alipay")
        self.begin(crm, "C3", 700)  # never paid
        self.pay(by_code)
        self.pay(in_a_page)
        self.wait_for("news of both", lambda: crm.paid_references() == {"C1", "C2"})
        told = {data["reference"]: data for data in crm.told("payment.succeeded")}
        self.assertEqual(told["C1"]["payment"], by_code["id"])
        self.assertEqual((told["C2"]["amount"], told["C2"]["provider"]), (2500, "alipay"))
        self.assertEqual(crm.refused, 0)

        self.refund(crm, by_code, "R1", 400)
        self.refund(crm, in_a_page, "R2", 2500)
        self.wait_for("news of refunds", lambda: len(crm.told("refund.succeeded")) == 2)
        self.refund(crm, by_code, "R3", 600)
        self.wait_for("news of the rest", lambda: len(crm.told("refund.succeeded")) == 3)
        references = {data["refund_reference"] for data in crm.told("refund.succeeded")}
        self.assertEqual(references, {"R1", "R2", "R3"})
        closed = crm.client.post(f"{payment_api.PAYMENTS}/close", {"reference": "C3"})
        self.assertIn(self.assert_status(closed, 200).data["status"], ("closing", "closed"))
        self.agree_with_the_providers()
        self.assert_clean_audit()

    def agree_with_the_providers(self):
        """The bill of a day that is over: everything is moved two days back, here and there."""
        self.server.stop()
        self.move_back("doorbuster.db", ("payments", "refunds"))
        self.move_back("sandbox.db")
        self.server.restart()
        beijing = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
        # Midnight may pass between the sale and now: then its bill is the day before's.
        days = [str((beijing - datetime.timedelta(days=back)).date()) for back in (2, 3)]
        matched = 0
        for day in days:
            for report in json.loads(self.reconcile(day).stdout):
                self.assertEqual((report["state"], report["differences"]), ("clean", []), report)
                matched += report["matched"]["payments"]
        self.assertEqual(matched, 2)

    def reconcile(self, day):
        """The server goes through days that it missed by itself, perhaps through this one just now."""
        words = ("reconcile", "--date", day, "--format", "json")

        def run():
            done = shop.run_command(*words, data=self.server.data, check=False)
            return done if "right now" not in done.stderr else None

        done = self.wait_for("the bill to be free", run)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def move_back(self, name, tables=()):
        path = os.path.join(self.server.data, name)
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection, connection:
            known = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables or [t for t in known if not t.startswith("sqlite_")]:
                for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                    if kind != "INTEGER":
                        continue
                    connection.execute(
                        f"UPDATE {table} SET {column} = {column} - {2 * DAY} "
                        f"WHERE {column} BETWEEN 1600000000000 AND 2200000000000"
                    )

    def test_goes_on_when_the_order_system_was_away(self):
        crm = self.order_system("crm")
        self.pay(self.begin(crm, "A1"))
        self.wait_for("news", lambda: crm.paid_references() == {"A1"})
        crm.vanish()
        for number in range(2, 6):
            self.pay(self.begin(crm, f"A{number}"))
        path = f"{payment_api.PAYMENTS}?reference=A5"
        self.wait_for("the last", lambda: crm.client.get(path).data["list"][0]["status"] == "paid")
        crm.come_back()
        wanted = {f"A{number}" for number in range(1, 6)}
        self.wait_for("all that was missed", lambda: crm.paid_references() == wanted)
        self.assertEqual(len(crm.told("payment.succeeded")), 5)
        self.assert_clean_audit()

    def test_sends_back_what_comes_too_late_and_says_so(self):
        crm = self.order_system("crm")
        payment = self.begin(crm, "A1")
        (row,) = self.server.admin().get("/api/admin/v1/payments").data["list"]
        self.assertEqual((row["app"], row["reference"]), ("crm", "A1"))
        fault = {"out_trade_no": row["out_trade_no"], "fault": "pay_after_close"}
        shop.local_request(self.server, "PATCH", "/sandbox/control", {"order_faults": [fault]})
        self.assert_status(crm.client.post(f"{payment_api.PAYMENTS}/close", {"reference": "A1"}), 200)
        self.wait_for("the close", lambda: crm.told("payment.closed"))
        self.pay(payment)
        (late,) = self.wait_for("the late money", lambda: crm.told("payment.refund_due"))
        self.assertEqual((late["payment"], late["amount"], late["late"]), (payment["id"], 1000, True))
        (back,) = self.wait_for("its way back", lambda: crm.told("refund.succeeded"))
        self.assertEqual((back["origin"], back["amount"], back["refund_reference"]), ("late", 1000, None))
        self.assertEqual(crm.told("payment.succeeded"), [])
        self.assert_clean_audit()

    def test_outlives_a_kill_in_the_middle(self):
        crm = self.order_system("crm")
        answered, refused = [], []
        enough, killed = threading.Event(), threading.Event()

        def sell(seller):
            client = self.server.client(token=crm.key)
            for number in range(10_000):
                reference = f"K{seller}-{number}"
                try:
                    answer = client.post(payment_api.PAYMENTS, payment_api.order(reference))
                    if answer.status == 201 and number % 3 == 0:
                        self.pay(answer.data)
                except Exception:
                    return  # the connection died with the server
                (answered if answer.status == 201 else refused).append((reference, answer))
                if len(answered) >= BEFORE_THE_KILL or refused:
                    enough.set()
                if killed.is_set() or refused:
                    return

        sellers = [threading.Thread(target=sell, args=(seller,)) for seller in range(3)]
        for seller in sellers:
            seller.start()
        enough.wait(shop.DEADLINE)
        self.server.kill()
        killed.set()
        for seller in sellers:
            seller.join()
        self.assertEqual(refused, [])
        self.assertGreaterEqual(len(answered), BEFORE_THE_KILL)

        self.server.restart()
        crm.client.close()
        for reference, answer in answered:
            shown = self.assert_status(crm.client.get(f"{payment_api.PAYMENTS}/{answer.data['id']}"), 200).data
            self.assertEqual((shown["reference"], shown["amount"]), (reference, 1000))
            if shown["status"] == "pending":
                again = self.begin(crm, reference)
                self.assertEqual(again["id"], answer.data["id"], "asked again it is the same attempt")
                with contextlib.suppress(AssertionError):  # it may be paid already, and not yet known here
                    self.pay(again)
        everything = {reference for reference, _ in answered}
        self.wait_for("all to be paid and told", lambda: everything <= crm.paid_references())
        self.assertEqual(crm.refused, 0)
        self.assert_clean_audit()


class Keys(PaySystem):
    def test_open_what_is_ones_own_and_nothing_else(self):
        crm, erp = self.order_system("crm"), self.order_system("erp")
        payment = self.begin(crm, "A1")
        path = f"{payment_api.PAYMENTS}/{payment['id']}"
        self.assert_status(erp.client.get(path), 404, "payment_not_found")
        self.pay(payment)
        self.wait_for("news", lambda: crm.paid_references() == {"A1"})
        wanted = {"payment": payment["id"], "refund_reference": "R1", "amount": 1, "reason": "mine"}
        self.assert_status(erp.client.post(payment_api.REFUNDS, wanted), 404, "payment_not_found")
        forged = crm.key[:-1] + ("a" if crm.key[-1] != "a" else "b")
        for key in (forged, "dbk_0000000000000000_" + crm.key[-43:], crm.key + "x", "x"):
            self.assert_status(self.server.client(token=key).get(path), 401, "app_key_invalid")
        self.assert_status(self.server.client().get(path), 401, "unauthenticated")
        self.assertEqual(erp.events, {})

    def test_are_changed_without_a_pause_while_the_server_runs_and_while_it_does_not(self):
        crm = self.order_system("crm")
        self.begin(crm, "A1")

        def command(*words):
            return shop.run_command("app-key", *words, data=self.server.data).stdout

        new = command("rotate", "crm").split()[1]
        old_id = crm.key.split("_")[1]
        fresh = self.server.client(token=new)
        for client in (crm.client, fresh):
            self.assert_status(client.get(f"{payment_api.PAYMENTS}?reference=A1"), 200)
        self.server.stop()
        self.assertIn("1 keys left", command("revoke", "crm", old_id))
        self.assertNotIn(old_id, command("list"))
        self.assertIn("crm", command("list"))
        self.server.restart()
        for client in (crm.client, fresh):
            client.close()
        self.assert_status(crm.client.get(f"{payment_api.PAYMENTS}?reference=A1"), 401, "app_key_invalid")
        self.assert_status(fresh.get(f"{payment_api.PAYMENTS}?reference=A1"), 200)
        for secret in (crm.key, new, crm.secret):
            self.assertNotIn(secret.rsplit("_", 1)[1], self.server.whole_log())

    def test_a_signing_secret_is_changed_without_a_pause(self):
        crm = self.order_system("crm")
        first = crm.secret
        done = shop.run_command("app-key", "rotate-secret", "crm", "--overlap-hours", "1", data=self.server.data)
        fresh = done.stdout.split()[2]
        self.assertIn("Both this and the older one sign until", done.stdout)
        listed = shop.run_command("app-key", "list", data=self.server.data).stdout
        self.assertIn("an older signing secret signs too until", listed)
        for number, secret in enumerate((first, fresh)):
            crm.secret = secret
            self.pay(self.begin(crm, f"A{number}"))
            self.wait_for("news", lambda: f"A{number}" in crm.paid_references())
        self.assertEqual(crm.refused, 0)
        ended = shop.run_command("app-key", "rotate-secret", "crm", "--overlap-hours", "0", data=self.server.data)
        self.assertIn("The older one ended.", ended.stdout)
        self.pay(self.begin(crm, "A9"))
        self.wait_for("a refusal", lambda: crm.refused)
        crm.secret = ended.stdout.split()[2]
        self.wait_for("news", lambda: "A9" in crm.paid_references())
        for secret in (first, fresh, crm.secret):
            self.assertNotIn(secret, self.server.whole_log())

    def test_signatures_are_worth_nothing_on_other_words_or_later(self):
        crm = self.order_system("crm")
        heard = []
        honest = crm.hear
        crm.hear = lambda headers, body: heard.append((headers["Doorbuster-Signature"], body)) or honest(headers, body)
        crm.receiver.close()
        crm.come_back()
        self.pay(self.begin(crm, "A1"))
        self.wait_for("news", lambda: crm.paid_references() == {"A1"})
        signature, body = heard[0]
        now = time.time()
        self.assertTrue(payment_api.is_genuine(crm.secret, signature, body, now))
        self.assertFalse(payment_api.is_genuine(crm.secret, signature, body.replace(b"A1", b"A2"), now))
        self.assertFalse(payment_api.is_genuine(crm.secret + "x", signature, body, now))
        self.assertFalse(payment_api.is_genuine(crm.secret, signature, body, now + 600))


class Alone(PaySystem):
    def test_serves_payments_and_nothing_of_a_shop(self):
        guest = self.server.client()
        for path in ("/", "/docs", "/openapi.yaml", "/healthz", "/readyz", "/metrics"):
            self.assert_status(guest.get(path), 200)
        for path in ("products", "categories", "cart", "orders", "addresses", "promotions"):
            self.assert_status(guest.get(f"/api/v1/{path}"), 404)
        new = {"username": "ann", "password": "correct horse battery"}
        self.assert_status(guest.post("/api/v1/users", new), 404)
        self.assertNotIn(b"/api/v1/products", guest.get("/").body)
        admin = self.server.admin()
        for path in ("payments", "refunds", "reconciliations", "books/balance", "pay-apps", "users", "audit-log"):
            self.assert_status(admin.get(f"/api/admin/v1/{path}"), 200)
        self.assert_status(admin.get("/api/admin/v1/products"), 404)
        self.assert_clean_audit()

    def test_sends_buyers_back_to_the_order_system_and_nowhere_else(self):
        crm, erp = self.order_system("crm"), self.order_system("erp")
        admin = self.server.admin()
        (app,) = [app for app in admin.get("/api/admin/v1/pay-apps").data["list"] if app["name"] == "crm"]
        place = "https://crm.example/paid?shop=1"
        self.assert_status(admin.patch(f"/api/admin/v1/pay-apps/{app['id']}", {"return_url": place}), 200)
        browser = self.server.client()
        for system, expected in ((crm, 303), (erp, 200)):
            payment = self.begin(system, "A/1&x", 1000, "alipay")
            paid = self.assert_status(payment_api.pay(browser, payment), 200)
            back = urllib.parse.urlsplit(paid.data["return_url"])
            self.assertEqual(back.path, "/api/v1/payments/return/alipay")
            returned = browser.get(f"{back.path}?{back.query}&return_url=https://evil.example")
            self.assert_status(returned, expected)
            if expected == 303:
                self.assertEqual(returned.headers["location"], place + "&reference=A%2F1%26x")
        self.assert_status(browser.get("/api/v1/payments/return/alipay?return_url=https://evil.example"), 200)

    def test_has_no_demo(self):
        self.server.stop()
        words = ("serve", "--demo", "--set", "roles=pay,worker,sandbox")
        done = shop.run_command(*words, data=self.server.data, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("role shop", done.stderr)


if __name__ == "__main__":
    unittest.main()
