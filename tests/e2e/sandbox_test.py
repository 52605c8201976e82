"""The gateway simulator alone, as other software meets it: both protocols, on the wire, signed by openssl."""

import base64
import hashlib
import http.server
import io
import json
import os
import queue
import re
import stat
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import zipfile

import alipay_wire
import shop
import wechat_wire


class Gateway (shop.Server):  # no test: the space keeps ctest from taking it for one
    command = ("sandbox", "--port", "0", "--bills-at-once", "--time-scale", "0.01")


class Listener:
    """A merchant's server for notifications; answers as Alipay and WeChat Pay want it."""

    def __init__(self):
        self.told = queue.Queue()
        told = self.told

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.put((dict(self.headers), body.decode()))
                self.send_response(200)
                self.send_header("Content-Length", "7")
                self.end_headers()
                self.wfile.write(b"success")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify"

    def next(self):
        return self.told.get(timeout=shop.DEADLINE)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class AloneTest(unittest.TestCase):
    wait_for = shop.ShopTest.wait_for

    def setUp(self):
        self.server = Gateway()
        self.addCleanup(self.server.remove)
        self.listener = Listener()
        self.addCleanup(self.listener.close)
        self.client = self.server.client()

    def statement(self, provider):
        return self.client.get(f"/sandbox/control/statement?provider={provider}").data


class WechatPay(AloneTest):
    def proves(self, headers, body):
        merchant = wechat_wire.Merchant(self.server)
        headers = {name.lower(): value for name, value in headers.items()}
        message = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n{body}\n"
        with tempfile.NamedTemporaryFile() as file:
            file.write(base64.b64decode(headers["wechatpay-signature"]))
            file.flush()
            key = os.path.join(merchant.folder, "wechat_pay_public_key.pem")
            done = subprocess.run(
                ["openssl", "dgst", "-sha256", "-verify", key, "-signature", file.name],
                input=message.encode(),
                capture_output=True,
            )
        return done.returncode == 0

    def test_sells_refunds_and_makes_the_bill_of_it(self):
        merchant = wechat_wire.Merchant(self.server)
        order = {**merchant.native_order("ORDER1"), "notify_url": self.listener.url}
        code = merchant.call("POST", "/v3/pay/transactions/native", order).json["code_url"]
        scanned = self.client.post("/sandbox/scan", {"code_url": code, "coupon": 10})
        self.assertEqual(scanned.data["payer_total"], 90)
        headers, body = self.listener.next()
        self.assertTrue(self.proves(headers, body))
        self.assertFalse(self.proves(headers, body + " "))
        self.assertEqual(json.loads(body)["event_type"], "TRANSACTION.SUCCESS")

        asked = merchant.call("GET", f"/v3/pay/transactions/out-trade-no/ORDER1?mchid={merchant.mchid}")
        self.assertTrue(self.proves(asked.headers, asked.body.decode()))
        self.assertEqual(asked.json["amount"], {"total": 100, "payer_total": 90, "currency": "CNY", "payer_currency": "CNY"})

        refund = {
            "out_trade_no": "ORDER1",
            "out_refund_no": "R1",
            "notify_url": self.listener.url,
            "amount": {"refund": 40, "total": 100, "currency": "CNY"},
        }
        self.assertEqual(merchant.call("POST", "/v3/refund/domestic/refunds", refund).json["status"], "PROCESSING")
        headers, body = self.listener.next()
        self.assertTrue(self.proves(headers, body))
        self.assertEqual(json.loads(body)["event_type"], "REFUND.SUCCESS")

        day = asked.json["success_time"][:10]
        bill = merchant.call("GET", f"/v3/bill/tradebill?bill_date={day}").json
        target = urllib.parse.urlsplit(bill["download_url"])
        self.assertEqual(target.netloc, f"127.0.0.1:{self.server.port}")
        path = f"{target.path}?{target.query}".removeprefix(wechat_wire.PREFIX)
        file = merchant.call("GET", path).body
        self.assertEqual(hashlib.sha1(file).hexdigest(), bill["hash_value"])
        totals = file.decode("utf-8-sig").splitlines()[-1]
        self.assertEqual(totals, "`2,`0.90,`0.36,`0.00,`0.01000,`1.00,`0.40")
        sums = self.statement("wechat_pay")
        self.assertEqual(sums["payments"], {"count": 1, "amount": 100})
        self.assertEqual(sums["refunds"], {"SUCCESS": {"count": 1, "amount": 40}})

    def test_answers_nothing_when_it_is_told_to(self):
        merchant = wechat_wire.Merchant(self.server)
        faults = [{"out_trade_no": "ORDER1", "fault": "reset_after"}]
        self.assertEqual(self.client.request("PATCH", "/sandbox/control", {"order_faults": faults}).status, 200)
        with self.assertRaises(ConnectionError):
            merchant.call("POST", "/v3/pay/transactions/native", merchant.native_order("ORDER1"))
        asked = merchant.call("GET", f"/v3/pay/transactions/out-trade-no/ORDER1?mchid={merchant.mchid}")
        self.assertEqual(asked.json["trade_state"], "NOTPAY")


