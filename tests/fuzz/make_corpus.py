#!/usr/bin/env python3
"""Writes the corpus that the fuzz targets begin with to tests/data/fuzz: the payment vectors in the
form that each target reads, and edge cases by hand. What fuzzing found lies there, too, under names
that begin with `found`, and is left alone."""
import base64
import gzip
import io
import json
import pathlib
import re
import struct
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
VECTORS = ROOT / "data" / "payments-vectors"
CORPUS = ROOT / "data" / "fuzz"
TAMPER = b"\n~~\n"  # kTamper of fuzz.hpp
BYTES_MAX = 4096  # of one input


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def put(target, name, content):
    content = content.encode() if isinstance(content, str) else content
    if len(content) > BYTES_MAX:
        return
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    (folder / slug).write_bytes(content)


def der_of(pem):
    body = re.search(r"-----BEGIN [^-]+-----(.*?)-----END", pem, re.S).group(1)
    return base64.b64decode(body)


# ---- Alipay ----

def alipay_form():
    for case in vectors("alipay-notify")["cases"]:
        put("alipay_form", case["name"], case["raw_form"])
    paid = "notify_id=1&notify_type=trade_status_sync&app_id=2&seller_id=3&trade_no=42" \
        "&out_trade_no=SK1&trade_status=TRADE_SUCCESS&total_amount=88.88&gmt_payment=" \
        "2026-11-22+10%3A05%3A02&charset=utf-8"
    edits = {
        "tampered amount": bytes([0, 95, ord("9")]),
        "tampered by an ampersand": bytes([1, 11, ord("&")]),
        "tampered by an erased byte": bytes([2, 60, 0]),
        "tampered by a repeated part": bytes([3, 40, 70]),
    }
    for name, script in edits.items():
        put("alipay_form", name, paid.encode() + TAMPER + script)
    put("alipay_form", "ampersand in a title", paid + "&subject=a%26total_amount%3D0.01")
    put("alipay_form", "name with an equals sign", paid + "&a%3Db=c")
    put("alipay_form", "empty values", paid + "&body=&gmt_refund=&out_biz_no=")
    put("alipay_form", "other charset", paid.replace("utf-8", "GBK"))
    put("alipay_form", "percent sign cut off", "a=%4")
    put("alipay_form", "nothing but marks", "&=&%=&+")
    put("alipay_form", "name only", "=1")
    put("alipay_form", "zero byte", "a=%00&%00=b")
    put("alipay_form", "many fields", "&".join(f"a{i}=" for i in range(257)))
    put("alipay_form", "refund", paid + "&refund_fee=0.30&out_biz_no=RF1&gmt_refund=2026-11-22+10%3A06%3A00.320")
    put("alipay_form", "return", "method=alipay.trade.page.pay.return&out_trade_no=SK1&trade_no=42&app_id=2&seller_id=3")


def alipay_answer():
    for case in vectors("alipay-response")["cases"]:
        put("alipay_answer", case["name"], case["body"])
    node = '{"code":"10000","out_trade_no":"SK1","trade_no":"42","trade_status":"TRADE_SUCCESS",' \
        '"total_amount":"88.88","url":"a\\/b"}'
    put("alipay_answer", "tampered amount", node.encode() + TAMPER + bytes([0, 150, ord("9")]))
    put("alipay_answer", "tampered by a backslash", node.encode() + TAMPER + bytes([1, 170, ord("\\")]))
    hand = {
        "escaped name": '{"a\\u0062":1}',
        "member twice": '{"a":1,"a":2}',
        "member twice within": '{"a":{"b":1,"\\u0062":2}}',
        "deep": '{"a":' + "[" * 33 + "]" * 33 + "}",
        "white space": ' {\n"a" : [ 1 , {"b":"}"} ] ,\t"c":"\\"," }\r\n',
        "numbers": '{"a":-0.0e-10,"b":1e400,"c":18446744073709551616,"d":9223372036854775807}',
        "text that is no utf-8": b'{"a":"\xff\xfe"}',
        "surrogate alone": '{"a":"\\ud800"}',
        "refund": '{"code":"10000","out_trade_no":"SK1","fund_change":"Y","refund_fee":"1.00"}',
        "refund of which": '{"out_request_no":"RF1","out_trade_no":"SK1","refund_status":"REFUND_SUCCESS","refund_amount":"0.30","gmt_refund_pay":"2026-11-22 10:05:02"}',
        "closed after payment": '{"out_trade_no":"SK1","trade_no":"42","trade_status":"TRADE_CLOSED","total_amount":"1","send_pay_date":"2026-11-22 10:05:02"}',
        "bill": '{"bill_download_url":"https://dwbillcenter.alipay.com/downloadBillFile.resource?a=b"}',
        "no bill": '{"bill_file_code":"EMPTY_DATA_WITH_BILL_FILE"}',
        "certificate": '{"alipay_cert_content":"LS0tLS1CRUdJTg=="}',
        "failure": '{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"x"}',
        "node that is no object": '{"alipay_trade_query_response":[{}],"sign":"AAAA"}',
        "empty object": "{}",
    }
    for name, text in hand.items():
        put("alipay_answer", name, text)


