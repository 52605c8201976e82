"""The merchant's side of Alipay OpenAPI 2.0, to call the simulator as a shop would; signs with the openssl command."""

import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import tempfile
import urllib.parse

GATEWAY = "/sandbox/alipay/gateway.do"
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


def openssl(*words, data=b""):
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, check=True)
    return done.stdout


def certificate_sn(path):
    """MD5 of the issuer, the most specific name first, and the serial number in decimal."""
    text = openssl("x509", "-in", path, "-noout", "-issuer", "-serial", "-nameopt", "RFC2253,-esc_msb,utf8").decode()
    issuer = re.search(r"issuer=\s*(.*)", text).group(1)
    serial = int(re.search(r"serial=([0-9A-F]+)", text).group(1), 16)
    return hashlib.md5(f"{issuer}{serial}".encode()).hexdigest()


class App:
    def __init__(self, server, certified=False):
        self.folder = os.path.join(server.data, "keys", "sandbox", "alipay")
        self.certified = certified
        with open(self.path("identity.json"), encoding="utf-8") as file:
            self.names = json.load(file)
        self.client = server.client()

    def path(self, name):
        return os.path.join(self.folder, name)

    def sign(self, params):
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        made = openssl("dgst", "-sha256", "-sign", self.path("app_private_key.pem"), data=text.encode())
        return base64.b64encode(made).decode()

    def proves(self, text, signature):
        """Whether Alipay's key of this mode signed it."""
        with tempfile.NamedTemporaryFile() as file:
            key = self.path("alipay_public_key.pem")
            if self.certified:
                words = ("x509", "-in", self.path("alipayCertPublicKey_RSA2.crt"), "-noout", "-pubkey")
                key = file.name + ".pub"
                with open(key, "wb") as public:
                    public.write(openssl(*words))
            file.write(base64.b64decode(signature))
            file.flush()
            done = subprocess.run(
                ["openssl", "dgst", "-sha256", "-verify", key, "-signature", file.name],
                input=text.encode(),
                capture_output=True,
            )
            if self.certified:
                os.remove(key)
        return done.returncode == 0

    def params(self, method, biz_content, **more):
        params = {
            "app_id": self.names["app_id"],
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(biz_content, ensure_ascii=False),
            **more,
        }
        if self.certified:
            params["app_cert_sn"] = certificate_sn(self.path("appCertPublicKey.crt"))
            params["alipay_root_cert_sn"] = certificate_sn(self.path("alipayRootCert.crt"))
        return {**params, "sign": self.sign(params)}

    def send(self, params):
        body = urllib.parse.urlencode({"biz_content": params["biz_content"]})
        query = urllib.parse.urlencode({name: value for name, value in params.items() if name != "biz_content"})
        return self.client.request("POST", f"{GATEWAY}?{query}", headers=FORM, raw=body.encode())

    def call(self, method, biz_content):
        """The response node, after its signature was checked."""
        text = self.send(self.params(method, biz_content)).body.decode()
        node = re.match(r'\{"\w+":(\{.*\})(?:,"alipay_cert_sn":"(\w+)")?,"sign":"([^"]+)"\}$', text)
        assert node, text
        assert self.proves(node.group(1), node.group(3)), text
        assert bool(node.group(2)) == self.certified, text
        return json.loads(node.group(1))

    def page(self, number, yuan, **more):
        """Opens a signed page as a browser does, by form; where it is sent to."""
        content = {
            "out_trade_no": number,
            "total_amount": yuan,
            "subject": "咖啡豆 500g",
            "product_code": "FAST_INSTANT_TRADE_PAY",
        }
        return self.send(self.params("alipay.trade.page.pay", content, **more))

    def is_told(self, body):
        """The parameters of a notification or a return, if Alipay signed them; else nothing."""
        told = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        kept = {name: value for name, value in told.items() if name not in ("sign", "sign_type")}
        text = "&".join(f"{name}={kept[name]}" for name in sorted(kept))
        return told if self.proves(text, told["sign"]) else None
