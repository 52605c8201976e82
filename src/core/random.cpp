#include "core/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "core/assert.hpp"

namespace doorbuster {

std::uint64_t Random::next_u64() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span{&value, 1}));
    return value;
}

std::string Random::token(std::size_t length) {
    static constexpr std::string_view kAlphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // Bytes at or above the largest multiple of 62 would favour the first letters: draw again.
    static constexpr unsigned kFairBytes = 256 / 62 * 62;
    std::string text;
    text.reserve(length);
    std::array<std::byte, 64> bytes{};
    while (text.size() < length) {
        fill(bytes);
        for (const std::byte byte : bytes) {
            const auto drawn = std::to_integer<unsigned>(byte);
            if (drawn < kFairBytes && text.size() < length) text += kAlphabet[drawn % 62];
        }
    }
    return text;
}

void SystemRandom::fill(std::span<std::byte> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
        DOORBUSTER_ASSERT(got > 0 || errno == EINTR);
        if (got > 0) done += static_cast<std::size_t>(got);
    }
}

}  // namespace doorbuster