TRADE = "支付宝交易号,商户订单号,业务类型,商品名称,完成时间,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注\n"
FUND = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\n"


def alipay_bill():
    for case in vectors("alipay-bill")["cases"]:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(case["zip_b64"])))
        for info in archive.infolist():
            content = archive.read(info)
            kind = b"1" if "业务明细" in content.decode("gb18030", "ignore")[:40] else b"0"
            put("alipay_bill", case["name"] + " " + str(archive.infolist().index(info)), kind + content)
    row = "2026,SK1,交易,手机,2026-11-22 10:00:00,88.88,88.88,,-0.53,r\n"
    back = "2026,SK1,退款,手机,2026-11-22 10:00:00,-0.30,-0.30,RF1,0.01,r\n"
    end = "#-----业务明细列表结束-----\n#交易合计：1笔，商家实收共88.98元\n#退款合计：1笔，商家实收退款共-0.30元\n"
    head = "#支付宝业务明细查询\n"
    put("alipay_bill", "hand utf-8", "1" + head + TRADE + row + back + end.replace("88.98", "88.88"))
    put("alipay_bill", "hand wrong total", "1" + head + TRADE + row + back + end)
    put("alipay_bill", "comma in a title and in a remark", "1" + head + TRADE + row.replace("手机", "a,b").replace("r\n", "r,s\n") + back + end.replace("88.98", "88.88"))
    put("alipay_bill", "number that is no utf-8", b"1" + (head + TRADE + row + back + end.replace("88.98", "88.88")).encode().replace(b"SK1", b"S\xff1"))
    put("alipay_bill", "cut off", "1" + head + TRADE + row)
    put("alipay_bill", "no rows", "1" + head + TRADE + end.replace("1笔", "0笔").replace("88.98", "0.00").replace("-0.30", "0.00"))
    put("alipay_bill", "huge amounts", "1" + head + TRADE + row.replace("88.88", "1000000000.00") * 3 + end.replace("1笔，商家实收共88.98", "3笔，商家实收共3000000000.00").replace("1笔，商家实收退款共-0.30", "0笔，商家实收退款共0.00"))
    put("alipay_bill", "summary", "1#支付宝业务汇总查询\nanything\n")
    put("alipay_bill", "byte order mark", "1\ufeff" + head + TRADE + row + back + end.replace("88.98", "88.88"))
    fund = "#支付宝账务明细查询\n" + FUND + "1,2026,SK1,手机,2026-11-22 10:00:00,,88.88,,1,支付宝,在线支付,\n" \
        "2,2026,SK1,手机,2026-11-22 10:00:00,,,-0.53,1,支付宝,收费,\n" \
        "#-----账务明细列表结束-----\n#支出合计：1笔，共-0.53元\n#收入合计：1笔，共88.88元\n"
    put("alipay_bill", "hand fund", "0" + fund)
    put("alipay_bill", "hand fund gb18030", b"0" + fund.encode("gb18030"))
    put("alipay_bill", "written two rows", b"w" + bytes([2, 0, 0, 0, 0, 100, 1, 3, 0, 0, 0, 50, 0]))
    put("alipay_bill", "written titles with commas", b"w" + bytes([3, 2, 0, 0, 0, 9, 0, 8, 0, 0, 0, 9, 0, 7, 255, 255, 255, 255, 255]))


