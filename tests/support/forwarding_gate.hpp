#pragma once

#include "ports/stock_gate.hpp"

namespace doorbuster::test {

// Leaves everything to the gate behind it; a test's own gate does some of it otherwise.
class ForwardingGate : public StockGate {
public:
    explicit ForwardingGate(StockGate& gate) : gate_{gate} {}

    void load(PromotionItemId item, const Limits& limits, const StockView& view, const Holders& all)
        override {
        gate_.load(item, limits, view, all);
    }
    void forget(PromotionItemId item) override { gate_.forget(item); }
    void apply(PromotionItemId item, const StockView& view) override { gate_.apply(item, view); }
    void begin_commit(PromotionItemId item, const Commit& commit) override {
        gate_.begin_commit(item, commit);
    }
    void end_commit(PromotionItemId item, bool committed) override {
        gate_.end_commit(item, committed);
    }
    std::optional<StockView> view(PromotionItemId item) const override { return gate_.view(item); }
    bool sold_out(PromotionItemId item) const override { return gate_.sold_out(item); }
    Task<Entry> open_door(
        PromotionItemId item, UserId user, std::uint64_t nonce, Milliseconds time_to_live
    ) override {
        return gate_.open_door(item, user, nonce, time_to_live);
    }
    void leave_door(PromotionItemId item, UserId user) override { gate_.leave_door(item, user); }
    Task<Entry> take(PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units)
        override {
        return gate_.take(item, user, nonce, units);
    }
    Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) override {
        return gate_.take_offered(item, user, units);
    }
    void settle(const Order& order, Outcome outcome) override { gate_.settle(order, outcome); }
    void give_back(PromotionItemId item, UserId user, std::int64_t units) override {
        gate_.give_back(item, user, units);
    }
    void sweep() override { gate_.sweep(); }
    Counts counts(PromotionItemId item) const override { return gate_.counts(item); }

protected:
    StockGate& gate_;
};

}  // namespace doorbuster::test
