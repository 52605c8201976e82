"""What an operator's alarms watch is there in the running program."""

import os
import re
import unittest

import yaml

import shop

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


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

    def rules(self):
        with open(os.path.join(PROJECT, "config", "prometheus-alerts.yml"), encoding="utf-8") as file:
            return [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]

    def test_prometheus_rules_name_only_metrics_that_are_there(self):
        exposed = self.server.client().get("/metrics").body.decode()
        there = set(re.findall(r"^# TYPE (\S+)", exposed, re.M))
        for rule in self.rules():
            named = set(re.findall(r"\b(?:doorbuster|payment_provider|flash_sale)_\w+", rule["expr"]))
            self.assertTrue(named, rule)
            self.assertLessEqual(named, there, rule["alert"])
            self.assertTrue(rule["annotations"]["summary"], rule)
        self.assertEqual(len(self.rules()), len({rule["alert"] for rule in self.rules()}))

    def test_every_alarm_has_a_rule_and_a_line_in_the_manual(self):
        exposed = self.server.client().get("/metrics").body.decode()
        alarms = set(re.findall(r'^doorbuster_alarm\{alarm="(\w+)"\}', exposed, re.M))
        ruled = set(re.findall(r'alarm="(\w+)"', " ".join(rule["expr"] for rule in self.rules())))
        self.assertEqual(alarms, ruled)
        with open(os.path.join(PROJECT, "docs", "operating", "README.md"), encoding="utf-8") as file:
            manual = file.read()
        for alarm in alarms:
            self.assertIn(f"`doorbuster_{alarm}`", manual)

    def test_the_clock_of_sales_is_watched(self):
        client = self.server.client()
        self.assertEqual(self.gauge(client, "flash_sale_clock_in_doubt"), 0)

    def test_calls_of_a_payment_provider_are_counted_timed_and_its_clock_compared(self):
        client = self.server.client().register("ann")
        address = client.add_address()
        _, sku = shop.first_sku(client)
        order = client.buy(sku["id"], 1, address).data["order_no"]
        payment = self.assert_status(
            client.post("/api/v1/payments", {"order_no": order, "provider": "wechat_pay"}), 201
        ).data
        scanned = client.post("/sandbox/scan", {"code_url": payment["code_url"]})
        self.assert_status(scanned, 200)
        path = f"/api/v1/payments/{payment['id']}"
        self.wait_for("the payment", lambda: client.get(path).data["status"] == "paid")
        calls = 'payment_provider_calls_total{operation="create",outcome="answered",provider="wechat_pay"}'
        self.assertEqual(self.gauge(client, calls), 1)
        timed = 'payment_provider_call_seconds_count{operation="create",provider="wechat_pay"}'
        self.assertEqual(self.gauge(client, timed), 1)
        told = 'payment_provider_notifications_total{outcome="verified",provider="wechat_pay"}'
        self.assertGreaterEqual(self.gauge(client, told), 1)
        skew = self.gauge(client, 'payment_provider_clock_skew_seconds{provider="wechat_pay"}')
        self.assertLessEqual(abs(skew), 5, "the simulator has our clock")
        self.assertEqual(client.get("/readyz").body, b"ready\n")


if __name__ == "__main__":
    unittest.main()
