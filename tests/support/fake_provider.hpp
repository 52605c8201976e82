#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "ports/payment_provider.hpp"
#include "ports/payment_refunds.hpp"

namespace doorbuster::test {

// A payment provider in memory that keeps its own books, as a real one does, and misbehaves on
// request. Used from one event loop.
class FakeProvider final : public PaymentProvider, public RefundProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    enum class Fault {
        none,
        lost,        // the call never arrives
        no_answer,   // the call takes effect and its answer is lost
        refused,     // refused for good, without effect
        crash,       // our process dies before the call …
        crash_late,  // … or after the call took effect
    };
    // Not an exception type that anybody catches by its base.
    struct Crash {};

    struct Order {
        ProviderOrder asked;
        ProviderTrade::State state = ProviderTrade::State::not_paid;
        std::string transaction;
        Time paid_at;
        int creates = 0;
    };
    // What this provider knows of a refund.
    struct KnownRefund {
        ProviderRefundOrder asked;
        ProviderRefund::State state = ProviderRefund::State::processing;
        int asked_times = 0;
    };

    explicit FakeProvider(std::string name, const Clock& clock)
        : clock_{clock}, name_{std::move(name)} {}

    // Asked before every call with "create", "query", "close", "refund" or "query_refund".
    std::function<Fault(std::string_view)> fault = [](std::string_view) { return Fault::none; };
    std::function<void()> on_create;
    std::map<std::string, Order> orders;
    std::map<std::string, KnownRefund> refunds;
    // What a new refund is at once; and what the port says of refunds.
    ProviderRefund::State refunds_begin_as = ProviderRefund::State::succeeded;
    Milliseconds distance{0};
    int most_refunds = 0;
    // Buyers pay in a page: no code is made.
    bool pays_in_page = false;
    std::map<std::string, int, std::less<>> calls;

    // The buyer scans and pays. False when there is nothing to pay there.
    bool pay(const std::string& out_trade_no) {
        const auto order = orders.find(out_trade_no);
        if (order == orders.end()) return false;
        if (order->second.state != ProviderTrade::State::not_paid) return false;
        settle(order->second);
        return true;
    }
    // Money that came although the order was closed.
    void pay_in_spite(const std::string& out_trade_no) { settle(orders.at(out_trade_no)); }

    ProviderTrade trade(const std::string& out_trade_no) const {
        ProviderTrade trade;
        trade.out_trade_no = out_trade_no;
        const auto order = orders.find(out_trade_no);
        trade.state = ProviderTrade::State::not_exist;
        if (order == orders.end()) return trade;
        trade.state = order->second.state;
        if (refunded(out_trade_no) > Money{}) trade.state = ProviderTrade::State::refunded;
        trade.merchant = merchant();
        trade.seller = seller();
        if (!order->second.transaction.empty()) {
            trade.transaction_id = order->second.transaction;
            trade.amount = order->second.asked.amount;
            trade.currency = "CNY";
            trade.paid_at = order->second.paid_at;
        }
        return trade;
    }

