#include "ports/sql_text.hpp"

#include <cmath>
#include <cstring>

namespace doorbuster::sql {

namespace {

// Length of the sequence at `at`, or 0 when it is not well formed (Unicode, table 3-7).
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
    const unsigned char lead = at[0];
    const auto continues = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
        return at[i] >= low && at[i] <= high;
    };
    if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
        return left >= 3 && continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
        return left >= 4 && continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

// True when all eight bytes are ASCII and none is NUL.
bool plain_block(const unsigned char* at) {
    std::uint64_t block = 0;
    std::memcpy(&block, at, sizeof block);
    constexpr std::uint64_t kHigh = 0x8080808080808080;
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    return ((block | (block - kOnes)) & kHigh) == 0;
}

}  // namespace

bool is_storable_text(std::string_view text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        std::size_t length = 1;
        if (left >= 8 && plain_block(at)) {
            length = 8;
        } else if (*at == 0) {
            return false;
        } else if (*at >= 0x80) {
            length = sequence_length(at, left);
            if (length == 0) return false;
        }
        at += length;
        left -= length;
    }
    return true;
}

void require_storable(const Param& param) {
    if (param.kind() == Param::Kind::text && !is_storable_text(param.text())) {
        throw Error{"a text parameter holds a NUL byte or is not UTF-8"};
    }
    if (param.kind() == Param::Kind::real && std::isnan(param.real())) {
        throw Error{"a real parameter is not a number"};
    }
}

}  // namespace doorbuster::sql
