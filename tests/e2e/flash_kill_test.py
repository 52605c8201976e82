"""kill -9 in the middle of a flash sale, again and again: what was answered is there, and nothing is sold twice.

Each round staff add units, buyers come over many connections at once, and the server (on PostgreSQL every other time
the database instead) is killed after some orders, in the middle of others. Every 201 is written down before it
counts; orders whose answer never came are asked for again with the same key.
"""

import json
import os
import random
import threading
import time
import unittest
import uuid

import flash
import shop

LANES = 3  # threads
CONNECTIONS = 12  # of each; their orders are under way at once
CROWD = 150  # of one round; some come more than once
UNITS = 90  # more of them every round: some rounds sell out
PER_USER = 2
KILL_AFTER_AT_MOST = 110
# A buyer may be too late, too greedy, or have come by two ways at once.
EXPECTED = ("sold_out", "limit_reached", "token_used", "captcha_gone", "door_full")


class Recorder:
    """What buyers were told. On disk before it counts, as an honest witness does."""

    def __init__(self, folder):
        self.file = open(os.path.join(folder, "recorder.jsonl"), "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.told = {}  # by key: (user, order number)
        self.unsure = {}  # by key: the request whose answer never came
        self.cancelled = set()

    def write(self, **words):
        self.file.write(json.dumps(words) + "\n")
        self.file.flush()

    def placed(self, key, wish, number):
        with self.lock:
            self.write(key=key, user=wish.buyer.user, order_no=number)
            self.told[key] = (wish, number)
            return len(self.told)


class Wish:
    """A request for an order, to be sent again as it was."""

    def __init__(self, item, buyer, text, quantity):
        self.buyer = buyer
        self.path = flash.path_of(item, "orders")
        self.body = {"token": text, "address_id": buyer.address, "quantity": quantity}

    def send(self, wire, key):
        wire.send(self.path, self.buyer.session, self.body, key)


class Lane:
    """One thread with many connections: asks on all of them, then reads all answers."""

    def __init__(self, test, buyers, dice):
        self.test = test
        self.item = test.sale.item
        self.buyers = buyers
        self.dice = dice
        self.wires = []
        self.idle = 0  # turns without an order

    def run(self):
        try:
            self.wires = [flash.Wire(self.test.server.port) for _ in range(CONNECTIONS)]
            while not self.test.killed.is_set() and self.idle < 3:
                self.turn()
        except OSError:
            pass  # the connections died with the server
        finally:
            for wire in self.wires:
                wire.close()
            self.test.lane_ended()

    def turn(self):
        asking = list(zip(self.wires, self.dice.sample(self.buyers, CONNECTIONS)))
        for wire, buyer in asking:
            wire.send(flash.path_of(self.item, "captcha"), buyer.session)
        asking = [(wire, buyer, self.answer(wire)) for wire, buyer in asking]
        asking = [one for one in asking if one[2]]
        for wire, buyer, data in asking:
            solved = {"captcha_id": data["captcha_id"], "answer": flash.CAPTCHA_ANSWER}
            wire.send(flash.path_of(self.item, "token"), buyer.session, solved)
        asking = [(wire, buyer, self.answer(wire)) for wire, buyer, _ in asking]
        self.order([one for one in asking if one[2]])

    def order(self, asking):
        wishes = []
        recorder = self.test.recorder
        for wire, buyer, data in asking:
            key = str(uuid.uuid4())
            wish = Wish(self.item, buyer, data["token"], self.dice.choice((1, 1, 2)))
            with recorder.lock:
                recorder.unsure[key] = wish  # until its answer is there
            wishes.append((wire, key, wish))
        for wire, key, wish in wishes:
            wish.send(wire, key)
        placed = [self.take_down(wire, key, wish) for wire, key, wish in wishes]
        self.idle = 0 if any(placed) else self.idle + 1
        mine = [one for one in zip(wishes, placed) if one[1]]
        if mine and self.dice.random() < 0.3:
            (wire, _, wish), number = self.dice.choice(mine)
            self.cancel(wire, wish.buyer, number)

    def take_down(self, wire, key, wish):
        answer = wire.read()
        if answer.status == 503:  # not done, or not known: the key will tell
            return None
        recorder = self.test.recorder
        number = None
        if answer.status == 201:
            number = answer.data["order_no"]
            if recorder.placed(key, wish, number) >= self.test.kill_at:
                self.test.enough.set()
        else:
            self.test.expect(answer)
        with recorder.lock:
            del recorder.unsure[key]
        return number

    def cancel(self, wire, buyer, number):
        wire.send(f"/api/v1/orders/{number}/cancel", buyer.session)
        if wire.read().status == 200:
            with self.test.recorder.lock:
                self.test.recorder.cancelled.add(number)

    def answer(self, wire):
        answer = wire.read()
        if answer.status == 201:
            return answer.data
        if answer.status != 503:
            self.test.expect(answer)
        return None


class FlashKill(shop.ShopTest):
    rounds = int(os.environ.get("DOORBUSTER_TEST_FLASH_KILL_ROUNDS", "100"))
    settings = {**flash.NO_LIMITS, "flash_sale.unpaid_minutes": "1000"}

    def setUp(self):
        super().setUp()
        self.database = flash.SqliteFile(self.server.data)

    def kill_and_restart(self, turn):
        self.server.kill()
        self.killed.set()
        self.join_lanes()
        self.server.restart()

    # --- what happens in a round -------------------------------------------------------------------

    def expect(self, answer):
        if answer.error not in EXPECTED:
            with self.recorder.lock:
                self.surprises.append(answer)

    def lane_ended(self):
        with self.recorder.lock:
            self.lanes_left -= 1
            if self.lanes_left == 0:
                self.enough.set()  # all is sold, or all are served

    def join_lanes(self):
        for lane in self.lanes:
            lane.join()

    def load(self, turn, dice):
        crowd = self.crowd[turn * CROWD // 2 : turn * CROWD // 2 + CROWD]  # half of them come again
        self.enough, self.killed = threading.Event(), threading.Event()
        self.kill_at = len(self.recorder.told) + dice.randint(1, KILL_AFTER_AT_MOST)
        self.lanes_left = LANES
        lanes = [Lane(self, crowd, random.Random(dice.random())) for _ in range(LANES)]
        self.lanes = [threading.Thread(target=lane.run) for lane in lanes]
        for lane in self.lanes:
            lane.start()
        self.assertTrue(self.enough.wait(shop.DEADLINE), "the load did not end")
        self.kill_and_restart(turn)
        self.assertEqual(self.surprises, [])

    # --- what is looked at after it ----------------------------------------------------------------

    def ask_again(self, told):
        """Retries of requests that were answered, and of those whose answer never came."""
        wire = flash.Wire(self.server.port)
        for key, (wish, number) in told.items():
            wish.send(wire, key)
            again = wire.read()
            self.assert_status(again, 201)
            self.assertEqual((again.data["order_no"], again.headers.get("idempotent-replayed")), (number, "true"))
        for key, wish in self.recorder.unsure.items():
            wish.send(wire, key)
            again = wire.read()
            if again.status == 201:
                self.recorder.placed(key, wish, again.data["order_no"])
                self.found += 1
            else:
                self.expect_not_placed(again)
        self.recorder.unsure.clear()
        wire.close()

    def expect_not_placed(self, answer):
        self.assertIn(answer.error, ("token_invalid", *EXPECTED), answer)

    def check_database(self):
        """Read past the server: the orders are those that were told, and the counters add up."""
        orders = {str(no): (user, units, status) for no, user, units, status in self.database.rows(
            "SELECT o.order_no, o.user_id, i.quantity, o.status FROM orders o"
            f" JOIN order_items i ON i.order_no = o.order_no WHERE i.promotion_item_id = {self.sale.item}"
        )}
        told = {number: wish for wish, number in self.recorder.told.values()}
        self.assertEqual(len(told), len(self.recorder.told), "two keys were told one order")
        self.assertEqual(set(told) - set(orders), set(), "acknowledged orders are lost")
        self.assertEqual(set(orders) - set(told), set(), "orders that nobody was told of")
        held = {}
        for number, (user, units, status) in orders.items():
            self.assertEqual((user, units), (told[number].buyer.user, told[number].body["quantity"]))
            if status == "pending_payment":
                held[user] = held.get(user, 0) + units
            else:
                self.assertEqual(status, "closed")
        for number in self.recorder.cancelled:
            self.assertEqual(orders[number][2], "closed", "a cancellation was lost")
        self.assertLessEqual(max(held.values(), default=0), PER_USER)
        counters = self.database.rows(
            f"SELECT available, reserved, sold, offered FROM promotion_stock WHERE item_id = {self.sale.item}"
        )
        units = sum(held.values())
        self.assertEqual(counters, [(self.granted - units, units, 0, 0)])

    # --- the whole ---------------------------------------------------------------------------------

    def open_sale(self):
        admin = self.server.admin()
        _, sku = shop.first_sku(admin)
        flash.set_stock(admin, sku["id"], 1_000_000)
        self.sale = flash.Sale(
            admin, [flash.terms(sku["id"], allotment=UNITS, per_user=PER_USER)], ends=86_400
        ).publish()
        self.granted = UNITS
        admin.close()
        self.server.stop()
        self.crowd = flash.add_buyers(self.database, self.rounds * CROWD // 2 + CROWD)
        self.server.restart()

    def test_no_order_is_lost_and_none_is_made_up(self):
        self.open_sale()
        self.recorder = Recorder(self.server.data)
        self.addCleanup(self.recorder.file.close)
        self.surprises = []
        self.found = 0  # orders that were durable though their answer was lost
        seed = int(os.environ.get("DOORBUSTER_TEST_SEED") or time.time_ns() % 1_000_000)
        print(f"DOORBUSTER_TEST_SEED={seed}", flush=True)
        dice = random.Random(seed)
        for turn in range(self.rounds):
            before = set(self.recorder.told)
            self.load(turn, dice)
            self.ask_again({key: value for key, value in self.recorder.told.items() if key not in before})
            self.check_database()
            self.assert_clean_audit()
            self.sale.add_units(UNITS)
            self.granted += UNITS
            self.sale.admin.close()
        self.assertGreater(len(self.recorder.told), self.rounds * 10)
        self.assertGreater(self.found, 0, "no kill fell between a commit and its answer")
        print(f"{len(self.recorder.told)} orders, {self.found} of them found by a retry alone")


class FlashKillOnPostgres(FlashKill):
    """Every other round the database is killed, and the server lives on."""

    rounds = int(os.environ.get("DOORBUSTER_TEST_FLASH_KILL_POSTGRES_ROUNDS", "30"))

    def setUp(self):
        self.database = flash.PostgresServer()
        self.addCleanup(self.database.remove)
        self.server = shop.Server(demo=True, database=self.database.url, settings=self.settings)
        self.addCleanup(self.server.remove)

    def kill_and_restart(self, turn):
        if turn % 2 == 0:
            super().kill_and_restart(turn)
            return
        self.database.kill()
        self.killed.set()
        self.database.start()
        self.join_lanes()
        client = self.server.client()
        self.wait_for("the database's return", lambda: client.get("/readyz").status == 200)

    def expect_not_placed(self, answer):
        # The server that lives on knows its tokens, but this one's place at the door may be gone.
        self.assertIn(answer.error, ("token_invalid", "token_expired", *EXPECTED), answer)


if __name__ == "__main__":
    unittest.main()
