#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/latencies.hpp"
#include "rehearsal/plan.hpp"

namespace doorbuster::rehearsal {

enum class Step { captcha, token, order, repeat, payment, scan, cancel, bot };
inline constexpr std::size_t kSteps = 8;
std::string_view to_string(Step step);

// Counts what happened: for each step how its requests ended, which is told by "placed", "replayed"
// or "done", the error's name of a refusal, "no_answer" when the connection ended or the time was
// over, "http_NNN" for what has no name. Not thread-safe: each thread has its own, and they are
// added up.
class Tally {
public:
    static constexpr std::size_t kSecondsMax = 1'800;  // later ones count as the last

    struct Second {
        std::uint64_t arrivals = 0;
        std::uint64_t placed = 0;
        std::uint64_t refused = 0;     // final and proper: sold out, limit, …
        std::uint64_t unanswered = 0;  // by the connection, or 5xx
        Latencies placing;
        Latencies refusing;
    };
    struct OfStep {
        std::map<std::string, std::uint64_t, std::less<>> outcomes;
        Latencies all;
    };

    void arrived(std::chrono::nanoseconds since_start);
    void ended(
        Step step,
        std::string_view outcome,
        int status,
        std::chrono::nanoseconds since_start,
        std::chrono::nanoseconds took
    );
    void add(const Tally& more);

    const OfStep& of(Step step) const { return steps_[static_cast<std::size_t>(step)]; }
    std::uint64_t count(Step step, std::string_view outcome) const;
    const std::vector<Second>& seconds() const { return seconds_; }
    // Of orders that were placed, and of buyers' requests that were refused for good.
    const Latencies& placing() const { return placing_; }
    const Latencies& refusing() const { return refusing_; }
    // Answers of 500 and the like, which no input may cause.
    std::uint64_t server_errors() const { return server_errors_; }
    std::uint64_t unanswered() const { return unanswered_; }

private:
    Second& second(std::chrono::nanoseconds since_start);

    std::array<OfStep, kSteps> steps_;
    std::vector<Second> seconds_;
    Latencies placing_;
    Latencies refusing_;
    std::uint64_t server_errors_ = 0;
    std::uint64_t unanswered_ = 0;
};

}  // namespace doorbuster::rehearsal
