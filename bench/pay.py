"""The sections `payments` and `reconcile` of run.py: notifications, creation of payments, bills of a million rows."""

import os
import socket
import sqlite3
import subprocess
import tempfile
import time

import shop

BUILT = os.path.join(shop.SOURCE, "build/bench/bench")
PROVIDERS = ("wechat_pay", "alipay")
# Of one provider in one round; all are pending payments when the server starts.
NOTIFICATIONS = {"SQLite": 30_000, "PostgreSQL": 10_000}
CONNECTIONS = 256
# Payments begun at once, and how far away the provider is.
IN_FLIGHT = 500
LATENCY_MS = 200
QUIET = {"server.access_log": "false", "log.level": "error"}


def run(program, *words, timeout=300):
    """What a program of this folder prints, as a dictionary of `name value` lines."""
    command = [os.path.join(BUILT, program), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def figure(program, *words):
    return float(run(program, *words)["per_second"])


class Databases:
    """Of one engine: a fresh data folder each time, on PostgreSQL with a database of its own; gone at the end."""

    def __init__(self, engine):
        self.engine = engine
        self.postgres = None
        self.folder = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="doorbuster-pay-")
        if self.engine == "PostgreSQL":
            self.postgres = shop.PostgresDatabase()
        return self

    def __exit__(self, *_):
        if self.postgres:
            self.postgres.drop()
        self.folder.cleanup()

    @property
    def data(self):
        return self.folder.name

    @property
    def url(self):
        return self.postgres.url if self.postgres else None

    @property
    def name(self):
        """As the programs of this folder take it."""
        return self.url or os.path.join(self.data, "doorbuster.db")

    def ask(self, question):
        if self.postgres:
            return self.postgres.psql(question, self.postgres.name).strip()
        database = sqlite3.connect(self.name)
        try:
            return str(database.execute(question).fetchone()[0])
        finally:
            database.close()

    def rest(self):
        """Until everything has been told that there is to tell."""
        for _ in range(1200):
            if self.ask("SELECT COUNT(*) FROM outbox WHERE published_at IS NULL") == "0":
                return
            time.sleep(0.1)
        raise RuntimeError("the outbox does not empty")


def keys_and_settings(folder):
    keys = os.path.join(folder, "keys-of-bench")
    settings = run("payment_notifications", "keys", keys)
    return keys, {**settings, **QUIET, "public_url": "https://shop.example"}


