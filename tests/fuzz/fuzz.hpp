#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// What the fuzz targets have in common.
namespace doorbuster::fuzz {

// A property of the code under test. When it does not hold, the program ends here, and libFuzzer
// keeps the input.
inline void demand(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

// Takes an input apart from its front. Past its end everything is zero or empty.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size)
        : left_{reinterpret_cast<const char*>(data), size} {}

    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return first;
    }
    std::uint32_t number() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) value = value << 8 | byte();
        return value;
    }
    // Up to the next line feed, which is dropped.
    std::string_view line() {
        const auto end = left_.find('\n');
        const auto taken = left_.substr(0, end);
        left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
        return taken;
    }
    // What stands before the first of `marks`, which is dropped; without one, everything.
    std::string_view before(std::string_view marks) {
        const auto end = left_.find(marks);
        const auto taken = left_.substr(0, end);
        left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + marks.size());
        return taken;
    }
    std::string_view rest() const { return left_; }

private:
    std::string_view left_;
};

// `text` as somebody in the middle might hand it on: each three bytes of `script` say where, how
// and with which byte it is changed.
inline std::string tampered(std::string text, std::string_view script) {
    for (; script.size() >= 3 && !text.empty(); script.remove_prefix(3)) {
        const auto how = static_cast<unsigned char>(script[0]);
        const std::size_t at =
            (static_cast<unsigned char>(script[1]) + 256u * (how >> 2)) % text.size();
        switch (how & 3) {
            case 0:
                text[at] = script[2];
                break;
            case 1:
                text.insert(at, 1, script[2]);
                break;
            case 2:
                text.erase(at, 1 + static_cast<unsigned char>(script[2]) % 8);
                break;
            case 3:  // something that stands elsewhere in it, once more
                text.insert(
                    at, text.substr(static_cast<unsigned char>(script[2]) % text.size(), 16)
                );
                break;
        }
    }
    return text;
}

// What divides a message from the script by which it is tampered with.
inline constexpr std::string_view kTamper = "\n~~\n";

inline bool is_visible(std::string_view text) {
    for (const char c : text) {
        if (c <= ' ' || c >= 127) return false;
    }
    return true;
}

}  // namespace doorbuster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
