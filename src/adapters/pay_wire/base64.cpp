#include "adapters/pay_wire/base64.hpp"

#include <array>
#include <cstdint>

namespace doorbuster::pay_wire {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    for (auto& digit : digits) digit = kNoDigit;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}
constexpr auto kDigits = make_digits();

std::uint8_t digit_of(char c) { return kDigits[static_cast<unsigned char>(c)]; }

char low_byte(std::uint32_t bits) { return static_cast<char>(bits & 0xff); }

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const std::uint8_t digit = digit_of(c);
        if (digit == kNoDigit) return std::nullopt;
        bits = bits << 6 | digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += low_byte(bits >> held);
        }
    }
    const bool bits_left_over = (bits & ((1u << held) - 1)) != 0;
    if (bits_left_over) return std::nullopt;
    return bytes;
}

}  // namespace doorbuster::pay_wire