    // The body of a notification about this trade.
    std::string notification(const ProviderTrade& trade, std::string id = {}) {
        if (id.empty()) id = name_ + "-n" + std::to_string(++notified_);
        const std::string body = "body of " + id + " " + std::to_string(sent_.size());
        sent_[body] = {id, true, trade};
        return body;
    }
    std::string notification(const std::string& out_trade_no) {
        return notification(trade(out_trade_no));
    }
    std::string refund_notification(const ProviderTrade& trade) {
        const std::string body = notification(trade);
        sent_[body].is_payment = false;
        return body;
    }
    // A notification that a refund has changed.
    std::string notification_of_refund(const std::string& out_refund_no) {
        const ProviderRefund told = refund_as_known(out_refund_no);
        const std::string body = notification(trade(told.out_trade_no));
        sent_[body].is_payment = false;
        sent_[body].refund = told;
        return body;
    }
    ProviderRefund refund_as_known(const std::string& out_refund_no) const {
        ProviderRefund told;
        told.out_refund_no = out_refund_no;
        told.state = ProviderRefund::State::not_exist;
        const auto known = refunds.find(out_refund_no);
        if (known == refunds.end()) return told;
        told.state = known->second.state;
        told.refund_id = name_ + "-r-" + out_refund_no;
        told.out_trade_no = known->second.asked.out_trade_no;
        told.transaction_id = orders.at(told.out_trade_no).transaction;
        told.amount = known->second.asked.amount;
        return told;
    }
    // Somebody refunds in the provider's console.
    void refund_by_hand(
        const std::string& out_trade_no, const std::string& out_refund_no, Money amount
    ) {
        KnownRefund& refund = refunds[out_refund_no];
        refund.asked.out_refund_no = out_refund_no;
        refund.asked.out_trade_no = out_trade_no;
        refund.asked.amount = amount;
        refund.state = ProviderRefund::State::succeeded;
    }
    // Money that went back of a trade.
    Money refunded(const std::string& out_trade_no) const {
        Money sum;
        for (const auto& [number, refund] : refunds) {
            if (refund.asked.out_trade_no != out_trade_no) continue;
            if (refund.state == ProviderRefund::State::succeeded) sum += refund.asked.amount;
        }
        return sum;
    }

    static Headers signed_headers() { return {{"Wechatpay-Signature", "good"}}; }

    std::string_view name() const override { return name_; }
    std::string_view merchant() const override { return "1900000001"; }
    std::string_view seller() const override { return "wx0123456789"; }

    Task<Outcome<std::string>> create(const ProviderOrder& order) override {
        if (pays_in_page) {
            Outcome<std::string> no_code;
            no_code.value = "";
            co_return no_code;
        }
        const Fault now = begin("create");
        if (on_create) on_create();
        if (now == Fault::lost) co_return silence<std::string>();
        if (now == Fault::refused) co_return refusal<std::string>("PARAM_ERROR");
        Order& known = orders[order.out_trade_no];
        if (known.creates == 0) known.asked = order;
        ++known.creates;
        if (!same(known.asked, order)) co_return refusal<std::string>("INVALID_REQUEST");
        if (known.state == ProviderTrade::State::paid) co_return refusal<std::string>("ORDERPAID");
        if (known.state == ProviderTrade::State::closed) {
            co_return refusal<std::string>("ORDER_CLOSED");
        }
        end(now);
        if (now == Fault::no_answer) co_return silence<std::string>();
        Outcome<std::string> outcome;
        outcome.value = "fake://pay/" + order.out_trade_no + "/" + std::to_string(known.creates);
        co_return outcome;
    }

