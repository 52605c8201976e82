#include "adapters/pay_wire/plain_text.hpp"

#include <algorithm>
#include <cstdint>

namespace doorbuster::pay_wire {

namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

// Takes the character at the front off (RFC 3629); kNone when it is none.
std::uint32_t take_character(std::string_view& text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const bool may_begin = first < 0x80 || (first >= 0xc2 && first <= 0xf4);
    if (!may_begin || text.size() < size) return kNone;
    std::uint32_t character = size == 1 ? first : first & (0x7fu >> size);
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0u) != 0x80u) return kNone;
        character = character << 6 | (byte(at) & 0x3fu);
    }
    text.remove_prefix(size);
    static constexpr std::uint32_t kShortest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    const bool good = character >= kShortest[size] && character <= 0x10ffff && !surrogate;
    return good ? character : kNone;
}

}  // namespace

bool is_plain_word(std::string_view text, std::size_t bytes_max) {
    return text.size() <= bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

bool is_plain_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return false;
    while (!text.empty()) {
        const std::uint32_t character = take_character(text);
        const bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
        if (character == kNone || control) return false;
    }
    return true;
}

}  // namespace doorbuster::pay_wire
