#include "rehearsal/plan.hpp"

namespace doorbuster::rehearsal {

Arrivals::Arrivals(double per_second, std::uint64_t seed) : random_{seed}, gap_{per_second} {}

std::chrono::nanoseconds Arrivals::next() {
    seconds_ += gap_(random_);
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds_ * 1e9)};
}

Nature nature_of(const Plan& plan, std::uint64_t buyer) {
    std::mt19937_64 random{plan.seed * 0x9e3779b97f4a7c15u + buyer};
    std::uniform_real_distribution<double> percent{0, 100};
    const Shares& shares = plan.shares;
    Nature nature;
    const double role = percent(random);
    if (role < shares.walk_off) {
        nature.role = Role::walker;
    } else if (role < shares.walk_off + shares.pay) {
        nature.role = Role::payer;
    } else if (role < shares.walk_off + shares.pay + shares.cancel) {
        nature.role = Role::canceller;
    } else {
        nature.role = Role::idler;
    }
    nature.asks_again = percent(random) < shares.ask_again;
    nature.hopes = percent(random) < shares.hope;
    return nature;
}

}  // namespace doorbuster::rehearsal
