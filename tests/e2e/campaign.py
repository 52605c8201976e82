"""A campaign against the payment side, from one seed: buyers, staff, faults and kills; then quiet; then the account.

    python3 campaign.py --seeds N [--first S] [--engine sqlite|postgres|both] [--stories N]

runs any number and goes on after failures; each is printed with its seed. `script/campaign` builds what it needs.
"""

import argparse
import os
import queue
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
import unittest

import campaign_books
import shop
from campaign_account import Account
from campaign_ground import Ground
from campaign_record import Record
from campaign_stories import Customer, Story
from campaign_visitor import Visitor
from shifted_clock import ShiftedClock

VISITORS = 6  # at a time
CUSTOMERS = 8
SCARCE = 12  # units of one article: late money finds them gone
DAYS_AGO = 7


class Campaign:
    def __init__(self, seed, stories=120, database=None):
        self.seed = seed
        self.rng = random.Random(f"campaign {seed}")
        self.folder = tempfile.TemporaryDirectory(prefix="doorbuster-campaign-")
        self.clock = ShiftedClock(self.folder.name)
        self.clock.begin_days_ago(DAYS_AGO, hour=self.rng.choice((9, 15, 22)))
        self.first_day = self.clock.moment().date()
        self.record = Record(os.path.join(self.folder.name, "record"))
        self.ground = Ground(seed, self.clock, database and database.url)
        self.shop_books = campaign_books.shop_reader(self.ground, database)
        self.simulator_books = campaign_books.simulator_reader(self.ground)
        self.stopped = threading.Event()
        self.failures = []
        self.kills = 0
        self.moments = [time.monotonic()]
        self.stories = stories

    def close(self):
        self.stopped.set()
        try:
            self.ground.close()
        finally:
            self.record.close()
            self.folder.cleanup()

    # --- the world ----------------------------------------------------------------------------------

    def open_shop(self):
        self.admin = self.ground.shop.admin()
        skus = []
        for product in self.admin.get("/api/v1/products?in_stock=true&page_size=100").data["list"]:
            detail = self.admin.get(f"/api/v1/products/{product['id']}").data
            skus += [sku["id"] for sku in detail["skus"]]
        skus = skus[:6]
        for number, sku in enumerate(skus):
            units = SCARCE if number == 0 else 100_000
            answer = self.admin.put(
                f"/api/admin/v1/skus/{sku}/stock", {"available": units, "note": "for the campaign"}
            )
            assert answer.status == 200, answer
        customers = []
        for number in range(CUSTOMERS):
            client = self.ground.shop.client().register(f"customer{number}")
            customers.append(Customer(client.token, client.add_address()))
            client.close()
        return skus, customers

    def tell_stories(self, skus, customers):
        self.waiting = queue.PriorityQueue()
        self.unfinished = self.stories
        begin = self.clock.now_ms()
        for number in range(self.stories):
            rng = random.Random(f"story {self.seed} {number}")
            story = Story(number, rng, rng.choice(customers), self.admin.token, skus, self.record)
            story.due_ms = begin + number * 2000
            self.waiting.put((story.due_ms, number, story))

    # --- chaos --------------------------------------------------------------------------------------

    def visit(self):
        """What each thread does: the story that waits longest goes on, when its time has come."""
        visitor = Visitor(self.ground, self.stopped)
        try:
            while not self.stopped.is_set() and self.unfinished:
                try:
                    due, number, story = self.waiting.get(timeout=0.05)
                except queue.Empty:
                    continue
                if due > self.clock.now_ms():
                    self.waiting.put((due, number, story))
                    self.stopped.wait(0.02)
                    continue
                wait = story.step(visitor)
                if wait is None:
                    with self.record.lock:
                        self.unfinished -= 1
                else:
                    self.waiting.put((self.clock.now_ms() + wait * 1000, number, story))
        except Exception:
            self.failures.append(traceback.format_exc())
            self.stopped.set()
        finally:
            visitor.close()

    def disturb(self):
        """One thing that happens to everybody."""
        what = self.rng.random()
        if what < 0.45:
            self.ground.shop.die_and_rise()
            self.kills += 1
        elif what < 0.55:
            self.ground.kill_simulator()
            self.kills += 1
        elif what < 0.60:
            self.ground.rotate(self.rng.choice(("wechat_pay", "alipay")))
        else:
            self.clock.advance(self.rng.choice((2, 10, 30, 70, 200)))

    def skip_idle_time(self):
        """To the next moment at which a story goes on; something happens meanwhile, as often as not."""
        with self.record.lock:
            unfinished = self.unfinished
        stories = list(self.waiting.queue)
        if len(stories) >= unfinished > 0:  # nobody is asking anything
            idle = min(stories)[0] - self.clock.now_ms()
            self.clock.advance(min(max(idle / 1000, 1), 240))
        if self.rng.random() < 0.3:
            self.disturb()

    def rage(self):
        self.tell_stories(*self.open_shop())
        self.ground.faults_on()
        threads = [threading.Thread(target=self.visit) for _ in range(VISITORS)]
        for thread in threads:
            thread.start()
        try:
            deadline = time.monotonic() + 5 * shop.DEADLINE
            while self.unfinished and not self.stopped.is_set():
                assert time.monotonic() < deadline, f"{self.unfinished} stories never ended"
                if self.record.wait_for(self.rng.randint(3, 25), 0.5):
                    self.disturb()
                elif not self.stopped.is_set():
                    self.skip_idle_time()
        finally:
            if sys.exc_info()[0]:
                self.stopped.set()
            for thread in threads:
                thread.join()
        assert not self.failures, "\n".join(self.failures)

    # --- quiet --------------------------------------------------------------------------------------

    def settle(self):
        """Time passes until nobody has anything to do any more."""
        self.ground.faults_off()
        self.ground.shop.die_and_rise()  # what it learnt of keys while it was lied to is forgotten
        self.admin.close()
        step, deadline = 1, time.monotonic() + 3 * shop.DEADLINE
        while True:
            assert time.monotonic() < deadline, "it never became quiet:\n" + self.ground.shop.log()
            self.do_what_waits_for_staff()
            due = campaign_books.next_due(self.shop_books, self.simulator_books)
            if due is None:
                return
            now = self.clock.now_ms()
            if due <= now:
                time.sleep(0.1)  # somebody is at it
                continue
            self.clock.advance(max((due - now) / 1000 + 0.001, step))
            step = min(step * 2, 1800)

    def do_what_waits_for_staff(self):
        waiting = self.admin.get("/api/admin/v1/refunds?needs_person=true&page_size=100")
        assert waiting.status == 200, waiting
        for refund in waiting.data["list"]:
            if refund["status"] == "abnormal":
                self.settle_at_provider(refund)
            answer = self.admin.post(f"/api/admin/v1/refunds/{refund['id']}/retry")
            if answer.status >= 400:
                note = {"note": f"cannot be asked for again: {answer.error}"}
                self.admin.post(f"/api/admin/v1/refunds/{refund['id']}/resolve", note)

    def settle_at_provider(self, refund):
        """As staff does in the provider's console, once it is told of the other account."""
        body = {"provider": refund["provider"], "out_refund_no": refund["out_refund_no"], "status": "SUCCESS"}
        answer = self.ground.simulator.client().post("/sandbox/control/settle", body)
        assert answer.status in (200, 409), answer

    # --- the whole ----------------------------------------------------------------------------------

    def run(self):
        for part in (self.rage, self.settle, self.check):
            part()
            self.moments.append(time.monotonic())
        return f"seed {self.seed}: {self.account.summary()}, {self.kills} kills; {self.times()}"

    def check(self):
        self.account = Account(self)
        self.account.check()

    def times(self):
        parts = zip(("of campaign", "until quiet", "of accounts"), self.moments, self.moments[1:])
        return ", ".join(f"{end - begin:.0f} s {part}" for part, begin, end in parts)


