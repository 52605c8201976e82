#include "flash_sale/waitlist/chance.hpp"

#include <algorithm>
#include <cmath>

namespace doorbuster::flash_sale {
namespace {

// From this variance on the normal curve is closer than a hundredth to the binomial one.
constexpr double kNormalVariance = 25;

// At most `most` of `units`, each with `share` (at most a half): the sum of the first terms. Their
// variance is small, so few terms matter.
double lower_tail(std::int64_t units, double share, std::int64_t most) {
    const double count = static_cast<double>(units);
    double term = std::exp(count * std::log1p(-share));
    double sum = 0;
    for (std::int64_t k = 0; k <= most; ++k) {
        sum += term;
        const double rank = static_cast<double>(k);
        if (rank > count * share && term < 1e-9) break;
        term *= (count - rank) / (rank + 1) * share / (1 - share);
    }
    return std::min(sum, 1.0);
}

// At least `needed` of `units` come back, each with `share`.
double upper_tail(std::int64_t units, double share, std::int64_t needed) {
    const double mean = static_cast<double>(units) * share;
    const double variance = mean * (1 - share);
    if (variance > kNormalVariance) {
        const double distance = static_cast<double>(needed) - 0.5 - mean;
        return 0.5 * std::erfc(distance / std::sqrt(2 * variance));
    }
    // Either the units that come back are few, or those that stay away are.
    if (share > 0.5) return lower_tail(units, 1 - share, units - needed);
    return 1 - lower_tail(units, share, needed - 1);
}

}  // namespace

std::string_view Chance::words() const {
    if (percent == 0) return "none";
    if (percent < 10) return "slim";
    if (percent < 40) return "low";
    return percent < 75 ? "fair" : "good";
}

Chance chance_of(const Outlook& outlook) {
    const std::int64_t samples = outlook.given_back + outlook.paid;
    Chance chance;
    chance.measured = samples >= Chance::kSamplesMin;
    const double share =
        chance.measured ? static_cast<double>(outlook.given_back) / static_cast<double>(samples)
                        : Chance::kPriorPercent / 100.0;
    chance.share_percent = static_cast<int>(std::lround(share * 100));
    const std::int64_t needed = outlook.ahead + 1;
    if (outlook.may_come_back < needed) return chance;
    const double likely = upper_tail(outlook.may_come_back, share, needed);
    chance.percent = std::clamp(static_cast<int>(std::lround(likely * 100)), 1, 99);
    return chance;
}

}  // namespace doorbuster::flash_sale
