"""What a payment campaign runs on: a shop and a gateway simulator in processes of their own, on one clock that the
campaign moves, either of which can be killed and comes back where it was."""

import json
import os
import random
import shutil
import socket
import threading
import urllib.parse

import shop


def lasting_port():
    """One that nobody is given by chance while its server is down: outside of what the system hands out."""
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


class Lasting(shop.Server):
    """A server that others keep asking while it is killed and started again."""

    def __init__(self, environment, command=None, **more):
        self.environment = environment
        self.command = command or self.command
        self.up = threading.Event()
        super().__init__(**more)
        self.up.set()

    def start(self, **more):
        super().start(**more)
        self.port = int(self.settings["port"])  # whatever address it tells the world

    def die_and_rise(self):
        self.up.clear()
        self.kill()
        self.start()
        self.up.set()

    def control(self, method, path="", body=None):
        """The simulator's control routes."""
        answer = self.client().request(method, "/sandbox/control" + path, body=body)
        assert answer.status == 200, answer
        return answer.data


# Rates of everything that the simulator can do wrong in every campaign (its bills: see campaign_account) …
FAULTS = {
    "drop_notification": 0.15,
    "delay_notification": 0.10,
    "duplicate_notification": 0.25,
    "reorder_notification": 0.10,
    "bad_signature": 0.03,
    "wrong_key": 0.03,
    "stale_timestamp": 0.03,
    "unknown_serial": 0.02,
    "signature_probe": 0.03,
    "wrong_amount": 0.03,
    "wrong_owner": 0.03,
    "extra_fields": 0.10,
    "truncated_body": 0.03,
    "not_json": 0.02,
    "server_error": 0.05,
    "rate_limited": 0.03,
    "reset_before": 0.03,
    "reset_after": 0.05,
    "error_after": 0.05,
    "unsigned_error": 0.04,
    "slow_answer": 0.004,
    "answer_bad_signature": 0.02,
    "answer_wrong_key": 0.02,
    "answer_stale_timestamp": 0.02,
    "answer_unknown_serial": 0.01,
    "answer_signature_probe": 0.02,
    "answer_wrong_amount": 0.02,
    "answer_wrong_owner": 0.02,
    "answer_extra_fields": 0.10,
    "answer_truncated": 0.02,
    "answer_not_json": 0.02,
    "pay_before_answer": 0.04,
    "pay_at_deadline": 0.05,
    "pay_after_close": 0.40,
    "close_under_buyer": 0.05,
    "notify_close": 0.30,
    "refund_refused": 0.10,
    "refund_closed": 0.10,
    "refund_abnormal": 0.08,
    "refund_unmoved": 0.30,
    "rotate_key": 0.002,
}
# … but that one in three has no message that tells lies of money: no payment may be suspect then.
LIES = ("wrong_amount", "wrong_owner", "answer_wrong_amount", "answer_wrong_owner")


class Ground:
    """Owns both processes; `close` ends them."""

    def __init__(self, seed, clock, database=None, told_to=None):
        """`told_to`: where the simulator sends notifications, when that is not to be the shop."""
        self.clock = clock
        self.certified = seed % 2 == 0  # certificates that change, or public keys
        self.lies = seed % 3 != 0
        self.simulator_starts = 0
        self.seed = seed
        words = ["sandbox"] + (["--platform-certificates"] if self.certified else [])
        settings = {"port": str(lasting_port())}
        self.simulator = Lasting(clock.environment, words, settings=settings)
        self.shop = None
        try:
            settings = self.shop_settings(told_to)
            self.shop = Lasting(clock.environment, demo=True, database=database, settings=settings)
        except BaseException:
            self.close()
            raise

    def shop_settings(self, told_to):
        port = lasting_port()
        return {
            "port": str(port),
            "public_url": told_to or f"http://127.0.0.1:{port}",
            "orders.unpaid_minutes": "4",
            "orders.unpaid_max": "1000",
            "server.access_log": "false",
            "log.format": "json",
            **self.wechat_settings(),
            **self.alipay_settings(),
        }

    def key_file(self, *path):
        return os.path.join(self.simulator.data, "keys", "sandbox", *path)

    def names(self, provider):
        with open(self.key_file(provider, "identity.json"), encoding="utf-8") as file:
            return json.load(file)

    def wechat_settings(self):
        names = self.names("wechat_pay")
        settings = {
            "mode": "live",
            "mchid": names["mchid"],
            "appid": names["appid"],
            "serial_no": names["merchant_serial"],
            "private_key_file": self.key_file("wechat_pay", "merchant_private_key.pem"),
            "apiv3_key_file": self.key_file("wechat_pay", "apiv3_key.txt"),
            "base_url": f"http://127.0.0.1:{self.simulator.port}/sandbox/wechat_pay",
            "backup_url": "",
        }
        if self.certified:
            settings["platform_certificates"] = "true"
        else:
            settings["public_key_id"] = names["public_key_id"]
            settings["public_key_file"] = self.key_file("wechat_pay", "wechat_pay_public_key.pem")
        return {f"wechat_pay.{name}": value for name, value in settings.items()}

    def alipay_settings(self):
        names = self.names("alipay")
        settings = {
            "mode": "live",
            "app_id": names["app_id"],
            "seller_id": names["seller_id"],
            "private_key_file": self.key_file("alipay", "app_private_key.pem"),
            "gateway_url": f"http://127.0.0.1:{self.simulator.port}/sandbox/alipay/gateway.do",
        }
        if self.certified:
            settings["app_cert_file"] = self.key_file("alipay", "appCertPublicKey.crt")
            settings["alipay_cert_file"] = self.key_file("alipay", "alipayCertPublicKey_RSA2.crt")
            settings["root_cert_file"] = self.key_file("alipay", "alipayRootCert.crt")
        else:
            settings["public_key_file"] = self.key_file("alipay", "alipay_public_key.pem")
        return {f"alipay.{name}": value for name, value in settings.items()}

    def faults_on(self):
        self.simulator_starts += 1
        rates = {name: rate for name, rate in FAULTS.items() if self.lies or name not in LIES}
        settings = {"slow_answer_ms": 11_000, "seed": self.seed * 1000 + self.simulator_starts}
        self.simulator.control("PATCH", body={**settings, "faults": rates})

    def faults_off(self):
        self.simulator.control("PATCH", body={"clear_faults": True})

    def kill_simulator(self):
        self.simulator.die_and_rise()
        self.faults_on()  # they are nowhere but in its memory

    def rotate(self, provider):
        self.simulator.control("POST", "/rotate", {"provider": provider})

    def listed(self, provider, what):
        """All trades or refunds that the simulator has."""
        found, after = [], ""
        while True:
            query = urllib.parse.urlencode({"provider": provider, "after": after})
            page = self.simulator.control("GET", f"/{what}?{query}")["list"]
            found += page
            if len(page) < 1000:
                return found
            after = page[-1]["out_trade_no" if what == "trades" else "out_refund_no"]

    def run(self, *words):
        """A command of doorbuster with the shop's settings, at the campaign's time."""
        settings = [word for name, value in self.shop.settings.items() for word in ("--set", f"{name}={value}")]
        return shop.run_command(*words, *settings, data=self.shop.data, env=self.clock.environment, check=False)

    def close(self):
        for server in (self.shop, self.simulator):
            if server:
                server.remove()

    def keep(self, folder):
        """What is there to be looked at after a failure."""
        for name, server in (("shop", self.shop), ("simulator", self.simulator)):
            server.stop()
            shutil.copytree(server.data, os.path.join(folder, name), dirs_exist_ok=True)
