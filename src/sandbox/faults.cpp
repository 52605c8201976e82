#include "sandbox/faults.hpp"

namespace doorbuster::sandbox {

void Faults::set(Point point, double probability) {
    const std::lock_guard lock{mutex_};
    rates_.at(static_cast<std::size_t>(point)) = probability;
}

bool Faults::strikes(Point point) {
    const std::lock_guard lock{mutex_};
    const double rate = rates_.at(static_cast<std::size_t>(point));
    if (rate <= 0) return false;  // a point that is off takes nothing from the sequence
    return std::generate_canonical<double, 53>(engine_) < rate;
}

}  // namespace doorbuster::sandbox
