"""The end of a campaign: our books against the simulator's, order by order, fen by fen."""

import collections
import datetime
import json

from campaign_books import CLEARING, FAILED_FEES, ORDERS, PAYMENTS, REFUNDS, RETURNED
from shifted_clock import BEIJING

PROVIDERS = ("wechat_pay", "alipay")
FINAL = ("closed", "paid", "shipped", "completed")
# Lines of level error that a campaign explains: the event, and words of its reason of which one must be there.
EXPLAINED = {
    "payment_alarm": ("mismatch: ", "second payment", "still not closed at the provider"),
    "payment_notified": ("suspect",),
    "refund_alarm": ("",),
    # An answer with certificates may be spoiled as any other.
    "wechat_pay.certificates_refused": ("",),
    # Staff come at the end only, and hours pass at a time.
    "alarm.raised": ("payments_in_doubt", "refunds_", "payments_", "orders_closing", "outbox_", "reconciliation_"),
    # The campaign's own doing: it moves the clock between a question and its answer.
    "wechat_pay.clock_skew": ("",),
    "alipay.clock_skew": ("",),
    "flash_sale.clock_in_doubt": ("",),
    # Named by a message that claims to be signed with it; there is no such certificate.
    "alipay.certificate_refused": ("",),
}


def day_of(moment_ms):
    return datetime.datetime.fromtimestamp(moment_ms / 1000, BEIJING).date()


def day_of_text(rfc3339):
    return rfc3339 and datetime.datetime.fromisoformat(rfc3339.replace("Z", "+00:00")).astimezone(BEIJING).date()


def describe(report):
    open_ones = [difference for difference in report["differences"] if difference["state"] == "open"]
    words = {name: report[name] for name in ("provider", "state", "failure", "bill", "matched")}
    return json.dumps({**words, "open": open_ones}, ensure_ascii=False)


