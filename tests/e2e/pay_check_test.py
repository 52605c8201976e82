"""`doorbuster pay check` against the simulator in the place of WeChat Pay, and what a start says of wrong keys."""

import json
import os
import shutil
import socket
import subprocess
import tempfile

import alipay_wire
import shop
import wechat_wire


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *words], input=text, capture_output=True, text=True, check=True)
    return done.stdout


class PayCheck(shop.ShopTest):
    demo = False

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="doorbuster-e2e-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.merchant = wechat_wire.Merchant(self.server)
        self.private_key = self.kept("merchant_private_key.pem")
        self.apiv3_key = self.kept("apiv3_key.txt").strip()
        platform = os.path.join(self.merchant.folder, "platform_private_key.pem")
        names = self.merchant.names
        self.settings = {
            "mode": "live",
            "mchid": names["mchid"],
            "appid": names["appid"],
            "serial_no": names["merchant_serial"],
            "private_key_file": self.write("apiclient_key.pem", self.private_key),
            "apiv3_key_file": self.write("apiv3.key", self.apiv3_key),
            "public_key_id": names["public_key_id"],
            "public_key_file": self.write("pub_key.pem", openssl("pkey", "-in", platform, "-pubout")),
            "base_url": f"http://127.0.0.1:{self.server.port}{wechat_wire.PREFIX}",
            "backup_url": "",
        }

    def kept(self, name):
        with open(os.path.join(self.merchant.folder, name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def words(self, changes):
        settings = {f"wechat_pay.{key}": value for key, value in {**self.settings, **changes}.items()}
        settings["public_url"] = "https://shop.example"
        return [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]

    def check(self, *words, **changes):
        done = shop.run_command("pay", "check", *words, *self.words(changes), data=self.server.data, check=False)
        self.assertEqual(done.stderr, "")
        for secret in (self.private_key, self.apiv3_key, self.private_key.splitlines()[1]):
            self.assertNotIn(secret, done.stdout)
        return done

    def assert_wrong(self, expected, **changes):
        done = self.check(**changes)
        self.assertEqual(done.returncode, 1, done.stdout)
        wrong = [line for line in done.stdout.splitlines() if line.startswith("  WRONG")]
        self.assertEqual(len(wrong), 1, done.stdout)
        self.assertIn(expected, wrong[0])

    def test_right_settings_are_proved_and_nothing_is_left_there(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("answered a signed query, verified with " + self.settings["public_key_id"], done.stdout)
        self.assertRegex(done.stdout, r"ok +clock +agrees with WeChat Pay")
        self.assertRegex(done.stdout, r"note +serial_no +\S+ is not compared with the key: set certificate_file")
        self.assertNotIn("PROBE", self.merchant.client.get("/sandbox").body.decode())

    def test_the_same_for_programs(self):
        report = json.loads(self.check("--json").stdout)
        self.assertTrue(report["ok"])
        wechat = report["providers"][0]
        self.assertEqual((wechat["provider"], wechat["mode"], wechat["ok"]), ("wechat_pay", "live", True))
        self.assertLessEqual({f["verdict"] for f in wechat["findings"]}, {"ok", "note", "warning"})
        report = json.loads(self.check("--json", apiv3_key_file=self.write("k", "31 bytes")).stdout)
        self.assertFalse(report["ok"])
        self.assertEqual(
            report["providers"][0]["findings"],
            [
                {
                    "verdict": "wrong",
                    "subject": "wechat_pay.apiv3_key",
                    "detail": "has 8 bytes, must have exactly 32",
                }
            ],
        )

    def test_a_key_that_wechat_pay_does_not_know_is_told(self):
        stranger = self.write("stranger.pem", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
        self.assert_wrong("does not accept our signature", private_key_file=stranger)
        public = self.write("stranger_pub.pem", openssl("pkey", "-in", stranger, "-pubout"))
        self.assert_wrong("is not the one WeChat Pay signs with", public_key_file=public)
        self.assert_wrong("that key is not in the settings", public_key_id="PUB_KEY_ID_1")
        self.assert_wrong("has none for this merchant", platform_certificates="true")

    def test_a_host_that_does_not_answer_is_told(self):
        self.assert_wrong("cannot be reached", base_url="http://127.0.0.1:9")
        done = self.check(backup_url="http://127.0.0.1:9")
        self.assertEqual(done.returncode, 1, "a backup host has the path of the other")
        done = self.check(backup_url="http://127.0.0.1:9" + wechat_wire.PREFIX)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"warning +127\.0\.0\.1:9 +cannot be reached")

    def test_alipay_is_proved_the_same_way(self):
        app = alipay_wire.App(self.server)
        settings = {
            "wechat_pay.mode": "off",
            "public_url": "https://shop.example",
            "alipay.mode": "live",
            "alipay.app_id": app.names["app_id"],
            "alipay.seller_id": app.names["seller_id"],
            "alipay.private_key_file": app.path("app_private_key.pem"),
            "alipay.gateway_url": f"http://127.0.0.1:{self.server.port}{alipay_wire.GATEWAY}",
        }
        public_key = {"alipay.public_key_file": app.path("alipay_public_key.pem")}

        def check(more):
            words = [word for key, value in {**settings, **more}.items() for word in ("--set", f"{key}={value}")]
            done = shop.run_command("pay", "check", "--provider", "alipay", *words, data=self.server.data, check=False)
            return done.returncode, done.stdout

        code, text = check(public_key)
        self.assertEqual(code, 0, text)
        self.assertIn("answered a signed query", text)
        self.assertNotIn("wechat_pay", text)
        code, text = check({**public_key, "alipay.private_key_file": self.write("other.pem", self.private_key)})
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"WRONG +127\.0\.0\.1:\d+ +answered what does not verify")
        own = self.write("own.pem", openssl("pkey", "-in", app.path("app_private_key.pem"), "-pubout"))
        code, text = check({"alipay.public_key_file": own})
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"WRONG +alipay\.public_key_file +is the application's own key")

    def test_without_real_payments_there_is_nothing_to_prove(self):
        done = shop.run_command("pay", "check", data=self.server.data)
        self.assertRegex(done.stdout, r"wechat_pay \(sandbox\)\n  note ")
        self.assertRegex(done.stdout, r"alipay \(sandbox\)\n  note ")
        done = shop.run_command("pay", "check", "--provider", "wechat_pay", data=self.server.data, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(shop.run_command("pay", check=False).returncode, 2)
        self.assertEqual(shop.run_command("pay", "check", "--provider", "cash", check=False).returncode, 2)

    def test_play_money_is_refused_beside_real_money(self):
        """With the simulator anybody could have an order for nothing."""
        words = [*self.words({}), "--set", "alipay.mode=sandbox"]
        with tempfile.TemporaryDirectory(prefix="doorbuster-e2e-") as data:
            done = shop.run_command("serve", "--port", "0", *words, data=data, check=False)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("configuration: alipay.mode: sandbox is play money", done.stderr)

    def test_who_has_one_real_provider_need_not_know_of_the_other(self):
        settings = {f"wechat_pay.{key}": value for key, value in self.settings.items()}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        live = shop.Server(settings={**settings, "public_url": "https://shop.example", "port": str(port)})
        self.addCleanup(live.remove)
        live.port = port  # the welcome names the public address only
        self.assertIn("Payments  WeChat Pay (live), Alipay (off)\n", "".join(live.output))
        self.assertNotIn("/sandbox", "".join(live.output))
        client = live.client()
        for path in ("/sandbox", "/sandbox/alipay/gateway.do"):
            self.assertEqual(client.get(path).status, 404, path)
        self.assertEqual(client.post("/sandbox/scan", {"code_url": "x"}).status, 404)
        self.assertEqual(client.request("POST", "/api/v1/payments/notifications/alipay", raw=b"a=b").status, 404)
        self.assertEqual(client.get("/api/v1/payments/return/alipay").status, 404)
        done = self.check()
        self.assertRegex(done.stdout, r"alipay \(off\)\n  note ")

    def test_a_server_does_not_start_with_wrong_keys_and_says_which_and_why(self):
        own = self.write("own.pem", openssl("pkey", "-in", self.settings["private_key_file"], "-pubout"))
        readable = self.write("readable.pem", self.private_key, 0o644)
        cases = {
            "wechat_pay.apiv3_key: has 31 bytes, must have exactly 32": {
                "apiv3_key_file": self.write("short.key", "k" * 31)
            },
            "wechat_pay.public_key_file: is the merchant's own key": {"public_key_file": own},
            "wechat_pay.private_key_file: is not an RSA private key": {"private_key_file": self.write("x", "x")},
            f"wechat_pay.private_key_file: key file {readable}: others may read it": {"private_key_file": readable},
            "wechat_pay.public_key_id: must begin with PUB_KEY_ID_": {"public_key_id": "24101100397200000006"},
        }
        stranger = self.write("stranger.pem", openssl("genrsa", "2048"))
        certificate = self.write("cert.pem", openssl(
            "req", "-x509", "-new", "-key", self.settings["private_key_file"], "-subj", "/CN=shop", "-days", "2"))
        serial = openssl("x509", "-in", certificate, "-noout", "-serial").strip().partition("=")[2]
        cases["wechat_pay.private_key_file: is not the key of the certificate in certificate_file"] = {
            "certificate_file": certificate, "serial_no": serial, "private_key_file": stranger
        }
        for expected, changes in cases.items():
            self.assert_no_start(expected, self.words(changes), self.private_key)

    def assert_no_start(self, expected, words, secret):
        with tempfile.TemporaryDirectory(prefix="doorbuster-e2e-") as data:
            done = shop.run_command("serve", "--port", "0", *words, data=data, check=False)
        self.assertEqual(done.returncode, 2, done)
        lines = [line for line in done.stderr.splitlines() if line.startswith("doorbuster: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn("configuration: " + expected, lines[0])
        self.assertNotIn(secret.splitlines()[1], done.stderr + done.stdout)

    def test_nor_does_it_start_with_wrong_keys_of_alipay(self):
        app = alipay_wire.App(self.server)
        private_key = app.path("app_private_key.pem")
        certificates = {
            "app_cert_file": app.path("appCertPublicKey.crt"),
            "alipay_cert_file": app.path("alipayCertPublicKey_RSA2.crt"),
            "root_cert_file": app.path("alipayRootCert.crt"),
        }
        own = self.write("own.pem", openssl("pkey", "-in", private_key, "-pubout"))
        stranger = self.write("stranger.pem", openssl("genrsa", "2048"))
        cases = {
            "alipay.private_key_file: is not an RSA private key": {"private_key_file": self.write("x", "x")},
            "alipay.public_key_file: is the application's own key": {"public_key_file": own},
            "alipay.app_cert_file: does not belong to private_key_file": {
                **certificates, "public_key_file": "", "private_key_file": stranger
            },
        }
        for expected, changes in cases.items():
            settings = {
                "mode": "live",
                "app_id": app.names["app_id"],
                "seller_id": app.names["seller_id"],
                "private_key_file": private_key,
                "public_key_file": app.path("alipay_public_key.pem"),
                "gateway_url": f"http://127.0.0.1:{self.server.port}{alipay_wire.GATEWAY}",
                **changes,
            }
            words = ["--set", "wechat_pay.mode=off", "--set", "public_url=https://shop.example"]
            words += [word for key, value in settings.items() for word in ("--set", f"alipay.{key}={value}")]
            self.assert_no_start(expected, words, self.private_key)