def archive():
    for case in vectors("alipay-bill")["cases"]:
        put("archive", "zip " + case["name"], b"z" + base64.b64decode(case["zip_b64"]))
    for case in vectors("wechat-bill")["cases"]:
        if "gzip_b64" in case:
            put("archive", "gzip " + case["name"], b"g" + base64.b64decode(case["gzip_b64"]))
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    put("archive", "deflate", b"d" + raw.compress(b"abc" * 50) + raw.flush())
    put("archive", "gzip bomb", b"g" + gzip.compress(b"0" * 2_000_000, 9, mtime=0))
    put("archive", "gzip twice", b"g" + gzip.compress(b"a", mtime=0) * 2)
    put("archive", "gzip cut off", b"g" + gzip.compress(b"abc" * 50, mtime=0)[:-3])
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as out:
        out.writestr("a", b"")
        out.writestr("b", b"abc")
    put("archive", "zip stored", b"z" + stored.getvalue())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for name in "abcd":
            out.writestr(name, b"0" * 400_000)
    put("archive", "zip bomb", b"z" + bomb.getvalue())
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 46, 0, 0)
    put("archive", "zip directory that is its end", b"z" + end)
    put("archive", "zip comment", b"z" + stored.getvalue()[:-2] + b"\x03\x00abc")

    def packed(how, size, pattern):
        return b"p" + bytes([how]) + struct.pack(">I", size) + pattern

    for size in (0, 1, 65535, 65536, 65537, 65600, 65793, 65794, 131072, 131073):
        put("archive", f"pack {size}", packed(8, size, b"a"))
    put("archive", "pack text", packed(5, 150_000, "2026-11-22 10:00:00,88.88,交易\n".encode()))
    put("archive", "pack stored", packed(128, 70_000, b"abcdefghijklmnop"))


