"""What the started server shows to whom: pages, metrics, logs, files."""

import os
import stat

import shop


class Exposure(shop.ShopTest):
    def test_pages_may_run_their_own_code_only(self):
        client = self.server.client()
        for path in ("/", "/docs", "/welcome/x", "/sandbox"):
            answer = client.get(path)
            self.assertEqual(answer.status, 200, path)
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy, path)
            self.assertIn("frame-ancestors 'none'", policy, path)
            scripts = policy.partition("script-src")[2].partition(";")[0]
            self.assertNotIn("unsafe", scripts, path)
            self.assertEqual(b"<script" in answer.body, "sha256-" in scripts, path)

    def test_metrics_are_for_the_networks_that_the_settings_name(self):
        client = self.server.client()
        self.assertEqual(client.get("/metrics").status, 200)
        forwarded = {"X-Forwarded-For": "203.0.113.9"}
        self.assertEqual(client.get("/metrics", headers=forwarded).status, 404)

    def test_the_log_tells_no_token_of_a_link(self):
        client = self.server.client()
        token = "secret" + "x" * 37
        for path in (f"/welcome/{token}", f"/welcome/{token}/", f"/api/v1/admin-invitations/{token}"):
            client.get(path)
        client.post(f"/api/v1/admin-invitations/{token}", {"username": "ann", "password": "correct horse"})
        self.server.stop()
        log = self.server.log()
        self.assertIn("/welcome/", log)
        self.assertNotIn(token, log)

    def test_files_are_for_the_user_of_the_server_alone(self):
        for folder, _, names in os.walk(self.server.data):
            for name in set(names) - {"e2e.log"}:  # which the test itself made
                mode = os.lstat(os.path.join(folder, name)).st_mode
                self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, os.path.join(folder, name))


class MetricsElsewhere(shop.ShopTest):
    settings = {"server.metrics_networks": "10.0.0.0/8"}

    def test_metrics_are_hidden_from_loopback_when_it_is_not_named(self):
        self.assertEqual(self.server.client().get("/metrics").status, 404)


class OpenToOthers(shop.ShopTest):
    settings = {"host": "0.0.0.0"}

    def warnings(self):
        return [line for line in self.server.whole_log().splitlines() if "sandbox_pages_on_loopback" in line]

    def test_a_simulator_whose_pages_others_cannot_open_says_so_once(self):
        (line,) = self.warnings()
        self.assertIn("public_url", line)
        self.assertIn(f"http://127.0.0.1:{self.server.port}", line)
        self.assertIn("sandbox_open", self.server.whole_log())

    def test_nothing_is_said_when_the_address_is_set(self):
        self.server.stop()
        self.server.settings["public_url"] = f"http://127.0.0.1:{self.server.port}"
        os.unlink(self.server.log_path)
        self.server.start()
        self.assertEqual(self.warnings(), [])
