#include "sandbox/control_settings.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <utility>
#include <vector>

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr std::int64_t kMillisecondsMax = 24LL * 3'600'000;
constexpr double kScaleMax = 100;
constexpr std::size_t kOrderFaultsMax = 1000;
constexpr std::int64_t kTimesMax = 1'000'000;
constexpr std::size_t kNumberMax = 64;

Error wrong(std::string field, std::string reason) {
    return Error{kValidationFailed, std::move(field), std::move(reason)};
}

// What a request asks for, read before anything is changed.
struct Wanted {
    SandboxOptions options;
    std::optional<std::uint64_t> seed;
    bool clear = false;
    std::vector<std::pair<Point, double>> rates;
    struct OfOrder {
        std::string number;
        Point point;
        std::uint32_t times;
    };
    std::vector<OfOrder> of_orders;
};

Result<double> number_in(const json::value& value, const std::string& name, double max) {
    if (!value.is_number()) return wrong(name, "must be a number");
    const double number = value.to_number<double>();
    if (!(number >= 0) || number > max) return wrong(name, "is out of range");
    return number;
}

Result<void> read_rates(Wanted& wanted, const json::value& value) {
    if (!value.is_object()) return wrong("faults", "must be an object of rates");
    for (const auto& member : value.get_object()) {
        const std::string name = std::string{"faults."} + std::string{member.key()};
        const auto point = fault_named({member.key().data(), member.key().size()});
        if (!point) return wrong(name, "is no fault");
        const auto rate = number_in(member.value(), name, 1);
        if (rate.has_error()) return rate.error();
        wanted.rates.emplace_back(*point, *rate);
    }
    return {};
}

std::string text_in(const json::object& object, const char* name) {
    const json::value* value = object.if_contains(name);
    return value && value->is_string() ? std::string{value->get_string().c_str()} : std::string{};
}

Result<void> read_order_faults(Wanted& wanted, const json::value& value) {
    if (!value.is_array() || value.get_array().size() > kOrderFaultsMax) {
        return wrong("order_faults", "must be a list of at most 1000");
    }
    for (const json::value& one : value.get_array()) {
        if (!one.is_object()) return wrong("order_faults", "must be a list of objects");
        const json::object& object = one.get_object();
        const std::string number = text_in(object, "out_trade_no");
        const auto point = fault_named(text_in(object, "fault"));
        const json::value* times = object.if_contains("times");
        const bool counted = !times || (times->is_int64() && times->get_int64() >= 0 &&
                                        times->get_int64() <= kTimesMax);
        if (number.empty() || number.size() > kNumberMax) {
            return wrong("order_faults.out_trade_no", "must have 1 to 64 characters");
        }
        if (!point) return wrong("order_faults.fault", "is no fault");
        if (!counted) return wrong("order_faults.times", "must be from 0 to 1000000");
        const auto count = static_cast<std::uint32_t>(times ? times->get_int64() : 1);
        wanted.of_orders.push_back({number, *point, count});
    }
    return {};
}

Result<void> read_milliseconds(
    Milliseconds& target, const json::value& value, const std::string& name
) {
    const auto number = number_in(value, name, static_cast<double>(kMillisecondsMax));
    if (number.has_error()) return number.error();
    target = Milliseconds{static_cast<std::int64_t>(*number)};
    return {};
}

Result<void> read_flag(bool& target, const json::value& value, const std::string& name) {
    if (!value.is_bool()) return wrong(name, "must be true or false");
    target = value.get_bool();
    return {};
}

Result<void> read_seed(Wanted& wanted, const json::value& value) {
    if (!value.is_int64() || value.get_int64() < 0) return wrong("seed", "must be an integer");
    wanted.seed = static_cast<std::uint64_t>(value.get_int64());
    return {};
}

Result<void> read_scale(SandboxOptions& options, const json::value& value) {
    const auto scale = number_in(value, "time_scale", kScaleMax);
    if (scale.has_error()) return scale.error();
    options.time_scale = *scale;
    return {};
}

Result<void> read_member(Wanted& wanted, const std::string& name, const json::value& value) {
    SandboxOptions& options = wanted.options;
    if (name == "seed") return read_seed(wanted, value);
    if (name == "clear_faults") return read_flag(wanted.clear, value, name);
    if (name == "faults") return read_rates(wanted, value);
    if (name == "order_faults") return read_order_faults(wanted, value);
    if (name == "time_scale") return read_scale(options, value);
    if (name == "slow_answer_ms") return read_milliseconds(options.slow_answer, value, name);
    if (name == "notification_delay_ms") {
        return read_milliseconds(options.notification_delay, value, name);
    }
    if (name == "refund_ms") return read_milliseconds(options.refund_time, value, name);
    if (name == "platform_certificates") {
        return read_flag(options.platform_certificates, value, name);
    }
    if (name == "bills_at_once") return read_flag(options.bills_at_once, value, name);
    return wrong(name, "is not known");
}

}  // namespace

Result<void> apply_settings(Sandbox& sandbox, std::string_view body) {
    json::error_code failed;
    const json::value value = json::parse({body.data(), body.size()}, failed);
    if (failed || !value.is_object()) return kInvalidRequest;
    Wanted wanted;
    wanted.options = sandbox.options().get();
    for (const auto& member : value.get_object()) {
        const auto read = read_member(wanted, std::string{member.key()}, member.value());
        if (read.has_error()) return read;
    }
    Faults& faults = sandbox.ground().faults;
    if (wanted.clear) faults.clear();
    if (wanted.seed) faults.seed(*wanted.seed);
    for (const auto& [point, rate] : wanted.rates) faults.set(point, rate);
    for (const auto& [number, point, times] : wanted.of_orders) {
        if (!faults.set_for(number, point, times)) {
            return wrong("order_faults", "too many orders have faults of their own");
        }
    }
    sandbox.options().set(wanted.options);
    return {};
}

Result<void> apply_fault_word(Faults& faults, std::string_view word) {
    const auto equals = word.find('=');
    const auto point = fault_named(word.substr(0, equals));
    if (!point) return wrong(std::string{word.substr(0, equals)}, "is no fault");
    double rate = 1;
    if (equals != std::string_view::npos) {
        const auto text = word.substr(equals + 1);
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, rate);
        if (error != std::errc{} || stop != end || !(rate >= 0) || rate > 1) {
            return wrong(std::string{word}, "must have a rate from 0 to 1");
        }
    }
    faults.set(*point, rate);
    return {};
}

}  // namespace doorbuster::sandbox