def certificate():
    for case in vectors("alipay-cert-sn")["cases"]:
        put("certificate", "pem " + case["file"], "." + case["pem"])
        if case["pem"].count("BEGIN") == 1:
            put("certificate", "der " + case["file"], b"0" + der_of(case["pem"]))
    keys = vectors("alipay-keys")
    mode = keys["certificate_mode"]
    put("certificate", "chain of alipay", "." + mode["alipay_cert_pem"])
    put("certificate", "chain of the application", "." + mode["app_cert_pem"])
    put("certificate", "public key", b"1" + der_of(keys["alipay"]["public_key_pem"]))
    put("certificate", "public key bare", "." + keys["alipay"]["public_key_bare"])
    put("certificate", "private key", b"2" + der_of(keys["app"]["private_key_pkcs8_pem"]))
    put("certificate", "private key pkcs1", b"3" + der_of(keys["app"]["private_key_pkcs1_pem"]))
    put("certificate", "private key bare", "." + keys["app"]["private_key_pkcs8_bare"])
    put("certificate", "label alone", ".-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    put("certificate", "encrypted", ".-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n")


# ---- WeChat Pay ----

HEADERS = ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature-Type", "Wechatpay-Signature"]


def wechat_notification():
    for case in vectors("wechat-notify")["cases"] + vectors("wechat-verify")["cases"]:
        headers = "".join(case["headers"].get(name, "") + "\n" for name in HEADERS)
        put("wechat_notification", case["name"], headers + case["body"])
    body = '{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"AAAA","associated_data":"","nonce":"7XnTEkE3Lyvu"}}'
    message = ("1795319000\nnonce\n\n\n\n" + body).encode()
    put("wechat_notification", "tampered body", message + TAMPER + bytes([4, 200, ord("x")]))
    put("wechat_notification", "tampered nonce", message + TAMPER + bytes([0, 12, ord("x")]))
    put("wechat_notification", "tampered by a line feed", message + TAMPER + bytes([1, 13, 10]))
    put("wechat_notification", "timestamps", "-1\nnonce\nserial\n\nAAAA\n{}")
    put("wechat_notification", "timestamp too long", "99999999999999999999\nnonce\nserial\n\nAAAA\n{}")


def wechat_resource():
    for case in vectors("wechat-aead")["cases"]:
        put("wechat_resource", "sealed " + case["name"], f"{case['nonce']}\n{case['associated_data']}\n{case['ciphertext']}")
    for case in vectors("wechat-notify")["cases"]:
        if case.get("plaintext"):
            put("wechat_resource", "open " + case["name"], "\ntransaction\n" + case["plaintext"])
            resource = json.loads(case["body"])["resource"]
            put("wechat_resource", "sealed " + case["name"], f"{resource['nonce']}\n{resource.get('associated_data', '')}\n{resource['ciphertext']}")
    trade = '{"mchid":"1","appid":"2","out_trade_no":"SK0001","transaction_id":"42","trade_state":"SUCCESS","success_time":"2026-11-22T10:34:55+08:00","amount":{"total":%s,"currency":"CNY"}}'
    for total in ("100", "-1", "100.0", "1e2", '"100"', "9223372036854775807", "9223372036854775808", "null"):
        put("wechat_resource", "total " + total.replace("-", "minus "), "\n\n" + trade % total)
    put("wechat_resource", "tampered", ("\n\n" + trade % "1").encode() + TAMPER + bytes([0, 20, ord("A")]))
    put("wechat_resource", "tampered padding", b"\n\nab" + TAMPER + bytes([0, 23, ord("=")]))


def wechat_answer():
    sealed = '{"data":[{"serial_no":"%s","effective_time":"2026-01-01T00:00:00+08:00","expire_time":"2031-01-01T00:00:00+08:00","encrypt_certificate":{"algorithm":"AEAD_AES_256_GCM","nonce":"123456789012","associated_data":"certificate","ciphertext":"PEM"}}]}'
    serial = vectors("wechat-keys")["platform_certificates"][0]["serial_no"]
    put("wechat_answer", "certificates", sealed % serial)
    put("wechat_answer", "certificates by another serial", sealed % "ABCD")
    put("wechat_answer", "certificates that are none", (sealed % serial).replace("PEM", "AAAA"))
    put("wechat_answer", "no certificates", '{"data":[],"encrypt_certificate":0}')
    for case in vectors("wechat-verify")["cases"]:
        put("wechat_answer", case["name"], case["body"])
    put("wechat_answer", "failure", '{"code":"PARAM_ERROR","message":"参数错误","detail":{}}')
    put("wechat_answer", "refund", '{"refund_id":"50","out_refund_no":"RF1","transaction_id":"42","out_trade_no":"SK1","status":"SUCCESS","success_time":"2026-11-22T10:34:55+08:00","amount":{"total":100,"refund":30,"currency":"CNY"}}')
    put("wechat_answer", "bill", '{"download_url":"https://api.mch.weixin.qq.com/v3/billdownload/file?token=x","hash_type":"SHA1","hash_value":"79bb0f45fc4c42234a918000b2668d689e2bde04"}')


def wechat_bill():
    for case in vectors("wechat-bill")["cases"]:
        raw = base64.b64decode(case["raw_b64"])
        put("wechat_bill", case["name"], (b"1" if case["kind"] == "tradebill" else b"0") + raw)
    head = "交易时间,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,退款状态,商品名称,手续费,订单金额,申请退款金额\n"
    row = "`2026-11-22 10:00:00,`42,`SK1,`SUCCESS,`CNY,`0,`0,`,`手机,`0.00060,`0.10,`0.00\n"
    total = "总交易单数,订单总金额,申请退款总金额,手续费总金额\n`1.0,`0.10,`0.00,`0.00\n"
    put("wechat_bill", "hand", "1" + head + row + total)
    put("wechat_bill", "hand comma", "1" + head + row.replace("手机", "a,`b,`c") + total)
    put("wechat_bill", "hand wrong total", "1" + head + row + total.replace("0.10", "0.11"))
    put("wechat_bill", "hand huge", "1" + head + row.replace("0.10", "9999999999.99") * 2 + total.replace("1.0,", "2,").replace("0.10", "9999999999.99"))
    put("wechat_bill", "hand no totals", "1" + head + row)
    put("wechat_bill", "status that is no utf-8", b"1" + (head + row + total).encode().replace(b"SUCCESS", b"\xff\x00"))
    put("wechat_bill", "written two rows", b"w" + bytes([2, 1, 0, 0, 0, 100, 6, 0, 0, 0, 50]))
    put("wechat_bill", "written remarks", b"w" + bytes([5, 3, 0, 0, 0, 9, 5, 0, 0, 0, 9, 7, 0, 0, 0, 9, 9, 0, 0, 0, 9, 11, 255, 255, 255, 255]))


def bill_url():
    for i, text in enumerate([
            "https://gateway.test:8443/bill?a=b", "https://gateway.test:8443", "https://dl.alipay.com/x",
            "https://dl.alipay.com:443/x", "https://dl.alipay.com:444/x", "http://dl.alipay.com/x",
            "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x", "https://x.wechatpay.cn/",
            "https://evil.test/.alipay.com", "https://evil.test#.alipay.com/", "https://evil.test?.alipay.com/",
            "https://evil.test\\.alipay.com/", "https://a@b.alipay.com/", "https://evil.test:80@x.alipay.com/",
            "https://%65vil.alipay.com/", "https://.alipay.com/", "https://x.alipay.com./",
            "https:///x.alipay.com/", "https://[::1].alipay.com/", "https://X.ALIPAY.COM/", "file:///etc/passwd",
            "https://gateway.test:8443@evil.test/", "https://gateway.test:8443\\@evil.test/"]):
        put("bill_url", f"{i:02}", text)


# ---- the rest ----

def values():
    amounts = vectors("amounts")
    for case in amounts["parse"]:
        put("values", "amount " + base64.b16encode(case["yuan"].encode()).decode()[:40], case["yuan"])
    for i, text in enumerate([
            "2026-11-22T10:34:56+08:00", "0000-01-01T00:00:00+08:00", "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-08:00", "2026-02-29T00:00:00Z", "2026-11-22t10:34:56.123456789z",
            "2026-11-22 10:05:02", "2026-11-22 10:05:02.320", "1970-01-01 00:00:00",
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
            "AAAA", "AA==", "AAA=", "AB==", "====", "A===", "10.0.0.1, 192.0.2.1", "::ffff:10.0.0.1/96",
            "fd00::/8", "127.0.0.1\x00", "0.00000", "-0.00001", "9999999999.99999", "12345678901",
            "\u00a0\u3000\U0010ffff", "%41%zz%", "9223372036854775807", "9223372036854775808"]):
        put("values", f"text {i:02}", text)
    for i, raw in enumerate([b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xff"]):
        put("values", f"bytes {i}", raw)


def fields():
    good = '{"a":"text","b":"l1\\r\\nl2","c":3,"d":100,"e":"7","f":"2026-11-23T08:00:00Z","g":true,"h":"up","i":[{"a":"x"}],"j":["y"],"page":1,"page_size":20}'
    put("fields", "good", good)
    put("fields", "wrong types", '{"a":1,"b":[],"c":"3","d":1.0,"e":-7,"f":0,"g":"true","h":"left","i":{},"j":[1,null],"page":0}')
    put("fields", "nulls", '{"a":null,"b":null,"c":null,"i":null,"j":null}')
    put("fields", "query", "a=text&b=%E4%BD%A0+%0A&c=3&d=100&e=7&f=2026-11-23T08:00:00Z&g=true&h=down&page=2&page_size=100")
    put("fields", "query twice", "b=1&b=2&%62=3&=&b")
    put("fields", "query of odd percent signs", "b=%&b=%4&%zz=%zz&c=%2d3")
    put("fields", "cookie", "a=b; session=tok;session=other ;=; session")
    put("fields", "control characters", '{"a":"\\u0000","b":"\\u0085\\u2028","j":["\\u007f"]}')
    put("fields", "white space", '{"a":"\\u00a0\\u3000 x \\t","b":"\\r\\n"}')
    put("fields", "years", '{"f":"0000-01-01T00:00:00+23:59"}')
    put("fields", "deep", "[" * 40)
    put("fields", "numbers", '{"c":9223372036854775808,"d":-0,"e":9223372036854775807,"page":1000001}')


def names():
    for i, text in enumerate([
            "li_ming", "李明", "a.b-c", "аdmin", "ab", "x" * 33, "13800138000", "010-12345678", "+44 20 7946 0958",
            "1+2345", "518000", "51800０", "牛仔 外套\u3000蓝", 'a"b "" "', "100%_\\", "a OR b* NEAR(c)", "<b>&amp;'\""]):
        put("names", f"text {i:02}", text)
    put("names", "not utf-8", b"ab\xf0\x9f\x98")


def config():
    put("config", "empty", "\n")
    put("config", "some", '0123456789abcdef0123456789abcdef\nport = 8081\n[orders]\nunpaid_minutes = 5\n[server]\ntrusted_proxies = ["10.0.0.0/8"]\n')
    for i, text in enumerate([
            "port = 99999", "port = -1", 'port = "8080"', "nonsense = 1", "[orders]\nunpaid_minutes = 0", "roles = [1]",
            "roles = [[]]", "[[orders]]\n", "port = 0x1F", "port = 1e3", "a = " + "'" * 3, '[wechat_pay]\napiv3_key = "x"',
            "port = inf", "orders.unpaid_minutes = 2021-01-01T00:00:00Z", 'host = "\\u0000"', "[" * 300]):
        put("config", f"file {i:02}", "\n" + text + "\n")


def image():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 3, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(b"\x00" * 21)) + chunk(b"IEND", b"")
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x03\x00\x02\x01\x01\x11\x00\xff\xda\x00\x02xy\xff\xd9"

    def riff(*chunks):
        body = b"WEBP" + b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    put("image", "png", png)
    put("image", "png cut off", png[:-5])
    put("image", "png wrong checksum", png.replace(b"IDAT", b"IDAX"))
    put("image", "jpeg", jpeg)
    put("image", "jpeg padding", jpeg.replace(b"\xff\xc0", b"\xff\xff\xff\xc0"))
    put("image", "jpeg cut off", jpeg[:-2])
    put("image", "webp lossy", riff((b"VP8 ", b"abc\x9d\x01\x2a\x02\x00\x03\x00data")))
    put("image", "webp lossless", riff((b"VP8L", b"\x2f\x01\x80\x00\x00data")))
    put("image", "webp extended", riff((b"VP8X", b"\0\0\0\0\x01\0\0\x02\0\0"), (b"VP8 ", b"x")))
    put("image", "svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")


def shop():
    shop_csv = (ROOT / "data" / "csv" / "shop.csv").read_bytes()
    put("csv", "shop", shop_csv)
    put("product_rows", "shop", shop_csv)
    for i, text in enumerate(['a,"b ""c""\n",d\r\n', '"open', "a\rb\n", "\ufeffa,b\n", ",,,,,,,,,,\n", '"a"b,c\n', "x" * 200]):
        put("csv", f"text {i}", text)
    head = "Handle,Title,Body (HTML),Vendor,Variant SKU,Variant Price,Variant Grams,Image Src\n"
    put("product_rows", "plain", head + "a,A,<p>x</p>,v,S1,1.00,5,https://a.test/b.png\na,,,,S2,2.00,,\n")
    put("product_rows", "hostile", head + "a,A,<script>x</script><img src=javascript:1>,v,S1,-1,x,//b\n,B,,,,1e9,,\n")
    for i, text in enumerate([
            "<p>a<b>b", "<script>alert(1)</script>", "<img src=x onerror=y>", "<a href='java\nscript:1'>x</a>",
            "<svg><style><img title='</style><img src onerror=x>'>", "<table><td><table>", "&amp;lt;&#x3c;&#0;&#xD800;",
            "<math><mtext><table><mglyph><style><!--</style>", "<p" * 50, "<!--><script>-->", "</p></b><br/>", "<noscript><p title='</noscript><x>'>"]):
        put("rich_text", f"html {i:02}", text)
    put("sale_token", "nothing", "a")
    put("sale_token", "one byte", bytes([5, 65]))
    put("http_request", "obsolete fold", " GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n")
    put("http_request", "chunk sizes", " POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n")


def main():
    for make in (alipay_form, alipay_answer, alipay_bill, archive, certificate, wechat_notification,
                 wechat_resource, wechat_answer, wechat_bill, bill_url, values, fields, names, config,
                 image, shop):
        make()


if __name__ == "__main__":
    main()
