"""A sold-out flash sale: who waits is told by events, is offered what comes back, in order, and claims it."""

import http.client
import json
import unittest

import shop

CAPTCHA_ANSWER = "FIXED"


class Follower:
    """A client of the events of one item."""

    def __init__(self, server, item, token=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=shop.DEADLINE)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection.request("GET", f"/api/v1/flash-sales/{item}/events", headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.status
        assert self.answer.getheader("content-type") == "text/event-stream; charset=utf-8"

    def next(self):
        """The next event as (name, data); None when the stream has ended."""
        while True:
            text = shop.read_events(self.answer, 1).decode()
            if not text:
                return None
            fields = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(":") and line)
            if "event" in fields:
                return fields["event"], json.loads(fields["data"])

    def wait_for(self, name, **wanted):
        """Reads on until an event says so."""
        while True:
            event = self.next()
            assert event is not None, "the stream has ended"
            if event[0] == name and wanted.items() <= event[1].items():
                return event[1]

    def close(self):
        self.connection.close()


class Waiting(shop.ShopTest):
    settings = {"flash_sale.captcha": "fixed"}

    def setUp(self):
        super().setUp()
        self.admin = self.server.admin()
        self.item = self.publish(units=2)
        self.path = f"/api/v1/flash-sales/{self.item}"

    def publish(self, units):
        _, sku = shop.first_sku(self.admin, units)
        promotions = "/api/admin/v1/promotions"
        item = {"sku_id": sku["id"], "price": 100, "allotment": units}
        new = {"name": "sale", "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z", "items": [item]}
        made = self.assert_status(self.admin.post(promotions, new), 201).data
        self.assert_status(self.admin.post(f"{promotions}/{made['id']}/publish"), 200)
        self.promotion = f"{promotions}/{made['id']}"
        return made["items"][0]["id"]

    def shopper(self, name):
        client = self.server.client().register(name)
        client.address = client.add_address()
        return client

    def buy(self, client):
        captcha = self.assert_status(client.post(f"{self.path}/captcha"), 201).data["captcha_id"]
        answered = {"captcha_id": captcha, "answer": CAPTCHA_ANSWER}
        token = self.assert_status(client.post(f"{self.path}/token", answered), 201).data["token"]
        wanted = {"token": token, "address_id": client.address, "quantity": 1}
        return self.assert_status(client.post(f"{self.path}/orders", wanted), 201).data["order_no"]

    def follow(self, client=None):
        follower = Follower(self.server, self.item, client and client.token)
        self.addCleanup(follower.close)
        return follower

    def test_what_comes_back_goes_to_who_waits_in_order(self):
        guest = self.follow()
        self.assertEqual(guest.wait_for("state")["status"], "live")
        self.assertEqual(guest.wait_for("stock"), {"stock_band": "plenty"})
        buyers = [self.shopper(f"buyer{i}") for i in range(2)]
        orders = [self.buy(buyer) for buyer in buyers]
        guest.wait_for("state", sold_out=True)

        first, second = self.shopper("first"), self.shopper("second")
        waitlist = f"{self.path}/waitlist"
        place = self.assert_status(first.post(waitlist), 201).data
        self.assertEqual((place["state"], place["place"], place["may_come_back"]), ("waiting", 1, 2))
        self.assertEqual(self.assert_status(second.post(waitlist), 201).data["ahead"], 1)
        self.assert_status(first.post(waitlist), 200)
        events = self.follow(first)
        self.assert_status(buyers[0].post(f"/api/v1/orders/{orders[0]}/cancel"), 200)
        offer = events.wait_for("offer", offered=True)
        shown = self.assert_status(first.get(waitlist), 200).data
        self.assertEqual((shown["state"], shown["offered_until"]), ("offered", offer["offered_until"]))

        # Nobody else can have it: not the next in line, not who comes by the door.
        claim = {"address_id": second.address}
        self.assertEqual(second.post(f"{waitlist}/claim", claim).error, "no_offer")
        self.assertEqual(second.post(f"{self.path}/captcha").error, "sold_out")
        mine = {"address_id": first.address}
        key = {"Idempotency-Key": "claim"}
        placed = self.assert_status(first.post(f"{waitlist}/claim", mine, headers=key), 201).data
        again = self.assert_status(first.post(f"{waitlist}/claim", mine, headers=key), 201)
        self.assertEqual((again.data, again.headers["idempotent-replayed"]), (placed, "true"))
        events.wait_for("offer", offered=False)
        self.assertEqual(first.get(f"/api/v1/orders/{placed['order_no']}").data["total"], placed["total"])

        # The second leaves with an offer open: the unit is free again.
        self.assert_status(buyers[1].post(f"/api/v1/orders/{orders[1]}/cancel"), 200)
        self.assertEqual(second.get(waitlist).data["state"], "offered")
        self.assert_status(second.delete(waitlist), 200)
        guest.wait_for("state", sold_out=False)
        self.assertEqual(self.server.audit().returncode, 0)

    def test_the_end_of_a_sale_is_told_and_the_server_ends_its_streams(self):
        guest = self.follow()
        self.assert_status(self.admin.post(f"{self.promotion}/pause"), 200)
        guest.wait_for("state", paused=True)
        self.assert_status(self.admin.post(f"{self.promotion}/end"), 200)
        guest.wait_for("state", status="ended")
        guest.wait_for("stock", stock_band="none")
        self.server.stop()
        self.assertIsNone(guest.next())

    def test_a_waiting_line_outlives_a_crash(self):
        buyers = [self.shopper(f"buyer{i}") for i in range(2)]
        orders = [self.buy(buyer) for buyer in buyers]
        first = self.shopper("first")
        waitlist = f"{self.path}/waitlist"
        self.assert_status(first.post(waitlist), 201)
        self.assert_status(buyers[0].post(f"/api/v1/orders/{orders[0]}/cancel"), 200)
        before = self.assert_status(first.get(waitlist), 200).data
        self.server.kill()
        self.server.start()
        for client in (first, *buyers):
            client.close()
        self.assertEqual(self.assert_status(first.get(waitlist), 200).data, before)
        self.assertEqual(buyers[0].post(f"{self.path}/captcha").error, "sold_out")
        self.assert_status(first.post(f"{waitlist}/claim", {"address_id": first.address}), 201)
        self.assertEqual(self.server.audit().returncode, 0)


class WaitingOnPostgres(shop.OnPostgres, Waiting):
    """The same with PostgreSQL as the database."""


if __name__ == "__main__":
    unittest.main()
