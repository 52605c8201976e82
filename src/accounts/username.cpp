#include "accounts/username.hpp"

#include <cstdint>

namespace doorbuster::accounts {

namespace {

constexpr char32_t kNoCharacter = 0xffffffff;

// Takes one character of UTF-8 off the front. Overlong forms and surrogates decode to characters
// that no range below holds, so they need no test of their own; cut sequences give kNoCharacter.
char32_t take_character(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() < length || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4) {
        text = {};
        return kNoCharacter;
    }
    char32_t value = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) {
            text = {};
            return kNoCharacter;
        }
        value = (value << 6) | (next & 0x3f);
    }
    text.remove_prefix(length);
    // What a longer form than needed spells is ASCII or Latin: refuse it as such.
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    return overlong ? kNoCharacter : value;
}

bool is_allowed(char32_t c) {
    struct Range {
        char32_t first, last;
    };
    static constexpr Range kRanges[] = {
        {'a', 'z'},
        {'A', 'Z'},
        {'0', '9'},
        {'_', '_'},
        {'-', '.'},
        {0x3005, 0x3007},    // repetition mark, ideographic zero
        {0x3041, 0x3096},    // hiragana
        {0x30a1, 0x30fa},    // katakana
        {0x30fc, 0x30fc},    // its long mark
        {0x3400, 0x4dbf},    // CJK extension A
        {0x4e00, 0x9fff},    // CJK unified ideographs
        {0xac00, 0xd7a3},    // Hangul syllables
        {0x20000, 0x323af},  // CJK extensions B to H
    };
    for (const Range& range : kRanges) {
        if (c >= range.first && c <= range.last) return true;
    }
    return false;
}

}  // namespace

bool is_username(std::string_view text) {
    std::size_t length = 0;
    while (!text.empty()) {
        if (++length > kUsernameMax || !is_allowed(take_character(text))) return false;
    }
    return length >= kUsernameMin;
}

std::string username_key(std::string_view username) {
    std::string key{username};
    for (char& c : key) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return key;
}

}  // namespace doorbuster::accounts
