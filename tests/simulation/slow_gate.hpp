#pragma once

#include <list>
#include <memory>

#include "ports/stock_gate.hpp"
#include "simulation/scheduler.hpp"

namespace doorbuster::simulation {

// A gate whose answers to orders take a while on both ways, as those of one in another process or
// on another thread: other requests come in between. The rest is as quick as the gate behind it.
class SlowGate final : public StockGate {
public:
    SlowGate(StockGate& gate, Scheduler& scheduler, Dice& dice, Microseconds way_max)
        : gate_{gate}, scheduler_{scheduler}, dice_{dice}, way_max_{way_max} {}

    // Nobody waits any more: the process has died.
    void die();

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
        override;
    Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) override;
    void settle(const Order& order, Outcome outcome) override { gate_.settle(order, outcome); }
    void give_back(PromotionItemId item, UserId user, std::int64_t units) override {
        gate_.give_back(item, user, units);
    }
    void sweep() override { gate_.sweep(); }
    Counts counts(PromotionItemId item) const override { return gate_.counts(item); }

private:
    Task<void> way();

    StockGate& gate_;
    Scheduler& scheduler_;
    Dice& dice_;
    const Microseconds way_max_;
    bool dead_ = false;
    std::list<std::shared_ptr<Signal>> on_the_way_;
};

}  // namespace doorbuster::simulation
