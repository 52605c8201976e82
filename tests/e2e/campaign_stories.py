"""What happens to one order, from the buyer's and the staff's side. A story is a generator that yields for how many
seconds of the campaign's clock it has nothing to do; in between others go on, clocks jump and processes die."""

import uuid

from campaign_visitor import BrokenPromise

PROVIDERS = ("wechat_pay", "alipay")


class Customer:
    def __init__(self, token, address):
        self.token = token
        self.address = address


class Story:
    def __init__(self, number, rng, customer, staff, skus, record):
        self.number = number
        self.rng = rng
        self.customer = customer
        self.staff = staff  # the token of somebody who may do everything
        self.skus = skus
        self.record = record
        self.order_no = None
        self.total = 0
        self.payments = []  # ways to pay that we were given
        self.name, plot = rng.choices(PLOTS, WEIGHTS)[0]
        self.plot = plot(self)
        self.due_ms = 0
        self.visitor = None  # whose connection is used now

    def key(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    # --- single steps -------------------------------------------------------------------------------

    def place(self):
        lines = [{"sku_id": sku, "quantity": self.rng.randint(1, 3)} for sku in self.rng.sample(self.skus, 2)]
        lines = lines[: self.rng.randint(1, 2)]
        answer = self.visitor.shop(
            "POST",
            "/api/v1/orders",
            body={"address_id": self.customer.address, "lines": lines},
            token=self.customer.token,
            key=self.key(),
        )
        if answer.error == "out_of_stock":
            return False
        self.expect(answer, 201)
        self.order_no, self.total = answer.data["order_no"], answer.data["total"]
        self.record.note("order", order_no=self.order_no, total=self.total, story=self.number, plot=self.name)
        return True

    def order(self):
        answer = self.visitor.shop("GET", f"/api/v1/orders/{self.order_no}", token=self.customer.token)
        return self.expect(answer, 200).data

    def open(self, provider):
        """Asks for a way to pay until there is one; nothing when the shop says that there will be none."""
        for _ in range(8):
            answer = self.visitor.shop(
                "POST",
                "/api/v1/payments",
                body={"order_no": self.order_no, "provider": provider},
                token=self.customer.token,
            )
            if answer.status == 201:
                self.payments.append(answer.data)
                self.record.note(
                    "payment", id=answer.data["id"], order_no=self.order_no, amount=answer.data["amount"]
                )
                return answer.data
            self.expect(answer, 409, 429, 503)
            if answer.status == 409:
                return None
            yield self.rng.randint(1, 20)
        return None

    def scan(self, payment):
        """Pays as far as the provider lets; True when it says that it has the money."""
        buyer = f"buyer{self.number % 50}"
        if payment["provider"] == "wechat_pay":
            body = {"code_url": payment["code_url"], "buyer": buyer}
            answer = self.visitor.simulator("POST", "/sandbox/scan", body=body)
        else:
            cashier = self.cashier(payment)
            if not cashier:
                return False
            answer = self.visitor.simulator("POST", "/sandbox/alipay/scan", body={"page": cashier, "buyer": buyer})
        self.expect(answer, 200, 404, 409, 410, 422)
        if answer.status != 200:
            return False
        self.record.note(
            "scan", provider=payment["provider"], out_trade_no=answer.data["out_trade_no"], total=answer.data["total"]
        )
        return True

    def cashier(self, payment):
        """The browser keeps the page that it was sent to, and opens it again when nothing came of it."""
        for _ in range(4):
            payment["cashier"] = payment.get("cashier") or self.visitor.follow(payment["redirect_url"])
            if payment["cashier"]:
                break
        return payment["cashier"]

    def until_paid(self):
        """Looks now and then; False when it is not to be."""
        for wait in (1, 5, 10, 20, 60, 120, 300):
            yield wait
            seen = self.order()
            if seen["status"] == "paid":
                self.record.note("paid", order_no=self.order_no)
                return True
            if seen["status"] == "closed":
                return False
        return False

    def cancel(self):
        answer = self.visitor.shop("POST", f"/api/v1/orders/{self.order_no}/cancel", token=self.customer.token)
        self.expect(answer, 200, 409)
        if answer.status == 200:
            self.record.note("cancel", order_no=self.order_no)

    def staff_asks(self, path, body=None):
        return self.visitor.shop("POST", "/api/admin/v1" + path, body=body, token=self.staff, key=self.key())

    def refund(self, amount):
        """Of any attempt that we know; only one that is paid can be given back."""
        for payment in self.payments:
            answer = self.staff_asks(
                f"/payments/{payment['id']}/refunds", {"amount": amount, "reason": "as agreed by phone"}
            )
            self.expect(answer, 201, 409, 422)
            if answer.status == 201:
                self.record.note("refund", id=answer.data["id"], amount=amount, order_no=self.order_no)
                return True
        return False

    def expect(self, answer, *statuses):
        if answer.status not in statuses:
            raise BrokenPromise(f"story {self.number} ({self.name}), order {self.order_no}: {answer}")
        return answer

    # --- plots --------------------------------------------------------------------------------------

    def any_provider(self):
        return self.rng.choice(PROVIDERS)

    def pay_somehow(self, provider=None):
        payment = yield from self.open(provider or self.any_provider())
        if not payment:
            return False
        yield self.rng.randint(0, 15)
        paid = self.scan(payment)
        if not paid:  # a page reopened, a code made again
            yield self.rng.randint(0, 5)
            payment = yield from self.open(payment["provider"])
            paid = bool(payment) and self.scan(payment)
        return paid

    def buys(self):
        if self.place():
            yield from self.pay_somehow()
            yield from self.until_paid()

    def switches(self):
        if not self.place():
            return
        first = yield from self.open("alipay" if self.number % 2 else "wechat_pay")
        if first and self.rng.random() < 0.3 and first["provider"] == "alipay":
            self.cashier(first)  # looked at, and left
        yield self.rng.randint(0, 30)
        yield from self.pay_somehow("wechat_pay" if self.number % 2 else "alipay")
        yield from self.until_paid()

    def pays_twice(self):
        """Keeps what he was shown first and pays that, too."""
        if not self.place():
            return
        one, other = self.rng.sample(PROVIDERS, 2)
        first = yield from self.open(one)
        if first and first["provider"] == "alipay":
            self.cashier(first)
        second = yield from self.open(other)
        payments = [payment for payment in (first, second) if payment]
        self.rng.shuffle(payments)
        for payment in payments:
            self.scan(payment)
        yield from self.until_paid()

    def abandons(self):
        if not self.place():
            return
        if self.rng.random() < 0.7:
            yield from self.open(self.any_provider())
        yield 400

    def cancels(self):
        """And pays all the same, sometimes."""
        if not self.place():
            return
        payment = None
        if self.rng.random() < 0.8:
            payment = yield from self.open(self.any_provider())
        if payment and payment["provider"] == "alipay":
            self.cashier(payment)
        yield self.rng.randint(0, 20)
        self.cancel()
        yield self.rng.choice((0, 0, 5, 90, 400))
        if payment and self.rng.random() < 0.7:
            self.scan(payment)
        yield 60

    def cancels_what_is_paid(self):
        if not self.place():
            return
        yield from self.pay_somehow()
        if (yield from self.until_paid()):
            self.cancel()

    def pays_late(self):
        if not self.place():
            return
        payment = yield from self.open(self.any_provider())
        if not payment:
            return
        if payment["provider"] == "alipay":
            self.cashier(payment)
        yield self.rng.choice((235, 245, 300, 330, 900, 5000))
        self.scan(payment)
        yield self.rng.randint(0, 700)

    def is_given_money_back(self):
        if not self.place():
            return
        yield from self.pay_somehow()
        if not (yield from self.until_paid()):
            return
        whole = self.rng.random() < 0.3
        for _ in range(1 if whole else self.rng.randint(1, 3)):
            self.refund(self.total if whole else self.rng.randint(1, self.total))
            yield self.rng.choice((0, 10, 100))

    def is_shipped_and_returned(self):
        if not self.place():
            return
        yield from self.pay_somehow()
        if not (yield from self.until_paid()):
            return
        parcel = {"carrier": "SF", "tracking_number": f"SF{self.number}"}
        answer = self.staff_asks(f"/orders/{self.order_no}/ship", parcel)
        self.expect(answer, 200, 409)
        if answer.status == 200:
            self.record.note("ship", order_no=self.order_no)
        yield self.rng.choice((0, 60, 3600))
        for _ in range(self.rng.randint(0, 2)):
            item = self.rng.choice(self.order()["items"])
            back = {"reason": "too small", "restock": [{"sku_id": item["sku_id"], "quantity": 1}]}
            if self.rng.random() < 0.8:
                back["refund"] = item["price"]
            answer = self.staff_asks(f"/orders/{self.order_no}/returns", back)
            self.expect(answer, 200, 409, 422)
            if answer.status == 200:
                self.record.note("return", order_no=self.order_no, sku_id=item["sku_id"], quantity=1)
            yield 30

    def is_cancelled_by_the_shop(self):
        if not self.place():
            return
        payment = yield from self.open(self.any_provider())
        if payment and self.rng.random() < 0.5:
            self.scan(payment)
        yield self.rng.randint(0, 60)
        answer = self.staff_asks(f"/orders/{self.order_no}/cancel")
        self.expect(answer, 200, 409)
        yield self.rng.choice((0, 0, 200))
        if payment and self.rng.random() < 0.5:
            self.scan(payment)
        yield 30

    def step(self, visitor):
        """Goes on as far as there is something to do. False when the story is over."""
        self.visitor = visitor
        try:
            return max(0, next(self.plot))
        except StopIteration:
            return None


PLOTS = (
    ("buys", Story.buys),
    ("switches", Story.switches),
    ("pays twice", Story.pays_twice),
    ("abandons", Story.abandons),
    ("cancels", Story.cancels),
    ("cancels what is paid", Story.cancels_what_is_paid),
    ("pays late", Story.pays_late),
    ("is given money back", Story.is_given_money_back),
    ("is shipped and returned", Story.is_shipped_and_returned),
    ("is cancelled by the shop", Story.is_cancelled_by_the_shop),
)
WEIGHTS = (4, 3, 4, 2, 4, 3, 5, 4, 3, 3)
