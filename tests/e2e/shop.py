"""Starts the real binary and speaks to it over HTTP, for the end-to-end tests.

Standard library only. Every server listens on a port of the system's choice on loopback, keeps its data in a
temporary folder, and is stopped by its process id.
"""

import http.client
import json
import os
import queue
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

SOURCE = os.environ.get("DOORBUSTER_TEST_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)
BINARY = os.environ.get("DOORBUSTER_TEST_BINARY") or os.path.join(SOURCE, "build/dev/doorbuster")
SHARED = os.environ.get("DOORBUSTER_SHARED") or os.path.join(SOURCE, "..", "shared")
DEADLINE = 120  # seconds; a bound on waiting, never a measure


def clean_environment():
    """The caller's environment without settings of its own."""
    kept = ("DOORBUSTER_TEST_", "DOORBUSTER_SHARED")
    return {k: v for k, v in os.environ.items() if not k.startswith("DOORBUSTER_") or k.startswith(kept)}


# How the sanitizers begin what they report. A program built with one is stopped politely, so that it
# reports leaks too.
REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: ")


def assert_no_report(text):
    found = REPORT.search(text)
    if found:
        raise AssertionError("a sanitizer reports:\n" + text[max(found.start() - 200, 0) : found.start() + 8000])


def run_command(*words, data=None, database=None, check=True, env=None):
    """Runs one doorbuster command to its end."""
    command = [BINARY, *words]
    if data:
        command += ["--data", data]
    if database:
        command += ["--set", f"database.url={database}"]
    environment = {**clean_environment(), **(env or {})}
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, env=environment)
    assert_no_report(done.stderr)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def error(self):
        return self.json.get("error")

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


# Of an answer that goes on, the greeting is read: how long to wait before the next try, state, stock.
FIRST_EVENTS = 3


def read_events(answer, count):
    """The bytes of the next so many events of a stream; fewer when it ends."""
    body = b""
    while count:
        line = answer.fp.readline()
        if not line:
            break
        body += line
        count -= line == b"\n"
    return body


