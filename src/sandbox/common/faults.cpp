#include "sandbox/common/faults.hpp"

#include <algorithm>

#include "sandbox/common/call_faults.hpp"

namespace doorbuster::sandbox {

namespace {

using Point = Faults::Point;

// In the order of the enumeration.
constexpr std::array<std::string_view, Faults::kPoints> kNames{
    "drop_notification",
    "delay_notification",
    "duplicate_notification",
    "reorder_notification",
    "bad_signature",
    "wrong_key",
    "stale_timestamp",
    "unknown_serial",
    "signature_probe",
    "wrong_amount",
    "wrong_owner",
    "extra_fields",
    "truncated_body",
    "not_json",
    "server_error",
    "rate_limited",
    "reset_before",
    "reset_after",
    "error_after",
    "unsigned_error",
    "slow_answer",
    "answer_bad_signature",
    "answer_wrong_key",
    "answer_stale_timestamp",
    "answer_unknown_serial",
    "answer_signature_probe",
    "answer_wrong_amount",
    "answer_wrong_owner",
    "answer_extra_fields",
    "answer_truncated",
    "answer_not_json",
    "pay_before_answer",
    "pay_at_deadline",
    "pay_after_close",
    "close_under_buyer",
    "notify_close",
    "refund_refused",
    "refund_closed",
    "refund_abnormal",
    "refund_unmoved",
    "bill_missing_row",
    "bill_wrong_hash",
    "bill_not_ready",
    "rotate_key"};

}  // namespace

void Faults::set(Point point, double probability) {
    const std::lock_guard lock{mutex_};
    rates_.at(static_cast<std::size_t>(point)) = probability;
}

bool Faults::set_for(const std::string& order, Point point, std::uint32_t times) {
    const std::lock_guard lock{mutex_};
    const std::pair key{order, point};
    if (times == 0) return of_orders_.erase(key), true;
    if (of_orders_.size() >= kOrdersMax && !of_orders_.contains(key)) return false;
    of_orders_[key] = times;
    return true;
}

void Faults::seed(std::uint64_t seed) {
    const std::lock_guard lock{mutex_};
    engine_.seed(seed);
}

void Faults::clear() {
    const std::lock_guard lock{mutex_};
    rates_.fill(0);
    of_orders_.clear();
}

bool Faults::strikes(Point point, std::string_view order) {
    const std::lock_guard lock{mutex_};
    if (!of_orders_.empty() && !order.empty()) {
        const auto rule = of_orders_.find(std::pair{std::string{order}, point});
        if (rule != of_orders_.end()) {
            if (--rule->second == 0) of_orders_.erase(rule);
            return true;
        }
    }
    if (order == kBillFile || order == kCertificates) return false;  // by name only
    const double rate = rates_.at(static_cast<std::size_t>(point));
    if (rate <= 0) return false;  // a point that is off takes nothing from the sequence
    return std::generate_canonical<double, 53>(engine_) < rate;
}

std::vector<std::pair<Point, double>> Faults::rates() {
    const std::lock_guard lock{mutex_};
    std::vector<std::pair<Point, double>> set;
    for (std::size_t i = 0; i < kPoints; ++i) {
        if (rates_[i] > 0) set.emplace_back(static_cast<Point>(i), rates_[i]);
    }
    return set;
}

std::string_view name_of(Point point) { return kNames.at(static_cast<std::size_t>(point)); }

std::optional<Point> fault_named(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<Point>(found - kNames.begin());
}

Spoiling spoiling_of_delivery(Faults& faults, std::string_view order) {
    const auto strikes = [&](Point point) { return faults.strikes(point, order); };
    return {
        .bad_signature = strikes(Point::bad_signature),
        .wrong_key = strikes(Point::wrong_key),
        .stale_timestamp = strikes(Point::stale_timestamp),
        .unknown_serial = strikes(Point::unknown_serial),
        .signature_probe = strikes(Point::signature_probe),
        .wrong_amount = strikes(Point::wrong_amount),
        .wrong_owner = strikes(Point::wrong_owner),
        .extra_fields = strikes(Point::extra_fields),
        .truncated = strikes(Point::truncated_body),
        .not_json = strikes(Point::not_json)};
}

Spoiling spoiling_of_answer(Faults& faults, std::string_view order) {
    const auto strikes = [&](Point point) { return faults.strikes(point, order); };
    return {
        .bad_signature = strikes(Point::answer_bad_signature),
        .wrong_key = strikes(Point::answer_wrong_key),
        .stale_timestamp = strikes(Point::answer_stale_timestamp),
        .unknown_serial = strikes(Point::answer_unknown_serial),
        .signature_probe = strikes(Point::answer_signature_probe),
        .wrong_amount = strikes(Point::answer_wrong_amount),
        .wrong_owner = strikes(Point::answer_wrong_owner),
        .extra_fields = strikes(Point::answer_extra_fields),
        .truncated = strikes(Point::answer_truncated),
        .not_json = strikes(Point::answer_not_json)};
}

}  // namespace doorbuster::sandbox