class Alipay(AloneTest):
    def buy(self, app, number):
        """Through the pages, as a person with a browser."""
        opened = app.page(number, "88.80", notify_url=self.listener.url, return_url="https://shop.test/back")
        self.assertEqual(opened.status, 302, opened)
        cashier = opened.headers["location"]
        token = cashier.partition("page=")[2]
        self.assertIn("登录或扫码", self.client.get(cashier).body.decode())
        self.assertEqual(app.call("alipay.trade.query", {"out_trade_no": number})["sub_code"], "ACQ.TRADE_NOT_EXIST")
        form = urllib.parse.urlencode({"page": token, "buyer": "buyer2"}).encode()
        entered = self.client.request("POST", "/sandbox/alipay/cashier/log-in", raw=form, headers=alipay_wire.FORM)
        self.assertIn("确认付款", self.client.get(entered.headers["location"]).body.decode())
        paid = self.client.request("POST", "/sandbox/alipay/cashier/pay", raw=form, headers=alipay_wire.FORM)
        done = self.client.get(paid.headers["location"]).body.decode()
        back = re.search(r'href="(https://shop.test/back[^"]*)"', done).group(1).replace("&amp;", "&")
        returned = app.is_told(urllib.parse.urlsplit(back).query)
        self.assertEqual(returned["total_amount"], "88.80")

    def sell_and_refund(self, certified):
        app = alipay_wire.App(self.server, certified)
        self.buy(app, "SK1")
        told = app.is_told(self.listener.next()[1])
        self.assertEqual((told["trade_status"], told["total_amount"]), ("TRADE_SUCCESS", "88.80"))
        refund = {"out_trade_no": "SK1", "out_request_no": "R1", "refund_amount": "8.80"}
        self.assertEqual(app.call("alipay.trade.refund", refund)["fund_change"], "Y")
        self.assertEqual(app.call("alipay.trade.refund", refund)["fund_change"], "N")
        told = app.is_told(self.listener.next()[1])
        self.assertEqual((told["trade_status"], told["out_biz_no"]), ("TRADE_SUCCESS", "R1"))
        asked = app.call("alipay.trade.query", {"out_trade_no": "SK1"})
        self.assertEqual(asked["trade_status"], "TRADE_SUCCESS")
        return app, asked["send_pay_date"][:10]

    def test_sells_and_refunds_with_certificates(self):
        self.sell_and_refund(certified=True)

    def test_sells_refunds_and_makes_the_bill_of_it(self):
        app, day = self.sell_and_refund(certified=False)
        for kind, line in (
            ("trade", "#交易合计：1笔，商家实收共88.80元，商家优惠共0.00元"),
            ("signcustomer", "#收入合计：2笔，共88.85元"),
        ):
            content = {"bill_type": kind, "bill_date": day}
            url = app.call("alipay.data.dataservice.bill.downloadurl.query", content)["bill_download_url"]
            target = urllib.parse.urlsplit(url)
            archive = zipfile.ZipFile(io.BytesIO(self.client.get(f"{target.path}?{target.query}").body))
            self.assertIsNone(archive.testzip())
            text = archive.read(archive.infolist()[0]).decode("gbk")
            self.assertIn(line + "\r\n", text)
        self.assertEqual(self.statement("alipay")["payments"], {"count": 1, "amount": 8880})

    def test_refuses_a_forged_call_without_a_signature_of_its_own(self):
        app = alipay_wire.App(self.server)
        params = app.params("alipay.trade.query", {"out_trade_no": "SK1"})
        refused = app.send({**params, "biz_content": '{"out_trade_no":"SK2"}'}).json
        self.assertEqual(refused["error_response"]["sub_code"], "isv.invalid-signature")
        self.assertNotIn("sign", refused)


class TheCommand(unittest.TestCase):
    def test_tells_where_everything_is_and_finds_it_again(self):
        server = Gateway()
        self.addCleanup(server.remove)
        text = "".join(server.output)
        for part in ("/sandbox/wechat_pay", "/sandbox/alipay/gateway.do", "mchid", "app_id", "keys/sandbox"):
            self.assertIn(part, text)
        names = wechat_wire.Merchant(server).names
        self.assertIn(names["mchid"], text)
        self.assertIn("First start", text)
        for folder, _, files in os.walk(os.path.join(server.data, "keys")):
            for name in files:
                mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                self.assertEqual(mode, 0o600, name)
        self.assertEqual(server.stop(), 0)
        server.restart()
        self.assertNotIn("First start", "".join(server.output))
        self.assertEqual(wechat_wire.Merchant(server).names, names)

    def test_refuses_a_fault_that_it_does_not_know(self):
        for word in ("odd=1", "server_error=2", "server_error=x"):
            data = tempfile.mkdtemp()
            self.addCleanup(shop.shutil.rmtree, data)
            done = shop.run_command("sandbox", "--fault", word, data=data, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("--fault", done.stderr)
            self.assertIn("--help", done.stderr)

    def test_names_all_faults_in_its_help(self):
        data = tempfile.mkdtemp()
        self.addCleanup(shop.shutil.rmtree, data)
        text = shop.run_command("sandbox", "--help", data=data).stdout
        for fault in ("drop_notification", "answer_not_json", "rotate_key"):
            self.assertIn(fault, text)
        self.assertLess(max(len(line) for line in text.splitlines()), 120)


if __name__ == "__main__":
    unittest.main()
