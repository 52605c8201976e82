#pragma once

#include <list>
#include <memory>

#include "simulation/scheduler.hpp"
#include "support/forwarding_gate.hpp"

namespace doorbuster::simulation {

// A gate whose answers to orders take a while on both ways, as those of one in another process or
// on another thread: other requests come in between. The rest is as quick as the gate behind it.
class SlowGate final : public test::ForwardingGate {
public:
    SlowGate(StockGate& gate, Scheduler& scheduler, Dice& dice, Microseconds way_max)
        : ForwardingGate{gate}, scheduler_{scheduler}, dice_{dice}, way_max_{way_max} {}

    // Nobody waits any more: the process has died.
    void die();

    Task<Entry> take(PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units)
        override;
    Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) override;

private:
    Task<void> way();

    Scheduler& scheduler_;
    Dice& dice_;
    const Microseconds way_max_;
    bool dead_ = false;
    std::list<std::shared_ptr<Signal>> on_the_way_;
};

}  // namespace doorbuster::simulation
