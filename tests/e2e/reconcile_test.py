"""`doorbuster reconcile`: beside a running server and alone, against the bundled simulator."""

import datetime
import json
import unittest

import shop


def days_ago(count):
    beijing = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    return str(beijing - datetime.timedelta(days=count))


class Reconcile(shop.ShopTest):
    def reconcile(self, *words):
        database = self.server.database
        return shop.run_command("reconcile", *words, data=self.server.data, database=database, check=False)

    def test_a_day_without_business_is_clean_for_every_provider(self):
        done = self.reconcile("--date", days_ago(2))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{days_ago(2)}: clean", done.stdout)
        for word in ("wechat_pay", "alipay"):
            self.assertIn(word, done.stdout)

    def test_a_program_reads_it_as_json(self):
        done = self.reconcile("--date", days_ago(2), "--provider", "alipay", "--format", "json")
        (report,) = json.loads(done.stdout)
        self.assertEqual((report["provider"], report["date"], report["state"]), ("alipay", days_ago(2), "clean"))
        self.assertEqual(report["differences"], [])

    def test_a_day_that_is_not_over_and_a_stranger_are_refused(self):
        for words in (("--date", days_ago(0)), ("--date", days_ago(2), "--provider", "cash")):
            done = self.reconcile(*words)
            self.assertEqual(done.returncode, 1)
            self.assertIn("There is no bill of that day and provider here", done.stderr)
        self.assertEqual(self.reconcile("--date", "yesterday").returncode, 2)
        self.assertEqual(self.reconcile().returncode, 2)

    def test_a_provider_that_cannot_be_reached_is_told(self):
        self.server.stop()
        done = self.reconcile("--date", days_ago(2), "--provider", "wechat_pay", "--format", "csv")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("doorbuster: no bill: ", done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1)


class ReconcileOnPostgres(shop.OnPostgres, Reconcile):
    """With the same words: beside a server the command goes through it, whatever its database."""


if __name__ == "__main__":
    unittest.main()
