#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <random>

namespace doorbuster::sandbox {

// How the simulator misbehaves, asked at named points. Each point strikes with its own probability;
// the same seed and the same order of questions give the same faults. Thread-safe.
class Faults {
public:
    enum class Point {
        drop_notification,       // an event that is never notified
        delay_notification,      // its first delivery comes late
        duplicate_notification,  // it is delivered twice
        bad_signature,           // one delivery with a signature that does not verify
        wrong_amount,            // one delivery that tells one fen more
        server_error,            // a request answered 500 without effect
        slow_answer,             // an answer later than any client waits
    };
    static constexpr std::size_t kPoints = 7;

    Faults() = default;  // an honest gateway
    explicit Faults(std::uint64_t seed) : engine_{seed} {}

    // From 0 (never) to 1 (always). May be changed while the simulator runs.
    void set(Point point, double probability);
    bool strikes(Point point);

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
    std::array<double, kPoints> rates_{};
};

}  // namespace doorbuster::sandbox
