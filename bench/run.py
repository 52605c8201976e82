#!/usr/bin/env python3
"""script/bench: everything that is promised as a number, measured in one run on one machine.

Load comes from wrk on loopback, bounded in connections and time. What is started here is stopped here, by
process id. Absolute figures hold for the machine at hand; the goals are ratios.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DOORBUSTER_TEST_BINARY", os.path.join(ROOT, "build/bench/doorbuster"))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
sys.dont_write_bytecode = True
import pay  # noqa: E402
import shop  # noqa: E402

# So many that none comes near the limit of unpaid orders; each placing counts the shopper's, as it must.
SHOPPERS = 2000


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = []

    def add(self, name, figure, value=None, goal=None, at_most=False, note=""):
        verdict = ""
        if goal is not None:
            met = value <= goal if at_most else value >= goal
            verdict = f"{'≤' if at_most else '≥'} {goal:g} {'met' if met else 'MISSED'}"
        shown = "" if value is None else f"{value:.2f}"
        self.rows.append((name, figure, shown, verdict, note))
        print(f"  {name}: {figure} {shown} {verdict} {note}", flush=True)

    def wrk(self, url, script=None, words=(), connections=None, seconds=None, refusals=False):
        """Requests per second, the p99 in milliseconds, and what wrk printed."""
        options = self.options
        seconds = seconds or options.seconds
        command = ["wrk", "-t2", f"-c{connections or options.connections}", f"-d{seconds}s", "--latency", url]
        if script:
            command[1:1] = ["-s", script]
            command += ["--", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode != 0 or ("Non-2xx" in done.stdout and not refusals):
            raise RuntimeError(done.stdout + done.stderr)
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
        return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit], done.stdout

    def alternate(self, *loads):
        """Loads by turns, the best of each: a neighbour's noise hits all alike."""
        best = [0.0] * len(loads)
        for _ in range(self.options.rounds):
            for index, load in enumerate(loads):
                best[index] = max(best[index], load())
        return best


NGINX = """daemon off; worker_processes 2; pid {0}/pid; error_log {0}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}/b; proxy_temp_path {0}/p;
fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
server {{ listen 127.0.0.1:{1} reuseport backlog=4096; location / {{ return 200 "ok\\n"; }} }} }}
"""