    std::optional<PayForm> pay_form(const ProviderOrder& order, Time now) const override {
        if (!pays_in_page || order.expires_at - now < Milliseconds{60'000}) return std::nullopt;
        PayForm form;
        form.action = "https://pay.test/gateway.do?charset=utf-8&sign=a%2Bb";
        form.fields = {
            {"biz_content",
             "{\"out_trade_no\":\"" + order.out_trade_no + "\",\"subject\":\"" + order.description +
                 "\"}"}};
        form.address = form.action + "&biz_content=" + order.out_trade_no;
        return form;
    }
    // The buyer submits the page, logs in and pays. False when the trade is closed or paid there.
    bool pay_in_page(const ProviderOrder& order) {
        Order& known = orders[order.out_trade_no];
        known.asked = order;
        return pay(order.out_trade_no);
    }

    Task<Outcome<ProviderRefund>> refund(const ProviderRefundOrder& order) override {
        const Fault now = begin("refund");
        if (now == Fault::lost) co_return silence<ProviderRefund>();
        if (now == Fault::refused) co_return refusal<ProviderRefund>("USER_ACCOUNT_ABNORMAL");
        const auto known = refunds.find(order.out_refund_no);
        if (known == refunds.end()) {
            if (!can_refund(order)) co_return refusal<ProviderRefund>("INVALID_REQUEST");
            refunds[order.out_refund_no] = {order, refunds_begin_as, 0};
        } else if (known->second.asked.amount != order.amount) {
            co_return refusal<ProviderRefund>("INVALID_REQUEST");
        }
        ++refunds[order.out_refund_no].asked_times;
        end(now);
        if (now == Fault::no_answer) co_return silence<ProviderRefund>();
        Outcome<ProviderRefund> outcome;
        outcome.value = refund_as_known(order.out_refund_no);
        co_return outcome;
    }
    Task<Outcome<ProviderRefund>> query_refund(const ProviderRefundOrder& order) override {
        const Fault now = begin("query_refund");
        end(now);
        if (now != Fault::none) co_return silence<ProviderRefund>();
        Outcome<ProviderRefund> outcome;
        outcome.value = refund_as_known(order.out_refund_no);
        co_return outcome;
    }
    Milliseconds refund_distance() const override { return distance; }
    int refunds_max() const override { return most_refunds; }

    Task<Outcome<ProviderTrade>> query(const std::string& out_trade_no) override {
        const Fault now = begin("query");
        end(now);
        if (now != Fault::none) co_return silence<ProviderTrade>();
        Outcome<ProviderTrade> outcome;
        outcome.value = trade(out_trade_no);
        co_return outcome;
    }

    Task<Outcome<bool>> close(const std::string& out_trade_no) override {
        const Fault now = begin("close");
        if (now == Fault::lost) co_return silence<bool>();
        const auto order = orders.find(out_trade_no);
        if (order == orders.end() || now == Fault::refused) {
            co_return refusal<bool>("ORDER_NOT_EXIST");
        }
        Outcome<bool> outcome;
        outcome.value = order->second.state != ProviderTrade::State::paid;
        if (*outcome.value) order->second.state = ProviderTrade::State::closed;
        end(now);
        if (now == Fault::no_answer) co_return silence<bool>();
        co_return outcome;
    }

    std::optional<ProviderNotification> verify_notification(
        const Headers& headers, std::string_view body, Time, std::string& reason
    ) const override {
        const auto sent = sent_.find(std::string{body});
        const bool is_signed =
            std::ranges::find(headers, signed_headers().front()) != headers.end();
        if (is_signed && sent != sent_.end()) return sent->second;
        reason = "bad signature";
        return std::nullopt;
    }
    NotificationReply reply_accepted() const override { return {204, "", ""}; }
    NotificationReply reply_refused() const override { return {401, "text/plain", "FAIL"}; }
    NotificationReply reply_try_again() const override { return {503, "text/plain", "FAIL"}; }

private:
    // Paid, and not more than what was paid; a failed refund takes nothing.
    bool can_refund(const ProviderRefundOrder& order) const {
        const auto trade = orders.find(order.out_trade_no);
        if (trade == orders.end() || trade->second.transaction != order.transaction_id)
            return false;
        Money sum = order.amount;
        for (const auto& [number, refund] : refunds) {
            const bool counts = refund.asked.out_trade_no == order.out_trade_no &&
                                refund.state != ProviderRefund::State::failed;
            if (counts) sum += refund.asked.amount;
        }
        return order.paid == trade->second.asked.amount && sum <= order.paid;
    }
    static bool same(const ProviderOrder& a, const ProviderOrder& b) {
        return a.amount == b.amount && a.description == b.description &&
               a.expires_at == b.expires_at;
    }
    template <class T>
    static Outcome<T> silence() {
        Outcome<T> outcome;
        outcome.refused = {"TIMEOUT", "", false};
        return outcome;
    }
    template <class T>
    static Outcome<T> refusal(std::string code) {
        Outcome<T> outcome;
        outcome.refused = {std::move(code), "", true};
        return outcome;
    }
    Fault begin(std::string_view call) {
        ++calls[std::string{call}];
        const Fault now = fault(call);
        if (now == Fault::crash) throw Crash{};
        return now;
    }
    static void end(Fault now) {
        if (now == Fault::crash_late) throw Crash{};
    }
    void settle(Order& order) {
        order.state = ProviderTrade::State::paid;
        order.transaction = name_ + "-t" + std::to_string(++transactions_);
        order.paid_at = clock_.now();
    }

    const Clock& clock_;
    std::string name_;
    std::map<std::string, ProviderNotification> sent_;
    int notified_ = 0;
    int transactions_ = 0;
};

}  // namespace doorbuster::test
