#include "events/pace.hpp"

#include <algorithm>
#include <cmath>

namespace doorbuster::events {
namespace {

// A rate over less would judge by single commits.
constexpr std::chrono::milliseconds kSightsApart{50};

}  // namespace

void Pace::see(SteadyTime at, std::int64_t newest_id) {
    if (!last_) {
        last_ = Sight{at, newest_id};
        return;
    }
    if (at - last_->at < kSightsApart) return;
    const std::chrono::duration<double> seconds = at - last_->at;
    const auto left_behind = static_cast<double>(newest_id - last_->newest_id);
    busy_ = left_behind / seconds.count() > options_.busy_per_second;
    last_ = Sight{at, newest_id};
}

Milliseconds Pace::rest_after(Milliseconds took, Milliseconds age) const {
    if (!busy_) return Milliseconds{0};
    const double lag =
        static_cast<double>(age.count()) / static_cast<double>(options_.lag_max.count());
    const double share = options_.share + (1 - options_.share) * std::clamp(lag, 0.0, 1.0);
    const double rest = static_cast<double>(took.count()) * (1 / share - 1);
    return std::min(options_.rest_max, Milliseconds{std::llround(rest)});
}

}  // namespace doorbuster::events
