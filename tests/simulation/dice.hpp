#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "core/random.hpp"

namespace doorbuster::simulation {

// Every choice of a simulated world, drawn from one seed. SplitMix64: the same on every machine and
// library, unlike the distributions of the standard.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
    }
    // True so many times in a thousand.
    bool chance(std::int64_t per_mille) { return between(0, 999) < per_mille; }
    std::int64_t one_of(std::initializer_list<std::int64_t> values) {
        return values.begin()[between(0, static_cast<std::int64_t>(values.size()) - 1)];
    }

private:
    std::uint64_t state_;
};

// The bytes that the product asks for as random.
class DiceRandom final : public Random {
public:
    explicit DiceRandom(std::uint64_t seed) : dice_{seed} {}
    void fill(std::span<std::byte> bytes) override {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(dice_.next() >> 56);
    }

private:
    Dice dice_;
};

}  // namespace doorbuster::simulation
