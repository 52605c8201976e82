#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "ports/payment_provider.hpp"

namespace doorbuster::test {

// A payment provider in memory that keeps its own books, as a real one does, and misbehaves on
// request. Used from one event loop.
class FakeProvider final : public PaymentProvider {
public:
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

    explicit FakeProvider(std::string name, const Clock& clock)
        : clock_{clock}, name_{std::move(name)} {}

    // Asked before every call with "create", "query" or "close".
    std::function<Fault(std::string_view)> fault = [](std::string_view) { return Fault::none; };
    std::function<void()> on_create;
    std::map<std::string, Order> orders;
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
    static Headers signed_headers() { return {{"Wechatpay-Signature", "good"}}; }

    std::string_view name() const override { return name_; }
    std::string_view merchant() const override { return "1900000001"; }
    std::string_view seller() const override { return "wx0123456789"; }

    Task<Outcome<std::string>> create(const ProviderOrder& order) override {
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
