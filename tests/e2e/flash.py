"""What the end-to-end tests of flash sales share: sales, many signed-in buyers, and a client that costs little.

Registering takes as long as a password hash is meant to take, so a crowd is written into the database of a stopped
server: users who can not log in by any password, a session and an address each.
"""

import contextlib
import datetime
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

import shop

CAPTCHA_ANSWER = "FIXED"  # of flash_sale.captcha = fixed
NO_LIMITS = {
    "flash_sale.captcha": "fixed",
    "flash_sale.address_per_minute": "0",
    "flash_sale.user_per_minute": "0",
    "server.access_log": "false",
}


def time_text(seconds):
    """A point in time so many seconds from now, as the API writes it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


# ---- staff ------------------------------------------------------------------------------------------


class Sale:
    """A promotion, as staff see it."""

    ROOT = "/api/admin/v1/promotions"

    def __init__(self, admin, items, starts=-60, ends=3600, name="Singles' Day", shadow=False):
        self.admin = admin
        body = {"name": name, "starts_at": time_text(starts), "ends_at": time_text(ends), "items": items}
        answer = admin.post(self.ROOT, {**body, "shadow": True} if shadow else body)
        assert answer.status == 201, answer
        self.id = answer.data["id"]
        self.items = [item["id"] for item in answer.data["items"]]
        self.path = f"{self.ROOT}/{self.id}"

    @property
    def item(self):
        return self.items[0]

    def act(self, word):
        answer = self.admin.post(f"{self.path}/{word}")
        assert answer.status == 200, answer
        return answer.data

    def publish(self):
        self.act("publish")
        return self

    def add_units(self, units):
        answer = self.admin.post(f"{self.path}/items/{self.item}/units", {"units": units})
        assert answer.status == 201, answer

    def live(self):
        return self.admin.get(f"{self.path}/live").data["items"][0]

    def counters(self):
        """(granted, left, held, sold, offered) of the first item."""
        live = self.live()
        return tuple(live[name] for name in ("granted", "left", "held", "sold", "offered"))


def terms(sku_id, price=100, allotment=10, per_user=1, per_order=None):
    words = {"sku_id": sku_id, "price": price, "allotment": allotment, "per_user_max": per_user}
    return {**words, "per_order_max": per_order} if per_order else words


def set_stock(admin, sku_id, units):
    answer = admin.put(f"/api/admin/v1/skus/{sku_id}/stock", {"available": units, "note": "for the test"})
    assert answer.status == 200, answer


# ---- shoppers ---------------------------------------------------------------------------------------


def path_of(item, what):
    return f"/api/v1/flash-sales/{item}/{what}"


def captcha(client, item):
    return client.post(path_of(item, "captcha"))


def token_answer(client, item):
    asked = captcha(client, item)
    if asked.status != 201:
        return asked
    return client.post(path_of(item, "token"), {"captcha_id": asked.data["captcha_id"], "answer": CAPTCHA_ANSWER})


def token(client, item):
    answer = token_answer(client, item)
    assert answer.status == 201, answer
    return answer.data["token"]


def order(client, item, text, address, quantity=1, key=None):
    body = {"token": text, "address_id": address, "quantity": quantity}
    return client.post(path_of(item, "orders"), body, headers={"Idempotency-Key": key} if key else {})


class Wire:
    """One connection, as cheap as Python lets it be: send() now, read() later."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=shop.DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def send(self, path, bearer, body=None, key=None):
        payload = json.dumps(body).encode() if body is not None else b""
        head = f"POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {bearer}\r\n"
        head += f"Content-Length: {len(payload)}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        if key:
            head += f"Idempotency-Key: {key}\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + payload)

    def read(self):
        status = self.input.readline()
        if not status.endswith(b"\r\n"):
            raise ConnectionError("the connection has ended")
        fields = {}
        while (line := self.input.readline()) != b"\r\n":
            if not line.endswith(b"\r\n"):
                raise ConnectionError("the connection has ended")
            name, _, value = line.decode().partition(":")
            fields[name.lower()] = value.strip()
        length = int(fields["content-length"])
        body = self.input.read(length)
        if len(body) != length:
            raise ConnectionError("the connection has ended")
        return shop.Answer(int(status.split()[1]), fields, body)

    def close(self):
        self.input.close()
        self.socket.close()


class Buyer:
    def __init__(self, user, address):
        self.user = user
        self.address = address
        self.session = session_of(user)


def session_of(number):
    """The 43 characters of a session's token; known, because the test writes it."""
    return hashlib.sha256(b"session %d" % number).hexdigest()[:43]


