"""The payment API as an order system meets it, for the tests."""

import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse

import shop

APPS = "/api/admin/v1/pay-apps"
PAYMENTS = "/api/pay/v1/payments"
REFUNDS = "/api/pay/v1/refunds"


def is_genuine(secret, header, body, now, tolerance=300):
    """What an integrator writes from the documents alone: whether a notification is from Doorbuster."""
    parts = [part.split("=", 1) for part in header.split(",")]
    seconds = dict(parts)["t"]
    if not seconds.isdigit() or abs(now - int(seconds)) > tolerance:
        return False
    expected = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected, value) for name, value in parts if name == "v1")


def pay(client, payment):
    """As a buyer would: with the phone, or in the provider's page. The simulator's answer."""
    if payment["code_url"]:
        return client.post("/sandbox/scan", {"code_url": payment["code_url"]})
    target = urllib.parse.urlsplit(payment["redirect_url"])
    cashier = client.get(f"{target.path}?{target.query}").headers["location"]
    return client.post("/sandbox/alipay/scan", {"page": cashier})


class Receiver:
    """Where an order system is told what happened. `hear(headers, body)` says which status is answered."""

    def __init__(self, hear, port=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(hear(self.headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/told"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class OrderSystem:
    """Sells things and knows nothing of Doorbuster but its documents."""

    def __init__(self, server, name):
        self.lock = threading.Lock()
        self.events = {}  # by id: what came twice counts once
        self.refused = 0
        self.secret = None
        self.receiver = Receiver(self.hear)
        made = shop.run_command("app-key", "create", name, "--notify-url", self.receiver.url, data=server.data)
        words = dict(line.rsplit(None, 1) for line in made.stdout.splitlines()[:2])
        self.key, self.secret = words["key"], words["signing secret"]
        self.name = name
        self.client = server.client(token=self.key)

    def hear(self, headers, body):
        with self.lock:
            if not is_genuine(self.secret, headers["Doorbuster-Signature"], body, time.time()):
                self.refused += 1
                return 401
            event = json.loads(body)
            self.events[event["id"]] = event
            return 204

    def told(self, topic):
        with self.lock:
            return [event["data"] for event in self.events.values() if event["topic"] == topic]

    def paid_references(self):
        return {data["reference"] for data in self.told("payment.succeeded")}

    def vanish(self):
        self.receiver.close()

    def come_back(self):
        self.receiver = Receiver(self.hear, self.receiver.port)


def order(reference, amount=1000, provider="wechat_pay", **more):
    wanted = {"reference": reference, "provider": provider, "amount": amount, "description": "A kettle"}
    return {**wanted, "expires_in": 1800, **more}


def answer_everything(test):
    """Each operation of the API and of its administration, once well and once refused. Returns an app's client."""
    expect, admin = test.expect, test.admin
    made = expect(201, admin.post(APPS, {"name": "erp", "notify_url": "http://127.0.0.1:9/told"}))
    expect(409, admin.post(APPS, {"name": "erp"}), "app_name_taken")
    expect(200, admin.get(APPS))
    one = f"{APPS}/{made['id']}"
    expect(200, admin.get(one))
    expect(200, admin.patch(one, {"enabled": True}))
    expect(422, admin.patch(one, {"notify_url": "nowhere"}), "validation_failed")
    expect(200, admin.patch(one, {"return_url": "https://erp.example/paid"}))
    expect(422, admin.patch(one, {"return_url": "http://erp.example/paid"}), "validation_failed")
    second = expect(201, admin.post(f"{one}/keys"))
    expect(409, admin.post(f"{one}/keys"), "too_many_app_keys")
    expect(200, admin.delete(f"{one}/keys/{made['keys'][0]['id']}"))
    expect(404, admin.delete(f"{one}/keys/{made['keys'][0]['id']}"), "app_key_not_found")
    expect(200, admin.post(f"{one}/signing-secret"))
    expect(200, admin.post(f"{one}/signing-secret", {"overlap_hours": 24}))
    expect(422, admin.post(f"{one}/signing-secret", {"overlap_hours": 169}), "validation_failed")
    app = test.server.client(token=second["key"])
    use(test, app)
    waiting = test.wait_for("a delivery", lambda: expect(200, admin.get(f"{one}/deliveries"))["list"])
    expect(200, admin.post(f"{one}/deliveries/{waiting[0]['id']}/redeliver"))
    expect(404, admin.post(f"{one}/deliveries/999999/redeliver"), "webhook_delivery_not_found")
    expect(200, admin.patch(one, {"enabled": False}))
    expect(403, app.get(f"{PAYMENTS}?reference=A1"), "app_disabled")
    expect(200, admin.patch(one, {"enabled": True, "notify_url": None}))
    expect(409, admin.post(f"{one}/deliveries/{waiting[0]['id']}/redeliver"), "webhook_disabled")
    return app


def use(test, app):
    expect = test.expect
    begun = expect(201, app.post(PAYMENTS, order("A1")))
    expect(409, app.post(PAYMENTS, order("A1", 999)), "amount_differs")
    expect(422, app.post(PAYMENTS, order("A2", provider="cash")), "unknown_provider")
    paged = expect(201, app.post(PAYMENTS, order("A3", provider="alipay")))
    test.assertTrue(paged["redirect_url"] and paged["pay_page"] is None)
    expect(200, app.post(f"{PAYMENTS}/close", {"reference": "A4"}))
    expect(200, test.guest.post("/sandbox/scan", {"code_url": begun["code_url"]}))
    path = f"{PAYMENTS}/{begun['id']}"
    test.wait_for("a payment", lambda: expect(200, app.get(path))["status"] == "paid")
    expect(409, app.post(f"{PAYMENTS}/close", {"reference": "A1"}), "already_paid")
    expect(409, app.post(PAYMENTS, order("A1")), "already_paid")
    expect(200, app.get(f"{PAYMENTS}?reference=A1"))
    expect(422, app.get(PAYMENTS), "validation_failed")
    wanted = {"payment": begun["id"], "refund_reference": "R1", "amount": 400, "reason": "broken"}
    refund = expect(201, app.post(REFUNDS, wanted))
    expect(409, app.post(REFUNDS, {**wanted, "amount": 401}), "refund_reference_used")
    expect(200, app.get(f"{REFUNDS}/{refund['id']}"))
    expect(200, app.get(f"{REFUNDS}?payment={begun['id']}"))
