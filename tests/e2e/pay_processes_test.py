"""Payments only, as two processes on one PostgreSQL: `pay` answers, `worker` asks and tells; the gateway is a third."""

import os
import socket
import threading
import unittest

import alipay_wire
import payment_api
import shop
import wechat_wire


class Gateway (shop.Server):  # no test: the space keeps ctest from taking it for one
    command = ("sandbox", "--port", "0", "--time-scale", "0.01")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class TwoProcesses(unittest.TestCase):
    assert_status = shop.ShopTest.assert_status

    def setUp(self):
        database = shop.PostgresDatabase()
        self.addCleanup(database.drop)
        self.gateway = Gateway()
        self.addCleanup(self.gateway.remove)
        self.port = free_port()
        # Both are given the same file of settings in an installation; only the role differs.
        settings = {**self.providers(), "public_url": f"http://127.0.0.1:{self.port}", "server.access_log": "false"}
        settings["webhooks.private_addresses"] = "true"
        front = {**settings, "roles": "pay", "port": str(self.port)}
        self.server = shop.Server(database=database.url, settings=front)
        self.addCleanup(self.server.remove)
        self.worker = shop.Server(database=database.url, settings={**settings, "roles": "worker"})
        self.addCleanup(self.worker.remove)
        self.crm = payment_api.OrderSystem(self.server, "crm")
        self.addCleanup(lambda: self.crm.receiver.close())

    def wait_for(self, what, look):
        try:
            return shop.ShopTest.wait_for(self, what, look)
        except AssertionError as error:
            raise AssertionError(f"{error}\nthe worker:\n{self.worker.log()}") from None

    def providers(self):
        """The simulator in the place of the real ones."""
        wechat, alipay = wechat_wire.Merchant(self.gateway), alipay_wire.App(self.gateway)
        origin = f"http://127.0.0.1:{self.gateway.port}"
        return {
            "wechat_pay.mode": "live",
            "wechat_pay.mchid": wechat.mchid,
            "wechat_pay.appid": wechat.names["appid"],
            "wechat_pay.serial_no": wechat.names["merchant_serial"],
            "wechat_pay.private_key_file": os.path.join(wechat.folder, "merchant_private_key.pem"),
            "wechat_pay.apiv3_key_file": os.path.join(wechat.folder, "apiv3_key.txt"),
            "wechat_pay.public_key_id": wechat.names["public_key_id"],
            "wechat_pay.public_key_file": os.path.join(wechat.folder, "wechat_pay_public_key.pem"),
            "wechat_pay.base_url": origin + wechat_wire.PREFIX,
            "wechat_pay.backup_url": "",
            "alipay.mode": "live",
            "alipay.app_id": alipay.names["app_id"],
            "alipay.seller_id": alipay.names["seller_id"],
            "alipay.private_key_file": alipay.path("app_private_key.pem"),
            "alipay.public_key_file": alipay.path("alipay_public_key.pem"),
            "alipay.gateway_url": origin + alipay_wire.GATEWAY,
        }

    def buy(self, reference, provider="wechat_pay"):
        """Begun by the order system, paid by a buyer, known where the notification arrived."""
        wanted = payment_api.order(reference, 1000, provider)
        payment = self.assert_status(self.crm.client.post(payment_api.PAYMENTS, wanted), 201).data
        self.assert_status(payment_api.pay(self.gateway.client(), payment), 200)
        path = f"{payment_api.PAYMENTS}/{payment['id']}"
        self.wait_for("the notification", lambda: self.crm.client.get(path).data["status"] == "paid")
        return payment

    def refund(self, payment, reference):
        wanted = {"payment": payment["id"], "refund_reference": reference, "amount": 400, "reason": "broken"}
        return self.assert_status(self.crm.client.post(payment_api.REFUNDS, wanted), 201).data

    def refunded(self):
        return {data["refund_reference"] for data in self.crm.told("refund.succeeded")}

    def assert_told_once(self, references, refunds):
        """What came again had the same id, and counts once."""
        paid = sorted(data["reference"] for data in self.crm.told("payment.succeeded"))
        self.assertEqual(paid, sorted(references))
        back = sorted(data["refund_reference"] for data in self.crm.told("refund.succeeded"))
        self.assertEqual(back, sorted(refunds))
        self.assertEqual(self.crm.refused, 0)
        done = self.server.audit()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_one_answers_and_the_other_asks_and_tells(self):
        payments = [self.buy("A1"), self.buy("A2", "alipay")]
        self.wait_for("news of both", lambda: self.crm.paid_references() == {"A1", "A2"})
        for number, payment in enumerate(payments):
            self.refund(payment, f"R{number}")
        self.wait_for("news of the refunds", lambda: self.refunded() == {"R0", "R1"})
        self.assert_told_once({"A1", "A2"}, {"R0", "R1"})

    def test_a_worker_that_is_killed_loses_nothing(self):
        first = self.buy("A1")
        self.wait_for("news", lambda: self.crm.paid_references() == {"A1"})
        self.worker.kill()
        second = self.buy("A2", "alipay")
        self.refund(first, "R1")
        self.refund(second, "R2")
        self.assertEqual(self.crm.paid_references(), {"A1"}, "nobody is there to tell")
        self.assertEqual(self.refunded(), set())
        self.worker.restart()
        self.wait_for("what was missed", lambda: self.crm.paid_references() == {"A1", "A2"})
        self.wait_for("the refunds", lambda: self.refunded() == {"R1", "R2"})
        self.assert_told_once({"A1", "A2"}, {"R1", "R2"})

    def test_a_worker_that_is_killed_while_it_tells_tells_again_under_the_same_id(self):
        honest, heard, killed = self.crm.hear, [], threading.Event()

        def hear_and_kill(headers, body):
            heard.append((headers["Doorbuster-Event"], headers["Doorbuster-Topic"]))
            status = honest(headers, body)
            if not killed.is_set():
                killed.set()
                self.worker.kill()  # it never gets to know that it was heard
            return status

        self.crm.receiver.close()
        self.crm.hear = hear_and_kill
        self.crm.come_back()
        payment = self.buy("A1")
        self.wait_for("the kill", killed.is_set)
        self.refund(payment, "R1")
        self.worker.restart()
        self.wait_for("the refund", lambda: self.refunded() == {"R1"})
        told = [event for event, topic in heard if topic == "payment.succeeded"]
        self.wait_for("the same again", lambda: len([t for _, t in heard if t == "payment.succeeded"]) > 1)
        self.assertEqual({event for event, topic in heard if topic == "payment.succeeded"}, set(told[:1]))
        self.assert_told_once({"A1"}, {"R1"})


if __name__ == "__main__":
    unittest.main()
