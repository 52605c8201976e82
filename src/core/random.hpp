#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace doorbuster {

// Where unpredictable bytes come from, so that tests control them. Thread-safe.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> bytes) = 0;

    std::uint64_t next_u64();
    // Letters and digits, `length` of them, each equally likely.
    std::string token(std::size_t length);
};

// The operating system's generator, for everything that must not be guessed.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> bytes) override;
};

}  // namespace doorbuster
