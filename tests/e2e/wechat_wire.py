"""The merchant's side of WeChat Pay APIv3, to call the simulator as a shop would; signs with the openssl command."""

import base64
import contextlib
import json
import os
import sqlite3
import subprocess
import time

PREFIX = "/sandbox/wechat_pay"


class Merchant:
    def __init__(self, server):
        self.folder = os.path.join(server.data, "keys", "sandbox", "wechat_pay")
        with open(os.path.join(self.folder, "identity.json"), encoding="utf-8") as file:
            self.names = json.load(file)
        self.mchid = self.names["mchid"]
        self.client = server.client()

    def sign(self, message):
        key = os.path.join(self.folder, "merchant_private_key.pem")
        done = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", key], input=message.encode(), capture_output=True, check=True
        )
        return base64.b64encode(done.stdout).decode()

    def call(self, method, path, body=None):
        target = PREFIX + path
        text = json.dumps(body) if body is not None else ""
        now, nonce = str(int(time.time())), base64.b16encode(os.urandom(16)).decode()
        pairs = {
            "mchid": self.mchid,
            "nonce_str": nonce,
            "signature": self.sign("".join(line + "\n" for line in (method, target, now, nonce, text))),
            "timestamp": now,
            "serial_no": self.names["merchant_serial"],
        }
        joined = ",".join(f'{name}="{value}"' for name, value in pairs.items())
        headers = {"Authorization": "WECHATPAY2-SHA256-RSA2048 " + joined, "Content-Type": "application/json"}
        return self.client.request(method, target, headers=headers, raw=text.encode() if text else None)

    def native_order(self, number):
        """The body of a Native order; nothing listens where it wants to be notified."""
        return {
            "appid": self.names["appid"],
            "mchid": self.mchid,
            "description": "对账单 statement",
            "out_trade_no": number,
            "notify_url": "http://127.0.0.1:9/notify",
            "amount": {"total": 100, "currency": "CNY"},
        }


def kept_notification(server, event="TRANSACTION", postgres=None):
    """Headers and body of a notification of such an event that the server has, as it keeps them in its database."""
    text = "convert_from(body, 'UTF8')" if postgres else "CAST(body AS TEXT)"
    query = f"""SELECT headers || '\n' || {text} FROM payment_notifications
                WHERE provider = 'wechat_pay' AND {text} LIKE '%"event_type":"{event}.%' LIMIT 1"""
    if postgres:
        row = postgres.psql(query, postgres.name).rstrip("\n")
    else:
        with contextlib.closing(sqlite3.connect(f"file:{server.data}/doorbuster.db?mode=ro", uri=True)) as database:
            row = (database.execute(query).fetchone() or [""])[0]
    headers, _, body = row.partition("\n")
    return body and (json.loads(headers), body.encode())
