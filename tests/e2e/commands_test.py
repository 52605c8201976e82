"""The commands, while the server runs on the folder and while it does not; and how a start fails."""

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import unittest

import shop

GOODS = """Handle,Title,Body (HTML),Vendor,Product Category,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Inventory Qty,Variant Price,Image Src,Status
kettle,手冲壶 Kettle,<p>Good <b>tea</b><script>x</script></p>,Doorbuster,厨房 > 茶具,tea,true,Colour,Black,K-1,5,99.00,\
https://example.com/a.jpg,active
kettle,,,,,,,,White,K-2,7,109.50,,
cup,杯子 Cup,,Doorbuster,厨房 > 茶具,,true,,,C-1,3,12.00,,active
"""
BAD = GOODS + "pan,Pan,,,,,true,,,P-1,1,twelve,,active\n"


class Commands(shop.ShopTest):
    demo = False

    def write(self, text, name="goods.csv"):
        path = os.path.join(self.server.data, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run_both_ways(self, check):
        """Once beside the running server, once alone."""
        check()
        self.assertEqual(self.server.stop(), 0)
        check()
        self.server.restart()

    def doorbuster(self, *words, **more):
        return shop.run_command(*words, data=self.server.data, **more)

    def test_import_and_export(self):
        path = self.write(GOODS)
        dry = self.doorbuster("import", path, "--dry-run")
        self.assertIn("2 products created", dry.stdout)
        client = self.server.client()
        self.assertEqual(client.get("/api/v1/products").data["total"], 0)
        self.assertIn("2 products created", self.doorbuster("import", path).stdout)
        self.assertEqual(client.get("/api/v1/products").data["total"], 2)
        first = self.doorbuster("export").stdout
        self.assertIn("kettle", first)
        self.assertNotIn("<script>", first)

        def again():
            self.assertIn("2 unchanged", self.doorbuster("import", path).stdout)
            self.assertEqual(self.doorbuster("export").stdout, first)

        self.run_both_ways(again)
        other = tempfile.mkdtemp(prefix="doorbuster-e2e-")
        self.addCleanup(shutil.rmtree, other)
        exported = self.write(first, "exported.csv")
        shop.run_command("import", exported, data=other)
        self.assertEqual(shop.run_command("export", data=other).stdout, first)
        self.assert_clean_audit()

    def test_import_tells_bad_rows_and_loads_the_good_ones(self):
        done = self.doorbuster("import", self.write(BAD), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 5, Variant Price:", done.stderr)
        self.assertIn("2 products created", done.stdout)
        self.assertIn("1 refused", done.stdout)

    def test_users(self):
        def input_password(*words):
            command = [shop.BINARY, "user", *words, "--data", self.server.data]
            done = subprocess.run(
                command, input="correct horse battery\n", capture_output=True, text=True, env=shop.clean_environment()
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        self.assertIn("catalog,orders", input_password("create", "ann", "--rights", "catalog,orders"))
        client = self.server.client().log_in("ann")
        self.assertEqual(client.get("/api/admin/v1/products").status, 200)
        self.doorbuster("user", "rights", "ann", "--rights", "finance")
        self.assertEqual(client.get("/api/admin/v1/products").status, 403)
        self.doorbuster("user", "disable", "ann")
        self.assertEqual(client.get("/api/v1/users/me").status, 401)
        self.doorbuster("user", "disable", "ann", "--undo")
        self.run_both_ways(lambda: self.assertIn("ann", self.doorbuster("user", "list").stdout))
        self.assertEqual(self.server.stop(), 0)
        input_password("create", "bob")
        self.server.restart()
        self.server.client().log_in("bob")
        self.assertEqual(self.doorbuster("user", "create", "ann", check=False).returncode, 1)

    def test_audit_backup_and_restore(self):
        self.doorbuster("import", self.write(GOODS))
        client = self.server.client().register("ann")
        product, sku = shop.first_sku(client)
        order = self.assert_status(client.buy(sku["id"], 1, client.add_address()), 201).data
        folder = tempfile.mkdtemp(prefix="doorbuster-e2e-")
        self.addCleanup(shutil.rmtree, folder)
        names = iter(("running", "stopped"))
        self.run_both_ways(lambda: self.doorbuster("backup", os.path.join(folder, next(names))))
        self.run_both_ways(self.assert_clean_audit)
        for name in ("running", "stopped"):
            restored = os.path.join(folder, name + "-restored")
            shop.run_command("restore", os.path.join(folder, name), data=restored)
            server = shop.Server(data=restored)
            self.addCleanup(server.remove)
            ann = server.client().log_in("ann")
            self.assertEqual(ann.get(f"/api/v1/orders/{order['order_no']}").data["total"], order["total"])
            self.assertEqual(server.audit().returncode, 0)
            server.stop()
        again = shop.run_command("restore", os.path.join(folder, "running"), data=restored, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("exists already", again.stderr)
        with open(os.path.join(folder, "running", "doorbuster.db"), "r+b") as damaged:
            damaged.seek(5000)
            damaged.write(b"damage")
        refused = shop.run_command(
            "restore", os.path.join(folder, "running"), data=os.path.join(folder, "new"), check=False
        )
        self.assertEqual(refused.returncode, 1)
        self.assertIn("MANIFEST", refused.stderr)

    def test_audit_finds_what_a_hand_in_the_database_did(self):
        self.doorbuster("import", self.write(GOODS))
        self.server.stop()
        database = sqlite3.connect(os.path.join(self.server.data, "doorbuster.db"))
        database.execute("UPDATE stock SET available = available + 1")
        database.commit()
        database.close()
        done = self.doorbuster("audit", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("BROKEN", done.stdout)
        self.assertIn("sku", done.stdout)


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        listing = shop.run_command("--help").stdout
        for command in ("serve", "migrate", "import", "export", "audit", "backup", "restore", "user", "config", "version"):
            self.assertIn(command, listing)
            self.assertIn("Usage", shop.run_command(command, "--help").stdout)
        self.assertRegex(shop.run_command("version").stdout, r"^doorbuster \d+\.\d+\.\d+\n$")

    def test_wrong_words_are_refused(self):
        for words in ((), ("buy",), ("audit", "--colour"), ("import",)):
            self.assertEqual(shop.run_command(*words, check=False).returncode, 2, words)

    def test_wrong_settings_are_named(self):
        done = shop.run_command("config", "--set", "prot=1", check=False)
        self.assertEqual((done.returncode, done.stderr), (2, "doorbuster: configuration: flag: prot: there is no such setting\n"))
        done = shop.run_command("config", check=False, env={"DOORBUSTER_PORT": "high"})
        self.assertEqual(done.returncode, 2)
        self.assertIn("port: 'high' is not a whole number", done.stderr)


    def test_a_captcha_for_tests_is_refused_where_buyers_could_meet_it(self):
        with tempfile.TemporaryDirectory(prefix="doorbuster-e2e-") as data:
            fixed = ("--set", "flash_sale.captcha=fixed")
            for words in (("--host", "0.0.0.0"), ("--set", "wechat_pay.mode=off"), ("--set", "wechat_pay.mode=live")):
                done = shop.run_command("serve", *fixed, *words, data=data, check=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertRegex(done.stderr, r"\Adoorbuster: configuration: flash_sale\.captcha: .*\n\Z")
                self.assertEqual(os.listdir(data), [])


class Start(unittest.TestCase):
    """A start that cannot succeed: one clear line, and nothing lost."""

    def setUp(self):
        self.data = tempfile.mkdtemp(prefix="doorbuster-e2e-")
        self.addCleanup(shutil.rmtree, self.data)

    def assert_refused(self, words, *expected, data=None):
        done = shop.run_command("serve", *words, data=data or self.data, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("doorbuster: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        for text in expected:
            self.assertIn(text, lines[0])

    def make_database(self):
        shop.run_command("migrate", data=self.data)

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assert_refused(["--port", str(port)], str(port))

    def test_folder_that_cannot_be_written(self):
        path = os.path.join(self.data, "file")
        open(path, "w").close()
        self.assert_refused(["--port", "0"], "DOORBUSTER_DATA", data=os.path.join(path, "inside"))

    def test_folder_in_use(self):
        server = shop.Server(data=self.data)
        self.addCleanup(server.kill)
        self.assert_refused(["--port", "0"], "in use by another")

    def test_file_that_is_no_database(self):
        with open(os.path.join(self.data, "doorbuster.db"), "wb") as file:
            file.write(b"this is not a database" * 1000)
        self.assert_refused(["--port", "0"], "doorbuster.db")
        with open(os.path.join(self.data, "doorbuster.db"), "rb") as file:
            self.assertEqual(file.read(22), b"this is not a database")

    def test_newer_schema(self):
        self.make_database()
        database = sqlite3.connect(os.path.join(self.data, "doorbuster.db"))
        columns = [row[1] for row in database.execute("PRAGMA table_info(schema_migrations)")]
        last = dict(zip(columns, database.execute("SELECT * FROM schema_migrations ORDER BY name DESC LIMIT 1").fetchone()))
        last["name"] = "9999_from_the_future"
        last = {k: v for k, v in last.items() if k != "id"}
        database.execute(
            f"INSERT INTO schema_migrations ({','.join(last)}) VALUES ({','.join('?' * len(last))})", list(last.values())
        )
        database.commit()
        database.close()
        self.assert_refused(["--port", "0"], "newer")

    def test_full_disk_is_answered_503_and_loses_nothing(self):
        server = shop.Server(data=self.data, demo=True)
        self.addCleanup(server.remove)
        client = server.client().register("ann")
        _, sku = shop.first_sku(client, 50)
        address = client.add_address()
        placed = [client.buy(sku["id"], 1, address).data["order_no"] for _ in range(3)]
        client.close()
        server.stop()
        # A limit on the size of files stands in for a disk without room.
        size = os.path.getsize(os.path.join(self.data, "doorbuster.db"))
        server.limit_file_size = size + 64 * 1024
        server.start()
        client = server.client(client.token)
        refused = None
        for _ in range(3000):
            try:
                answer = client.buy(sku["id"], 1, address)
                if answer.status != 201:
                    refused = answer
                    break
                placed.append(answer.data["order_no"])
                client.post(f"/api/v1/orders/{placed[-1]}/cancel")  # makes room for more unpaid orders
            except OSError:
                break  # the process has ended with its one line; that is allowed, losing an order is not
        if refused is not None:
            self.assertEqual(refused.status, 503, refused)
        server.kill()
        server.limit_file_size = None
        server.start()
        client = server.client(client.token)
        for order_no in placed:
            self.assertEqual(client.get(f"/api/v1/orders/{order_no}").status, 200, order_no)
        self.assertEqual(server.audit().returncode, 0)


if __name__ == "__main__":
    unittest.main()