class Nginx:
    """nginx with `return 200` on a free loopback port."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="doorbuster-nginx-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = os.path.join(self.folder, "nginx.conf")
        with open(config, "w") as out:
            out.write(NGINX.format(self.folder, self.port))
        self.process = subprocess.Popen(["nginx", "-c", config, "-p", self.folder], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("nginx does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/api/v1/products")
        return connection.getresponse().status == 200
    except OSError:
        return False


def start_and_memory(bench):
    server = shop.Server(demo=True)
    server.stop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server.settings["port"] = str(port)
    times = []
    for _ in range(5):
        before = time.monotonic()
        server.start(wait=False)
        while not answers(port):
            assert time.monotonic() - before < 60, server.log()
            time.sleep(0.001)
        times.append(time.monotonic() - before)
        time.sleep(1)
        memory = resident_megabytes(server.process.pid)
        server.stop()
    server.remove()
    bench.add("start to first answer, demo data (s)", f"{min(times) * 1000:.0f} ms", min(times), 1.0, True)
    bench.add("idle memory, demo data (MiB)", f"{memory:.1f} MiB", memory, 50, True)


def hello_and_product(bench):
    server = shop.Server(demo=True, settings={"server.access_log": "false"})
    try:
        product = server.client().get("/api/v1/products").data["list"][0]["id"]
        base = f"http://127.0.0.1:{server.port}"
        with Nginx() as nginx:
            hello, theirs, detail, listing = bench.alternate(
                lambda: bench.wrk(base + "/healthz")[0],
                lambda: bench.wrk(f"http://127.0.0.1:{nginx.port}/")[0],
                lambda: bench.wrk(f"{base}/api/v1/products/{product}")[0],
                lambda: bench.wrk(f"{base}/api/v1/products?page_size=20")[0],
            )
        bench.add("nginx return 200", f"{theirs:,.0f}/s")
        bench.add("hello (/healthz) / nginx", f"{hello:,.0f}/s", hello / theirs, 0.9)
        bench.add("product detail / hello", f"{detail:,.0f}/s", detail / hello, 0.5)
        bench.add("product listing of 20 / hello", f"{listing:,.0f}/s", listing / hello)
    finally:
        server.remove()


def make_shoppers(server, count):
    """Signed-in shoppers with an address each, made through the API."""

    def one(number):
        client = server.client().register(f"shopper{number}")
        address = client.add_address()
        client.close()
        return f"{client.token} {address}\n"

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


def stock_up(server):
    """Every SKU with more units than any load can buy; their ids."""
    admin = server.admin()
    skus = []
    for product in admin.get("/api/v1/products?page_size=100").data["list"]:
        skus += [sku["id"] for sku in admin.get(f"/api/v1/products/{product['id']}").data["skus"]]
    for sku in skus:
        answer = admin.put(f"/api/admin/v1/skus/{sku}/stock", {"available": 1_000_000_000, "note": "benchmark"})
        assert answer.status == 200, answer
    return skus


def raw_orders(bench, batch):
    """The same rows straight into SQLite, `batch` orders to a commit, with the same settings."""
    program = os.path.join(ROOT, "build/bench/bench/raw_orders")
    with tempfile.TemporaryDirectory(prefix="doorbuster-raw-") as folder:
        done = subprocess.run(
            [program, folder, str(batch), str(bench.options.seconds)], capture_output=True, text=True, timeout=300
        )
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return float(re.search(r"([\d.]+) orders/s", done.stdout).group(1))


def orders(bench):
    for connections in (bench.options.connections, 256):
        orders_with(bench, connections)


def orders_with(bench, connections):
    settings = {"server.access_log": "false", "orders.unpaid_max": "1000", "accounts.hash_threads": "2"}
    server = shop.Server(demo=True, settings=settings)
    try:
        skus = stock_up(server)
        shoppers = os.path.join(server.data, "shoppers")
        with open(shoppers, "w") as out:
            out.writelines(make_shoppers(server, SHOPPERS))
        lua = os.path.join(ROOT, "bench", "orders.lua")
        url = f"http://127.0.0.1:{server.port}"
        worst = [0.0]

        def through_http():
            rate, p99, text = bench.wrk(url, lua, [shoppers, *skus], connections)
            assert "REFUSED 0" in text, text
            worst[0] = max(worst[0], p99)
            return rate

        ours, raw = bench.alternate(through_http, lambda: raw_orders(bench, connections))
        bench.add(f"the same rows raw, {connections} a commit", f"{raw:,.0f}/s")
        name = f"durable orders through HTTP / raw, {connections} connections"
        bench.add(name, f"{ours:,.0f}/s", ours / raw, 0.5, note=f"p99 {worst[0]:.1f} ms")
        bench.add("memory after these orders", f"{resident_megabytes(server.process.pid):.1f} MiB")
        done = server.audit()
        bench.add("audit afterwards", "clean" if done.returncode == 0 else "BROKEN")
        assert done.returncode == 0, done.stdout
    finally:
        server.remove()


# Of a flash sale: buyers with a token each, made before the clock runs; more than can be sold in the time.
FLASH_SECONDS = 3
FLASH_BUYERS = {"SQLite": 160_000, "PostgreSQL": 60_000}
FLASH_CONNECTIONS = 256
# Beyond what may wait for the database at once, so that orders must be refused.
OVERLOAD_CONNECTIONS = 8_000
OVERLOAD_PATIENCE_MS = 100
FLASH_SETTINGS = {
    "server.access_log": "false",
    "log.level": "warn",
    "flash_sale.token_seconds": "600",
    "flash_sale.item_per_second": "1000000",
    "flash_sale.route_per_second": "1000000",
}


def rehearse(server, *words):
    """The report of `doorbuster rehearse`, on a running server or on one of its own."""
    with tempfile.TemporaryDirectory(prefix="doorbuster-rehearse-") as folder:
        report = os.path.join(folder, "report.json")
        command = [shop.BINARY, "rehearse", "--json", report, *map(str, words)]
        if server:
            command += ["--data", server.data]
            if server.database:
                command += ["--set", f"database.url={server.database}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        if not os.path.exists(report):
            raise RuntimeError(done.stdout + done.stderr)
        with open(report) as file:
            return json.load(file), done.stdout


class Prepared:
    """A shadow sale and the file with its buyers' tokens; removed at the end."""

    def __init__(self, server, buyers, stock):
        self.server = server
        self.file = os.path.join(server.data, "tokens")
        words = ["rehearse", "--prepare", self.file, "--buyers", str(buyers), "--stock", str(stock)]
        said = self.run(*words)
        _, self.item, _, self.rehearsal = said.split()

    def run(self, *words):
        command = [shop.BINARY, *words, "--data", self.server.data]
        if self.server.database:
            command += ["--set", f"database.url={self.server.database}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("rehearse", "--remove", self.rehearsal)


def rest(server):
    """Until everything has been told that earlier orders have to tell: a sale begins on a shop at rest."""
    question = "SELECT COUNT(*) FROM outbox WHERE published_at IS NULL"
    for _ in range(1200):
        if server.database:
            command = ["psql", server.database, "-qAtc", question]
            left = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        else:
            database = sqlite3.connect(os.path.join(server.data, "doorbuster.db"))
            left = database.execute(question).fetchone()[0]
            database.close()
        if left == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("the outbox does not empty")


def flash_load(server, buyers, connections, *words):
    """What bench/flash_load prints, by name: orders over the order route alone, each durable before its 201."""
    rest(server)
    program = os.path.join(ROOT, "build/bench/bench/flash_load")
    with Prepared(server, buyers, buyers) as sale:
        rest(server)
        command = [program, server.port, sale.item, sale.file, "--connections", connections]
        command += ["--seconds", FLASH_SECONDS, *words]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    if done.returncode != 0 or "refused " in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def flash_note(load):
    """What a load has asked for and what it took itself."""
    sent, cores = load["sent_per_second"], load["generator_cores"]
    return f"{sent:,.0f}/s sent, {load['placed_per_second']:,.0f}/s placed, generator {cores:.2f} cores"


def raw_flash(conninfo=None):
    program = os.path.join(ROOT, "build/bench/bench/raw_flash")
    with tempfile.TemporaryDirectory(prefix="doorbuster-raw-") as folder:
        command = [program, folder, str(FLASH_CONNECTIONS), str(FLASH_SECONDS)]
        done = subprocess.run(command + ([conninfo] if conninfo else []), capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return float(re.search(r"([\d.]+) orders/s", done.stdout).group(1))


def raw_flash_on_postgres():
    database = shop.PostgresDatabase()
    try:
        return raw_flash(database.url)
    finally:
        database.drop()


def flash_on(bench, server, name, hello, raw, raw_goal):
    buyers = FLASH_BUYERS[name]

    def maximum():
        return flash_load(server, buyers, FLASH_CONNECTIONS)["placed_per_second"]

    most, theirs = bench.alternate(maximum, raw)
    bench.add(f"{name}: the same rows raw, {FLASH_CONNECTIONS} a commit", f"{theirs:,.0f}/s")
    goal = 0.2 if name == "SQLite" else None
    bench.add(f"{name}: durable flash orders / hello", f"{most:,.0f}/s", most / hello, goal)
    bench.add(f"{name}: durable flash orders / raw", f"{most:,.0f}/s", most / theirs, raw_goal)

    def loads(connections, *words):
        return [flash_load(server, buyers, connections, *words) for _ in range(bench.options.rounds)]

    best = min(loads(FLASH_CONNECTIONS, "--rate", most * 0.8), key=lambda load: load["placed_p99_ms"])
    p99 = best["placed_p99_ms"]
    name_of_row = f"{name}: p99 of orders at 80 % of the maximum (ms)"
    bench.add(name_of_row, f"{p99:.1f} ms", p99, 20, True, flash_note(best))
    words = ["--rate", most * 5, "--patience", OVERLOAD_PATIENCE_MS]
    best = max(loads(OVERLOAD_CONNECTIONS, *words), key=lambda load: load["good_per_second"])
    good = best["good_per_second"]
    bench.add(f"{name}: goodput at 5x overload / maximum", f"{good:,.0f}/s", good / most, 0.9, note=flash_note(best))
    done = server.audit()
    bench.add(f"{name}: audit afterwards", "clean" if done.returncode == 0 else "BROKEN")
    assert done.returncode == 0, done.stdout


def sold_out(bench, server, hello_url):
    with Prepared(server, 5, 1) as sale:
        with open(sale.file) as lines:
            session, token, address = lines.readline().split()
        path = f"/api/v1/flash-sales/{sale.item}/orders"
        body = {"token": token, "address_id": address, "quantity": 1}
        assert server.client(session).post(path, body).status == 201
        lua = os.path.join(server.data, "sold_out.lua")
        with open(lua, "w") as out:
            out.write(
                f'wrk.method = "POST"\nwrk.headers["Authorization"] = "Bearer {session}"\n'
                f'wrk.headers["Content-Type"] = "application/json"\nwrk.body = [[{json.dumps(body)}]]\n'
            )
        worst = [0.0]

        def refusals():
            url = f"http://127.0.0.1:{server.port}{path}"
            rate, p99, _ = bench.wrk(url, lua, connections=FLASH_CONNECTIONS, refusals=True)
            worst[0] = max(worst[0], p99)
            return rate

        hello, refused = bench.alternate(lambda: bench.wrk(hello_url, connections=FLASH_CONNECTIONS)[0], refusals)
    bench.add("hello, 256 connections", f"{hello:,.0f}/s")
    bench.add("sold-out answers / hello", f"{refused:,.0f}/s", refused / hello, 0.75)
    bench.add("p99 of refusals at full load (ms)", f"{worst[0]:.1f} ms", worst[0], 20, True)
    return hello


def idle_streams(bench):
    program = os.path.join(ROOT, "build/bench/bench/bench_streams")
    done = subprocess.run([program], capture_output=True, text=True, timeout=120, check=True)
    memory = float(re.search(r"memory with them +([\d.]+)", done.stdout).group(1))
    told = re.search(r"a change to all +([\d.]+ ms)", done.stdout).group(1)
    name = "10,000 idle streams of events, alone in a server (MiB)"
    bench.add(name, f"{memory:.1f} MiB", memory, 100, True, f"a change reaches all in {told}")


def flash(bench):
    server = shop.Server(demo=True, settings=FLASH_SETTINGS)
    try:
        hello = sold_out(bench, server, f"http://127.0.0.1:{server.port}/healthz")
        flash_on(bench, server, "SQLite", hello, raw_flash, 0.6)
    finally:
        server.remove()
    report, _ = rehearse(None, "--buyers", 100_000, "--stock", 10_000, "--rate", 2_000)
    memory = report["server_megabytes"]
    name = "memory of a sale, 100,000 buyers, 10,000 units (MiB)"
    bench.add(name, f"{memory:.1f} MiB", memory, 150, True, "passed" if report["passed"] else "FAILED")
    idle_streams(bench)
    if not os.environ.get("DOORBUSTER_TEST_POSTGRES"):
        print("  PostgreSQL: not measured, DOORBUSTER_TEST_POSTGRES names no server", flush=True)
        return
    database = shop.PostgresDatabase()
    server = shop.Server(demo=True, database=database.url, settings=FLASH_SETTINGS)
    try:
        flash_on(bench, server, "PostgreSQL", hello, raw_flash_on_postgres, 0.4)
    finally:
        server.remove()
        database.drop()


# What a sale leaves behind; told once to a shop without webhooks, once to one webhook.
OUTBOX_EVENTS = 100_000


def drained(webhooks, conninfo=None):
    """Events a second, and microseconds of this process's CPU for each."""
    program = os.path.join(ROOT, "build/bench/bench/outbox_drain")
    with tempfile.TemporaryDirectory(prefix="doorbuster-outbox-") as folder:
        command = [program, folder, str(OUTBOX_EVENTS), str(webhooks)] + ([conninfo] if conninfo else [])
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    rate, cpu = re.search(r"([\d.]+) events/s, ([\d.]+) us", done.stdout).groups()
    return float(rate), cpu


def drained_on_postgres(webhooks):
    database = shop.PostgresDatabase()
    try:
        return drained(webhooks, database.url)
    finally:
        database.drop()


def outbox(bench):
    engines = {"SQLite": drained}
    if os.environ.get("DOORBUSTER_TEST_POSTGRES"):
        engines["PostgreSQL"] = drained_on_postgres
    for name, drain in engines.items():
        for webhooks, wanted in ((0, "nobody wants them"), (1, "one webhook")):
            rate, cpu = max(drain(webhooks) for _ in range(bench.options.rounds))
            bench.add(f"{name}: outbox drain, {wanted}", f"{rate:,.0f}/s", note=f"{cpu} us of CPU each")


def build(bench):
    folder = os.path.join(ROOT, "build", "bench-clean")
    shutil.rmtree(folder, ignore_errors=True)
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    environment.pop("CMAKE_CXX_COMPILER_LAUNCHER", None)

    def run(*command):
        before = time.monotonic()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
        return time.monotonic() - before

    run("cmake", "--preset", "release", "-B", folder)
    clean = run("cmake", "--build", folder, "--target", "doorbuster")
    bench.add("clean release build (s)", f"{clean:.0f} s", clean, 360, True, f"{os.cpu_count()} cores")
    os.utime(os.path.join(ROOT, "src", "orders", "place_order.cpp"))
    touched = run("cmake", "--build", folder, "--target", "doorbuster")
    bench.add("rebuild after touching place_order.cpp (s)", f"{touched:.1f} s", touched, 20, True)
    shutil.rmtree(folder, ignore_errors=True)


PARTS = {
    "start": start_and_memory,
    "hello": hello_and_product,
    "orders": orders,
    "flash": flash,
    "outbox": outbox,
    "payments": pay.payments,
    "reconcile": pay.reconcile,
    "build": build,
}


def print_table(rows):
    rows = [("what", "figure", "ratio", "goal", "note"), *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for index, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=8, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="of each group of loads")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--build", action="store_true", help="also measure the build")
    parser.add_argument("--only", nargs="*", choices=PARTS)
    options = parser.parse_args()
    bench = Bench(options)
    for name, part in PARTS.items():
        wanted = name in options.only if options.only else name != "build" or options.build
        if wanted:
            print(name, flush=True)
            part(bench)
    print()
    print_table(bench.rows)


if __name__ == "__main__":
    main()
