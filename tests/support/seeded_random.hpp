#pragma once

#include <mutex>
#include <random>

#include "core/random.hpp"

namespace doorbuster::test {

// The same bytes for the same seed. Thread-safe.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_{seed} {}

    void fill(std::span<std::byte> bytes) override {
        const std::lock_guard lock{mutex_};
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine_());
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace doorbuster::test