def served(database, settings, demo=False):
    """A server whose address to the outside is another, as that of real shops is; so it cannot tell its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**settings, "port": str(port)}
    server = shop.Server(data=database.data, database=database.url, settings=settings, demo=demo)
    server.port = port
    return server


def raw_rows(engine, provider, count):
    with Databases(engine) as fresh:
        run("payment_notifications", "prepare", count, fresh.name)
        first = 1 if provider == "wechat_pay" else count + 1
        return figure("payment_notifications", "rows", provider, first, count, CONNECTIONS, fresh.name)


def notifications_on(bench, engine):
    rounds, count = bench.options.rounds, NOTIFICATIONS[engine]
    with Databases(engine) as database:
        run("payment_notifications", "prepare", rounds * count, database.name)
        keys, settings = keys_and_settings(database.data)
        server = served(database, settings)
        try:
            for index, provider in enumerate(PROVIDERS):
                notifications_of(bench, database, server.port, keys, provider, 1 + index * rounds * count)
            paid = database.ask("SELECT COUNT(*) FROM payments WHERE state = 'paid'")
            assert paid == str(len(PROVIDERS) * rounds * count), f"{paid} are paid"
            done = server.audit()
            bench.add(f"{engine}: audit afterwards", "clean" if done.returncode == 0 else "BROKEN")
            assert done.returncode == 0, done.stdout
        finally:
            server.remove()


def notifications_of(bench, database, port, keys, provider, first):
    engine, count = database.engine, NOTIFICATIONS[database.engine]
    told = []

    def through_http():
        database.rest()
        start = first + len(told) * count
        told.append(run("payment_notifications", "load", keys, port, provider, start, count, CONNECTIONS))
        return float(told[-1]["per_second"])

    def verified():
        return figure("payment_notifications", "verify", keys, provider, 1)

    ours, verify, rows = bench.alternate(through_http, verified, lambda: raw_rows(engine, provider, count))
    allowed = min(verify, rows)
    note = f"{verify:,.0f} verified/s on all cores, {rows:,.0f} rows/s raw, {CONNECTIONS} a commit"
    bench.add(f"{engine}: {provider}: what the machine allows", f"{allowed:,.0f}/s", note=note)
    best = max(told, key=lambda one: float(one["per_second"]))
    note = f"p99 {best['p99_ms']} ms, generator {float(best['generator_cores']):.2f} cores"
    name = f"{engine}: {provider}: notifications acted on / allowed"
    bench.add(name, f"{ours:,.0f}/s", ours / allowed, 0.5, note=note)


class SlowProvider:
    """A WeChat Pay in a process of its own that answers after LATENCY_MS; what it saw is known at the end."""

    def __init__(self, keys):
        command = [os.path.join(BUILT, "payment_creation"), "provider", keys, str(LATENCY_MS)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.saw = {}

    def close(self):
        if self.process.poll() is None:
            told, _ = self.process.communicate()
            self.saw = dict(line.split(" ", 1) for line in told.splitlines())


def sku_in_plenty(server):
    client, admin = server.client(), server.admin()
    product = client.get("/api/v1/products?in_stock=true").data["list"][0]["id"]
    sku = client.get(f"/api/v1/products/{product}").data["skus"][0]["id"]
    admin.put(f"/api/admin/v1/skus/{sku}/stock", {"available": 1_000_000, "note": "benchmark"})
    return sku


def place_orders(client, sku, count, file):
    """Unpaid orders of one shopper, a line "session order_no" each."""
    address = client.add_address()
    with open(file, "w") as out:
        for _ in range(count):
            answer = client.buy(sku, 1, address)
            assert answer.status == 201, answer
            out.write(f"{client.token} {answer.data['order_no']}\n")


def creation_on(bench, engine):
    """IN_FLIGHT payments begun at once, some rounds on connections to the provider that are already there."""
    with Databases(engine) as database:
        keys, settings = keys_and_settings(database.data)
        provider = SlowProvider(keys)
        settings.update({"wechat_pay.base_url": f"http://127.0.0.1:{provider.port}", "orders.unpaid_max": "1000"})
        server = served(database, settings, demo=True)
        best = None
        try:
            sku = sku_in_plenty(server)
            for number in range(bench.options.rounds):
                orders = os.path.join(database.data, f"orders-{number}")
                place_orders(server.client().register(f"payer{number}"), sku, IN_FLIGHT, orders)
                database.rest()
                told = run("payment_creation", "load", server.port, orders)
                best = min(best or told, told, key=lambda one: float(one["took_ms"]))
        finally:
            provider.close()
            server.remove()
        rate = float(best["per_second"])
        bound = IN_FLIGHT * 1000 / LATENCY_MS
        saw = provider.saw
        note = f"p50 {best['p50_ms']} ms, p99 {best['p99_ms']} ms, all {best['took_ms']} ms; "
        note += f"{saw['in_flight']} waited for it at once, its answers late by {saw['late_p99_ms']} ms (p99)"
        name = f"{engine}: payments begun, {IN_FLIGHT} at once, {LATENCY_MS} ms away / bound"
        bench.add(name, f"{rate:,.0f}/s", rate / bound, 0.5, note=note)
        assert int(saw["in_flight"]) <= IN_FLIGHT


def engines():
    if os.environ.get("DOORBUSTER_TEST_POSTGRES"):
        return ("SQLite", "PostgreSQL")
    print("  PostgreSQL: not measured, DOORBUSTER_TEST_POSTGRES names no server", flush=True)
    return ("SQLite",)


def payments(bench):
    for engine in engines():
        notifications_on(bench, engine)
        creation_on(bench, engine)


# A bill of so many payments, each with its fee, and a hundredth as many refunds.
BILLED = 1_000_000


def reconcile(bench):
    """Each format and each engine once: what takes most of the time is to make the day."""
    for provider in PROVIDERS:
        with tempfile.TemporaryDirectory(prefix="doorbuster-bills-") as folder:
            words = ["bills", folder, provider, BILLED]
            bills = subprocess.Popen([os.path.join(BUILT, "bill_day"), *map(str, words)])
            try:
                for engine in engines():
                    with Databases(engine) as database:
                        run("bill_day", "payments", provider, BILLED, database.name, timeout=600)
                        assert bills.wait(600) == 0
                        told = run("bill_day", "reconcile", folder, provider, database.name, timeout=600)
                        reconciled(bench, f"{engine}: {provider}", told)
            finally:
                bills.kill()
                bills.wait()


def reconciled(bench, what, told):
    rows, seconds, memory = int(told["rows"]), float(told["seconds"]), float(told["peak_mebibytes"])
    note = f"{int(told['matched']):,} match, {int(told['differences']):,} differ"
    bench.add(f"{what}: a bill of {rows:,} rows (s)", f"{seconds:.1f} s", seconds, 30, True, note)
    bench.add(f"{what}: memory for it, at most (MiB)", f"{memory:.1f} MiB", memory, 200, True)
