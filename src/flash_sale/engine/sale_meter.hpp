#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::flash_sale {

// Counts how the requests for each promotion item end and how long they take, over the last ten
// whole seconds, for the live view. Seconds are those of the steady clock. Thread-safe, and cheap
// enough for every refusal: a record waits for few other threads and allocates only for an item
// that is new.
class SaleMeter {
public:
    static constexpr std::int64_t kWindowSeconds = 10;
    // Items beyond that are not measured until one of these has been quiet for the whole window.
    static constexpr std::size_t kItemsMax = 500;

    // How a request may end: "placed" and "replayed" orders, "captcha" and "token" given out,
    // "joined" the waitlist, else the name of the refusal's ErrorKind. Words that are not in
    // kOutcomes count as "other".
    static constexpr std::array<std::string_view, 31> kOutcomes = {
        "sold_out",
        "placed",
        "replayed",
        "token",
        "captcha",
        "joined",
        "limit_reached",
        "not_open",
        "sale_ended",
        "sale_paused",
        "sales_stopped",
        "door_full",
        "token_invalid",
        "token_expired",
        "token_used",
        "captcha_wrong",
        "captcha_gone",
        "sale_busy",
        "rate_limited",
        "quantity_above_limit",
        "waitlist_full",
        "not_sold_out",
        "no_offer",
        "not_on_waitlist",
        "unauthenticated",
        "unavailable",
        "sku_off_sale",
        "address_not_found",
        "validation_failed",
        "idempotency_key_reused",
        "other"};

    // With a registry, the totals of all items are told to Prometheus too, by outcome.
    explicit SaleMeter(const Clock& clock, metrics::Registry* registry = nullptr);

    // Only for items that exist: a client's word must not make entries here.
    void record(PromotionItemId item, std::string_view outcome, std::chrono::nanoseconds duration);

    // Half and ninety-nine of a hundred requests took at most that long. Nothing: there were none.
    struct Latency {
        std::optional<std::chrono::microseconds> p50;
        std::optional<std::chrono::microseconds> p99;
    };
    struct Rates {
        struct Outcome {
            std::string_view word;
            double per_second = 0;
        };
        std::vector<Outcome> outcomes;  // those there were, in the order of kOutcomes
        double per_second = 0;          // of all
        Latency all;
        Latency placed;  // of the orders alone, which refusals outnumber
    };
    Rates rates(PromotionItemId item) const;

private:
    // The upper bounds of a quarter more each, from 50 microseconds to more than half a minute.
    static constexpr std::size_t kBuckets = 62;
    using Histogram = std::array<std::uint32_t, kBuckets>;
    struct Second {
        std::int64_t number = -1;
        std::array<std::uint32_t, kOutcomes.size()> outcomes{};
        Histogram all{};
        Histogram placed{};
    };
    struct Shard {
        std::mutex mutex;
        std::array<Second, kWindowSeconds + 1> seconds;
    };
    static constexpr std::size_t kShards = 4;
    using Meter = std::array<Shard, kShards>;

    struct Sample {
        std::int64_t second = 0;
        std::size_t outcome = 0;
        std::size_t bucket = 0;
    };

    static std::size_t outcome_index(std::string_view word);
    static std::size_t bucket_of(std::chrono::nanoseconds duration);
    static Latency latency_of(const Histogram& histogram);
    static bool is_quiet(Meter& meter, std::int64_t second);
    static void add_to(Second& sum, const Second& more);

    std::int64_t second() const;
    static void add(Meter& meter, const Sample& sample);
    bool add_to_known(PromotionItemId item, const Sample& sample) const;
    void make_room(std::int64_t second);

    const Clock& clock_;
    std::array<metrics::Counter*, kOutcomes.size()> totals_{};
    mutable std::shared_mutex mutex_;  // of the map; what is in it has locks of its own
    std::unordered_map<PromotionItemId, std::unique_ptr<Meter>> meters_;
};

}  // namespace doorbuster::flash_sale
