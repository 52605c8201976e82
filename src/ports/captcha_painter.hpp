#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doorbuster {

// Paints a text so that people can read it and programs find it hard. Thread-safe; never waits.
class CaptchaPainter {
public:
    virtual ~CaptchaPainter() = default;
    // The bytes of a PNG. `text` is a few capital letters and digits; of one text and one `seed`
    // there is one picture.
    virtual std::string png(std::string_view text, std::uint64_t seed) const = 0;
};

}  // namespace doorbuster