def run_one(seed, engine, stories):
    """What came of it; raises what went wrong, with the seed."""
    database = shop.PostgresDatabase() if engine == "postgres" else None
    try:
        campaign = Campaign(seed, stories, database)
        try:
            return campaign.run()
        except Exception as failure:
            keep = os.environ.get("DOORBUSTER_TEST_KEEP")
            if keep:
                campaign.ground.keep(os.path.join(keep, f"{engine}-{seed}"))
            raise AssertionError(f"campaign of seed {seed} on {engine}: {campaign.times()}\n{failure}") from failure
        finally:
            campaign.close()
    finally:
        if database:
            database.drop()


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--seeds", type=int, default=10)
    words.add_argument("--first", type=int, default=1)
    words.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="sqlite")
    words.add_argument("--stories", type=int, default=120)
    asked = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing stays behind
    engines = ("sqlite", "postgres") if asked.engine == "both" else (asked.engine,)
    failed = []
    for seed in range(asked.first, asked.first + asked.seeds):
        for engine in engines:
            try:
                print(f"{engine} {run_one(seed, engine, asked.stories)}", flush=True)
            except unittest.SkipTest as skipped:
                sys.exit(f"campaign: {skipped}")
            except AssertionError as failure:
                print(failure, file=sys.stderr, flush=True)
                failed.append(f"--first {seed} --seeds 1 --engine {engine} --stories {asked.stories}")
    for again in failed:
        print(f"FAILED: script/campaign {again}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