class Account:
    def __init__(self, campaign):
        self.campaign = campaign
        self.ground = campaign.ground
        books = campaign.shop_books
        self.payments = books.rows(PAYMENTS)
        self.refunds = books.rows(REFUNDS)
        self.orders = {order["order_no"]: order for order in books.rows(ORDERS)}
        self.trades = {name: self.ground.listed(name, "trades") for name in PROVIDERS}
        self.given_back = {name: self.ground.listed(name, "refunds") for name in PROVIDERS}
        self.wrong = []

    def check(self):
        self.check_trades()
        self.check_refunds()
        self.check_statement()
        self.check_orders()
        self.check_promises()
        self.check_nothing_was_done_twice()
        self.check_doubts()
        self.check_log()
        self.check_audit()
        self.check_bills()
        self.check_audit()
        assert not self.wrong, "\n".join(self.wrong[:50])

    def summary(self):
        states = collections.Counter(order["status"] for order in self.orders.values())
        paid = sum(payment["state"] == "paid" for payment in self.payments)
        words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return (
            f"{len(self.orders)} orders ({words}), {paid} of {len(self.payments)} payments paid "
            f"({sum(p['duplicate'] for p in self.payments)} twice, {sum(p['late'] for p in self.payments)} late), "
            f"{len(self.refunds)} refunds"
        )

    def is_so(self, holds, text):
        if not holds:
            self.wrong.append(text)

    def same(self, ours, theirs, what):
        for key in sorted(ours.keys() | theirs.keys()):
            one, other = ours.get(key), theirs.get(key)
            self.is_so(one == other, f"{what} {key}: ours {one}, theirs {other}")

    # --- money, thing by thing ----------------------------------------------------------------------

    def check_trades(self):
        for payment in self.payments:
            self.is_so(payment["state"] in ("paid", "closed", "failed"), f"not final: {payment}")
        for provider in PROVIDERS:
            ours = {
                p["out_trade_no"]: (p["transaction_id"], p["amount"])
                for p in self.payments
                if p["provider"] == provider and p["state"] == "paid"
            }
            theirs = {
                t["out_trade_no"]: (t["transaction_id"], t["total"]) for t in self.trades[provider] if t["paid_at"]
            }
            self.same(ours, theirs, f"payment of {provider}")

    def check_refunds(self):
        for refund in self.refunds:
            self.is_so(refund["state"] in ("succeeded", "failed"), f"not final: {refund}")
            self.is_so(refund["state"] == "succeeded" or refund["resolution"], f"nobody looked after {refund}")
        for provider in PROVIDERS:
            ours = {
                (r["out_trade_no"], r["out_refund_no"]): r["amount"]
                for r in self.refunds
                if r["provider"] == provider and r["state"] == "succeeded"
            }
            theirs = {
                (r["out_trade_no"], r["out_refund_no"]): r["amount"]
                for r in self.given_back[provider]
                if r["state"] == "SUCCESS"
            }
            self.same(ours, theirs, f"refund of {provider}")
            for refund in self.given_back[provider]:
                self.is_so(refund["state"] in ("SUCCESS", "CLOSED"), f"pending at {provider}: {refund}")

    def check_statement(self):
        """Σ paid − Σ refunded by our books is the simulator's bill."""
        books = {row["provider"]: row for row in self.campaign.shop_books.rows(CLEARING)}
        for provider in PROVIDERS:
            bill = self.ground.simulator.control("GET", f"/statement?provider={provider}")
            back = bill["refunds"].get("SUCCESS", {"amount": 0})["amount"]
            row = books.get(provider, {"paid": 0, "refunded": 0})
            self.is_so(row["paid"] == bill["payments"]["amount"], f"{provider} paid: {row}, {bill}")
            self.is_so(row["refunded"] == back, f"{provider} refunded: {row}, {bill}")

    # --- orders -------------------------------------------------------------------------------------

    def check_orders(self):
        """A buyer has paid for what he has, and no fen more."""
        of_order = collections.defaultdict(list)
        for payment in self.payments:
            if payment["state"] == "paid":
                of_order[payment["reference"]].append(payment)
        for number, order in self.orders.items():
            self.is_so(order["status"] in FINAL, f"not resolved: {order}")
            kept = [p for p in of_order[number] if not p["duplicate"]]
            for payment in of_order[number]:
                gone = payment["refunded"] == payment["amount"] == payment["refund_reserved"]
                self.is_so(gone or not payment["refund_due"], f"kept money that is not ours: {payment}")
                self.is_so(payment["refunded"] == payment["refund_reserved"], f"still under way: {payment}")
            back = sum(p["refunded"] for p in kept)
            left = sum(p["amount"] for p in kept) - back
            sold = order["status"] in ("paid", "shipped", "completed")
            if sold:
                self.is_so(len(kept) == 1 and kept[0]["amount"] == order["total"], f"sold unpaid: {order} {kept}")
                expected = "refunded" if not left else "partly_refunded" if back else "paid"
            else:
                self.is_so(left == 0, f"{left} fen of a closed order kept: {order} {kept}")
                expected = "refunded" if kept else "unpaid"
            self.is_so(order["payment_status"] == expected, f"should be {expected}: {order} {kept}")

    # --- what was promised --------------------------------------------------------------------------

    def check_nothing_was_done_twice(self):
        """Everybody asked again, under the same key, until he was answered: there is nothing that nobody was told."""
        record = self.campaign.record
        promised = collections.Counter(note["order_no"] for note in record.of("order"))
        self.same(dict.fromkeys(self.orders, 1), promised, "order")
        ours = {
            str(refund["id"]): 1
            for refund in self.refunds
            if refund["origin"] == "staff" and not (refund["request_key"] or "").startswith("retry of")
        }
        promised = collections.Counter(note["id"] for note in record.of("refund"))
        self.same(ours, promised, "refund by staff")

    def check_promises(self):
        record = self.campaign.record
        payments = {str(p["id"]): p for p in self.payments}
        refunds = {str(r["id"]): r for r in self.refunds}
        for note in record.of("order"):
            order = self.orders.get(note["order_no"])
            self.is_so(order and order["total"] == note["total"], f"order lost: {note} {order}")
        for note in record.of("payment"):
            payment = payments.get(note["id"])
            same = payment and (payment["reference"], payment["amount"]) == (note["order_no"], note["amount"])
            self.is_so(same, f"payment lost: {note} {payment}")
        paid = {(name, t["out_trade_no"]): t["total"] for name in PROVIDERS for t in self.trades[name] if t["paid_at"]}
        for note in record.of("scan"):
            self.is_so(paid.get((note["provider"], note["out_trade_no"])) == note["total"], f"scan lost: {note}")
        for note in record.of("paid"):
            order = self.orders[note["order_no"]]
            kept = order["status"] != "closed" or order["close_reason"] == "refunded"
            self.is_so(kept, f"told paid, and closed: {order}")
        for note in record.of("cancel"):
            self.is_so(self.orders[note["order_no"]]["status"] in FINAL, f"cancelled: {note}")
        for note in record.of("refund"):
            refund = refunds.get(note["id"])
            self.is_so(refund and refund["amount"] == note["amount"], f"refund lost: {note} {refund}")
        for note in record.of("ship"):
            self.is_so(self.orders[note["order_no"]]["shipped_at"], f"parcel lost: {note}")
        returned = {(r["order_no"], r["sku_id"]): r["returned"] for r in self.campaign.shop_books.rows(RETURNED)}
        wanted = collections.Counter((n["order_no"], n["sku_id"]) for n in record.of("return"))
        for key, units in wanted.items():
            self.is_so(returned.get(key) == units, f"returned {units} of {key}, found {returned.get(key)}")

    def check_doubts(self):
        """Only what told a wrong amount or owner makes a payment suspect."""
        for payment in self.payments:
            explained = self.ground.lies and (payment["failure"] or "").startswith("mismatch: ")
            self.is_so(explained or not payment["suspect"], f"suspect without a reason: {payment}")

    def check_log(self):
        for line in self.ground.shop.whole_log().splitlines():
            if '"level":"error"' not in line:
                continue
            told = json.loads(line)
            words = EXPLAINED.get(told["event"])
            why = told.get("reason", told.get("verdict", told.get("alarm", "")))
            self.is_so(words and any(word in why for word in words), f"not explained: {line}")

    def check_audit(self):
        done = self.ground.run("audit")
        self.is_so(done.returncode == 0, f"audit:\n{done.stdout}{done.stderr}")

    # --- bills --------------------------------------------------------------------------------------

    def check_bills(self):
        """Each day's bill, when it can be had, and then the whole account with its fees."""
        clock = self.campaign.clock
        last = max(self.campaign.first_day, clock.moment().date())
        days = [
            self.campaign.first_day + datetime.timedelta(days=n)
            for n in range((last - self.campaign.first_day).days + 1)
        ]
        ready = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(11), BEIJING)
        clock.set(ready)
        self.check_bad_bills(days[0])
        for day in days:
            for report in self.reconcile(day):
                self.check_bill(day, report)
        balances = {row["provider"]: row["clearing"] for row in self.campaign.shop_books.rows(CLEARING)}
        for provider in PROVIDERS:
            bill = self.ground.simulator.control("GET", f"/statement?provider={provider}")
            ours = balances.get(provider, 0)
            self.is_so(ours == bill["balance"], f"{provider} owes {ours} by our books, {bill} by its own")

    def reconcile(self, day):
        done = self.ground.run("reconcile", "--date", str(day), "--format", "json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            self.wrong.append(f"reconcile {day}: {done.stdout}{done.stderr}")
            return []

    def check_bad_bills(self, day):
        """A bill with a fault is not believed, and does not stand in the way of the next one."""
        for fault in ("bill_not_ready", "bill_wrong_hash", "bill_missing_row"):
            self.ground.simulator.control("PATCH", body={"faults": {fault: 1}})
            for report in self.reconcile(day):
                has_rows = any(day_of_text(t["paid_at"]) == day for t in self.trades[report["provider"]])
                self.is_so(not has_rows or report["state"] != "clean", f"{fault}: {describe(report)}")
            self.ground.simulator.control("PATCH", body={"clear_faults": True})

    def is_fee_of_another_day(self, day, report):
        """A refund that failed after midnight: its share of the fee came one day and went the next, which only the
        account shows. To the fen, that is what a person is told to look at."""
        expected = 0
        for refund in self.campaign.simulator_books.rows(FAILED_FEES):
            came, went = (day_of(refund[name]) == day for name in ("created_at", "settled_at"))
            expected += (went - came) * refund["fee_back"]
        found = [
            (one["subject"], one["number"], one["theirs"] - one["ours"])
            for one in report["differences"]
            if one["state"] == "open"
        ]
        return report["provider"] == "wechat_pay" and found == [("fund", "fees", expected)]

    def check_bill(self, day, report):
        clean = report["state"] == "clean" or self.is_fee_of_another_day(day, report)
        self.is_so(clean, f"bill of {day}: {describe(report)}")
        bill = self.ground.simulator.control("GET", f"/statement?provider={report['provider']}&date={day}")
        sums = (report["bill"]["payments"], report["bill"]["paid"])
        theirs = (bill["payments"]["count"], bill["payments"]["amount"])
        self.is_so(sums == theirs, f"{report['provider']} {day}: read {sums}, it has {theirs}")
