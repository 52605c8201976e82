#include "simulation/slow_gate.hpp"

namespace doorbuster::simulation {

Task<void> SlowGate::way() {
    if (way_max_ == Microseconds{0} || dead_) co_return;
    const auto signal = std::make_shared<Signal>(scheduler_.loop());
    const auto place = on_the_way_.insert(on_the_way_.end(), signal);
    scheduler_.after(Microseconds{dice_.between(0, way_max_.count())}, [signal] {
        signal->fire();
    });
    co_await signal->wait();
    on_the_way_.erase(place);
}

void SlowGate::die() {
    dead_ = true;
    for (const auto& signal : on_the_way_) signal->fire();
}

Task<Entry> SlowGate::take(
    PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units
) {
    co_await way();
    const Entry entry = co_await gate_.take(item, user, nonce, units);
    co_await way();
    co_return entry;
}

Task<Entry> SlowGate::take_offered(PromotionItemId item, UserId user, std::int64_t units) {
    co_await way();
    const Entry entry = co_await gate_.take_offered(item, user, units);
    co_await way();
    co_return entry;
}

}  // namespace doorbuster::simulation
