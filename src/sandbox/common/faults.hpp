#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doorbuster::sandbox {

// How the simulator misbehaves, asked at named points. Each point strikes with its own probability,
// or a number of times for one order; the same seed and the same order of questions give the same
// faults. Thread-safe.
class Faults {
public:
    enum class Point {
        // What becomes of an event that the merchant is to be told.
        drop_notification,       // never told
        delay_notification,      // its first delivery comes late
        duplicate_notification,  // delivered twice, at the same moment
        reorder_notification,    // held back until the next event of the trade has been sent
        // One delivery that is not as it should be.
        bad_signature,    // does not verify
        wrong_key,        // signed with the merchant's own key
        stale_timestamp,  // too old to be believed (WeChat Pay)
        unknown_serial,   // of a key that nobody knows
        signature_probe,  // WECHATPAY/SIGNTEST/ (WeChat Pay)
        wrong_amount,     // tells one fen more
        wrong_owner,      // of another merchant or seller
        extra_fields,     // has members that no documentation knows: harmless
        truncated_body,   // cut, and signed as cut
        not_json,         // something else altogether, signed
        // A call of the merchant.
        server_error,    // answered 500 without effect
        rate_limited,    // told to slow down, without effect
        reset_before,    // the connection is closed without effect
        reset_after,     // it takes effect, then the connection is closed
        error_after,     // it takes effect and is answered as a failure of the system
        unsigned_error,  // no effect; an error without a signature says that there is no such order
        slow_answer,     // takes effect; answered later than any client waits
        // One answer that is not as it should be; the same as of deliveries.
        answer_bad_signature,
        answer_wrong_key,
        answer_stale_timestamp,
        answer_unknown_serial,
        answer_signature_probe,
        answer_wrong_amount,
        answer_wrong_owner,
        answer_extra_fields,
        answer_truncated,
        answer_not_json,
        // What buyers and time do.
        pay_before_answer,  // paid, and told, before the call that creates it is answered
        pay_at_deadline,    // the payment happened at the last moment allowed
        pay_after_close,    // closed or expired orders can be paid
        close_under_buyer,  // closed by the provider when the buyer is about to pay
        notify_close,       // Alipay tells TRADE_CLOSED of an unpaid trade
        // Refunds.
        refund_refused,   // the merchant's balance does not suffice
        refund_closed,    // WeChat Pay: accepted, then it fails
        refund_abnormal,  // WeChat Pay: accepted, then a person is needed
        refund_unmoved,   // Alipay: fund_change=N, the money moves later
        // Bills.
        bill_missing_row,
        bill_wrong_hash,  // Alipay, whose bills have none: totals that disagree with the rows
        bill_not_ready,
        // Keys: before a delivery or an answer the provider changes to a new one.
        rotate_key,
    };
    static constexpr std::size_t kPoints = static_cast<std::size_t>(Point::rotate_key) + 1;
    static constexpr std::size_t kOrdersMax = 10'000;  // with faults of their own at a time

    Faults() = default;  // an honest gateway
    explicit Faults(std::uint64_t seed) : engine_{seed} {}

    // From 0 (never) to 1 (always). May be changed while the simulator runs.
    void set(Point point, double probability);
    // Strikes at the next `times` questions about this order. False: kOrdersMax orders have some.
    bool set_for(const std::string& order, Point point, std::uint32_t times);
    // Begins the sequence again; rates stay.
    void seed(std::uint64_t seed);
    // Back to an honest gateway.
    void clear();

    // `order` is the out_trade_no at stake, or what stands for it where there is none.
    bool strikes(Point point, std::string_view order = {});

    // The rates that are not zero.
    std::vector<std::pair<Point, double>> rates();

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
    std::array<double, kPoints> rates_{};
    std::map<std::pair<std::string, Point>, std::uint32_t, std::less<>> of_orders_;
};

std::string_view name_of(Faults::Point point);
std::optional<Faults::Point> fault_named(std::string_view name);

// Which of the faults of one message strike it.
struct Spoiling {
    bool bad_signature = false;
    bool wrong_key = false;
    bool stale_timestamp = false;
    bool unknown_serial = false;
    bool signature_probe = false;
    bool wrong_amount = false;
    bool wrong_owner = false;
    bool extra_fields = false;
    bool truncated = false;
    bool not_json = false;
};
Spoiling spoiling_of_delivery(Faults& faults, std::string_view order);
Spoiling spoiling_of_answer(Faults& faults, std::string_view order);

}  // namespace doorbuster::sandbox