def add_buyers(database, count):
    """Writes a crowd into the database of a stopped server."""
    now = int(time.time() * 1000)
    first = int(database.rows("SELECT COALESCE(MAX(id), 0) FROM users")[0][0]) + 1
    first_address = int(database.rows("SELECT COALESCE(MAX(id), 0) FROM addresses")[0][0]) + 1
    users, sessions, addresses, buyers = [], [], [], []
    place = [shop.ADDRESS[name] for name in ("recipient", "phone", "province", "city", "district", "detail")]
    for number in range(count):
        user, address = first + number, first_address + number
        users.append((user, f"crowd{user}", f"crowd{user}", "none", now, now))
        sessions.append(
            (hashlib.sha256(session_of(user).encode()).digest(), bytes(32), user, now, now, now + 86_400_000, "", "")
        )
        addresses.append((address, user, *place, now, now))
        buyers.append(Buyer(user, str(address)))
    database.insert("users", "id username username_key password_hash created_at updated_at", users)
    database.insert(
        "sessions", "token_hash csrf_hash user_id created_at last_seen_at expires_at address user_agent", sessions
    )
    database.insert(
        "addresses", "id user_id recipient phone province city district detail created_at updated_at", addresses
    )
    return buyers


# ---- the shop of a test ------------------------------------------------------------------------


class FlashShop(shop.ShopTest):
    """A demo shop whose captchas are always the same."""

    settings = NO_LIMITS

    def setUp(self):
        super().setUp()
        self.admin = self.server.admin()
        self.product, self.sku = shop.first_sku(self.admin)
        set_stock(self.admin, self.sku["id"], 100)

    def shopper(self, name):
        client = self.server.client().register(name)
        client.address = client.add_address()
        return client

    def buy(self, client, item, quantity=1, key=None):
        return order(client, item, token(client, item), client.address, quantity, key)

    def ordinary_stock(self, sku=None):
        skus = self.admin.get(f"/api/admin/v1/products/{self.product['id']}").data["skus"]
        return next(one["stock"]["available"] for one in skus if one["id"] == (sku or self.sku)["id"])


# ---- the database, looked at from outside -----------------------------------------------------------


class SqliteFile:
    url = None

    def __init__(self, data):
        self.path = os.path.join(data, "doorbuster.db")

    def rows(self, statement):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def insert(self, table, columns, rows):
        names = columns.split()
        marks = ", ".join("?" for _ in names)
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


class PostgresServer:
    """A PostgreSQL server of one's own, on a socket in a temporary folder; PostgreSQL refuses to run as root."""

    def __init__(self):
        homes = sorted(
            (home for home in os.listdir("/usr/lib/postgresql")), key=int
        ) if os.path.isdir("/usr/lib/postgresql") else []
        found = [f"/usr/lib/postgresql/{home}/bin" for home in homes]
        self.bin = next((b for b in reversed(found) if os.path.exists(f"{b}/initdb")), None)
        if not self.bin:
            raise shop.unittest.SkipTest("no PostgreSQL is installed")
        self.folder = tempfile.mkdtemp(prefix="doorbuster-pg-")
        self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self.owner:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = os.path.join(self.folder, "data")
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        self.process = None
        self.conninfo = f"host={self.folder} user=postgres"
        self.url = f"{self.conninfo} dbname=postgres"
        self.start()

    def run(self, program, *words):
        done = subprocess.run(
            [f"{self.bin}/{program}", *words], capture_output=True, text=True, cwd=self.folder, **self.owner
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        command = [f"{self.bin}/postgres", "-D", self.data, "-k", self.folder]
        command += ["-c", "listen_addresses=", "-c", "max_connections=100"]
        deadline = time.monotonic() + shop.DEADLINE
        with open(os.path.join(self.folder, "server.log"), "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self.owner)
            while True:
                ready = subprocess.run(["psql", self.url, "-qAtc", "SELECT 1"], capture_output=True)
                if ready.returncode == 0:
                    return
                assert time.monotonic() < deadline, self.log()
                if self.process.poll() is not None:  # what it has left in memory may not be free yet
                    time.sleep(0.05)
                    self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self.owner)
                time.sleep(0.02)

    def log(self):
        with open(os.path.join(self.folder, "server.log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def children(self):
        """Process ids of the server's own processes."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended meanwhile
            if parent == self.process.pid:
                found.append(int(name))
        return found

    def kill(self):
        """As a power switch would: the server first, so that it starts no new process, then what it had started."""
        os.kill(self.process.pid, signal.SIGSTOP)
        children = self.children()
        os.kill(self.process.pid, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.wait()

    def remove(self):
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)  # "fast": disconnects everybody
            self.process.wait(shop.DEADLINE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def psql(self, statement, data=None):
        done = subprocess.run(
            ["psql", self.url, "-v", "ON_ERROR_STOP=1", "-qAt", "-F", "\t", "-c", statement],
            capture_output=True,
            text=True,
            input=data,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, statement):
        return [tuple(value_of(text) for text in line.split("\t")) for line in self.psql(statement).splitlines()]

    def insert(self, table, columns, rows):
        lines = "".join("\t".join(copy_text(value) for value in row) + "\n" for row in rows)
        names = columns.replace(" ", ", ")
        self.psql(f"COPY {table} ({names}) FROM STDIN", lines)
        if columns.startswith("id "):
            self.psql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")


def value_of(text):
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def copy_text(value):
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)