class Client:
    """One keep-alive connection, optionally signed in by bearer token."""

    def __init__(self, server, token=None):
        self.server = server
        self.token = token
        self.guest = None
        self.connection = None
        self.user = None

    def request(self, method, path, body=None, headers=None, raw=None):
        sent = dict(headers or {})
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.guest:
            sent.setdefault("X-Guest-Token", self.guest)
        payload = raw
        if body is not None:
            payload = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            self.connection.request(method, path, payload, sent)
            answer = self.connection.getresponse()
            fields = {}
            for name, value in answer.getheaders():  # a repeated one (Set-Cookie) is joined
                fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
            endless = fields.get("content-type", "").startswith("text/event-stream")
            body = read_events(answer, FIRST_EVENTS) if endless else answer.read()
            result = Answer(answer.status, fields, body)
        except Exception:
            self.close()
            raise
        if result.headers.get("connection") == "close":
            self.close()
        self.guest = result.headers.get("x-guest-token", self.guest)
        return result

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body=body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body=body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body=body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    # --- what a shopper does -------------------------------------------------------------------

    def register(self, username, password="correct horse battery"):
        answer = self.post("/api/v1/users", {"username": username, "password": password})
        assert answer.status == 201, answer
        return self.log_in(username, password)

    def log_in(self, username, password="correct horse battery"):
        answer = self.post("/api/v1/sessions", {"username": username, "password": password})
        assert answer.status == 201, answer
        self.token = answer.data["token"]
        self.user = answer.data["user"]
        return self

    def add_address(self):
        answer = self.post("/api/v1/addresses", ADDRESS)
        assert answer.status == 201, answer
        return answer.data["id"]

    def buy(self, sku_id, quantity, address_id, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        lines = [{"sku_id": sku_id, "quantity": quantity}]
        return self.post("/api/v1/orders", {"address_id": address_id, "lines": lines}, headers=headers)


ADDRESS = {
    "recipient": "王小明",
    "phone": "13800138000",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "detail": "文三路 1 号",
    "postcode": "310000",
}


class Server:
    """A running doorbuster. `settings` become --set words."""

    command = ("serve",)  # what of doorbuster runs
    environment = {}  # beside the caller's

    def __init__(self, data=None, demo=False, database=None, settings=None, wait=True):
        self.data = data or tempfile.mkdtemp(prefix="doorbuster-e2e-")
        self.owns_data = data is None
        self.database = database
        self.process = None
        self.port = None
        self.log_path = os.path.join(self.data, "e2e.log")
        self.output = []
        self.limit_file_size = None  # bytes; stands in for a disk without room
        self.settings = {
            "port": "0",
            "accounts.logins_per_minute": "100000",
            "accounts.address_attempts_per_minute": "1000000",
            **(settings or {}),
        }
        if database:
            self.settings["database.url"] = database
            run_command("migrate", data=self.data, database=database, env=self.environment)
        self.start(demo=demo, wait=wait)

    def start(self, demo=False, wait=True):
        command = [BINARY, *self.command, "--data", self.data]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        if demo:
            command.append("--demo")
        log = open(self.log_path, "ab")
        limit = self.limit_file_size

        def before_start():
            if limit is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond it then fails with EFBIG
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**clean_environment(), **self.environment},
            text=True,
            preexec_fn=before_start,
        )
        log.close()
        self.output = []
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        lines = queue.Queue()

        def pump(stream):
            for line in stream:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=pump, args=(self.process.stdout,), daemon=True).start()
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            try:
                line = lines.get(timeout=1)
            except queue.Empty:
                continue
            if line is None:
                raise AssertionError(f"the server ended with {self.process.wait()}:\n{self.log()}")
            self.output.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
            if line.strip().startswith("Ready"):
                return
        raise AssertionError("the server was not ready in time:\n" + self.log())

    def whole_log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def log(self):
        return self.whole_log()[-8000:]

    def client(self, token=None):
        return Client(self, token)

    def admin(self):
        """A signed-in administrator, made by the one-time link of the first start."""
        text = "".join(self.output)
        found = re.search(r"/welcome/([A-Za-z0-9_-]+)", text)
        assert found, f"no invitation in:\n{text}"
        client = self.client()
        answer = client.post(
            f"/api/v1/admin-invitations/{found.group(1)}", {"username": "boss", "password": "correct horse battery"}
        )
        assert answer.status == 201, answer
        return client.log_in("boss")

    def kill(self):
        """As a power switch would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=DEADLINE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("the server did not stop:\n" + self.log())
        if not self.process.stdout.closed:
            self.process.stdout.close()
        return self.process.returncode

    def restart(self):
        self.start()

    def audit(self):
        return run_command("audit", data=self.data, database=self.database, check=False, env=self.environment)

    def remove(self):
        try:
            if self.process:
                self.stop()
            assert_no_report(self.whole_log())
        finally:
            if self.owns_data:
                shutil.rmtree(self.data, ignore_errors=True)


class ShopTest(unittest.TestCase):
    """A test with one server of its own, a clean audit at the end, and no 500 in its log."""

    demo = True
    settings = {}
    database = None  # a PostgresDatabase, or SQLite in the data folder

    def setUp(self):
        self.server = Server(
            demo=self.demo, settings=self.settings, database=self.database and self.database.url
        )
        self.addCleanup(self.server.remove)

    def assert_status(self, answer, status, error=None):
        self.assertEqual(answer.status, status, answer)
        if error:
            self.assertEqual(answer.error, error, answer)
        return answer

    def assert_clean_audit(self):
        done = self.server.audit()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def wait_for(self, what, look):
        """Asks again until `look` is true; the bound is generous and only met by a failure."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            result = look()
            if result:
                return result
            time.sleep(0.05)
        self.fail(f"{what} did not happen:\n{self.server.log()}")


def local_request(server, method, path, body=None):
    """Asks over the admin socket of the data folder, as this machine's administrator."""
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(os.path.join(server.data, "admin.sock"))
    connection.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    result = Answer(answer.status, {}, answer.read())
    connection.close()
    assert result.status == 200, result
    return result


def first_sku(client, wanted=1):
    """A product's SKU that has at least `wanted` units."""
    for product in client.get("/api/v1/products?in_stock=true&page_size=100").data["list"]:
        detail = client.get(f"/api/v1/products/{product['id']}").data
        for sku in detail["skus"]:
            if sku["stock"] >= wanted:
                return detail, sku
    raise AssertionError("nothing in stock")


def quote(text):
    return urllib.parse.quote(text)


class PostgresDatabase:
    """A database of one's own on the server that DOORBUSTER_TEST_POSTGRES names; dropped afterwards."""

    def __init__(self):
        self.conninfo = os.environ.get("DOORBUSTER_TEST_POSTGRES")
        if not self.conninfo:
            raise unittest.SkipTest("DOORBUSTER_TEST_POSTGRES names no server")
        self.name = f"doorbuster_e2e_{os.getpid()}_{time.monotonic_ns()}"
        self.psql(f'CREATE DATABASE "{self.name}"')
        self.url = f"{self.conninfo} dbname={self.name}"

    def psql(self, statement, database="postgres"):
        done = subprocess.run(
            ["psql", f"{self.conninfo} dbname={database}", "-qAtc", statement], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def drop(self):
        self.psql(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


class OnPostgres:
    """To stand first among the bases of a test: the same test with PostgreSQL as the database."""

    def setUp(self):
        self.database = PostgresDatabase()
        self.addCleanup(self.database.drop)
        super().setUp()
