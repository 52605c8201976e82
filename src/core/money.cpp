#include "core/money.hpp"

#include <algorithm>
#include <numeric>

#include "core/assert.hpp"

namespace doorbuster {

namespace {

std::optional<std::int64_t> append_digit(std::int64_t value, char digit) {
    std::int64_t result = 0;
    if (__builtin_mul_overflow(value, 10, &result)) return std::nullopt;
    if (__builtin_add_overflow(result, digit - '0', &result)) return std::nullopt;
    return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Money Money::operator+(Money other) const {
    std::int64_t sum = 0;
    DOORBUSTER_ASSERT(!__builtin_add_overflow(fen_, other.fen_, &sum));
    return Money{sum};
}

Money Money::operator-(Money other) const {
    std::int64_t difference = 0;
    DOORBUSTER_ASSERT(!__builtin_sub_overflow(fen_, other.fen_, &difference));
    return Money{difference};
}

Money Money::operator*(std::int64_t factor) const {
    std::int64_t product = 0;
    DOORBUSTER_ASSERT(!__builtin_mul_overflow(fen_, factor, &product));
    return Money{product};
}

std::string Money::to_yuan() const {
    const bool negative = fen_ < 0;
    const std::uint64_t magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(fen_)
                                             : static_cast<std::uint64_t>(fen_);
    std::string cents = std::to_string(magnitude % 100);
    if (cents.size() == 1) cents.insert(0, 1, '0');
    return (negative ? "-" : "") + std::to_string(magnitude / 100) + '.' + cents;
}

std::optional<Money> Money::from_yuan(std::string_view text) {
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    const std::string_view decimals =
        point < text.size() ? text.substr(point + 1) : std::string_view{};
    if (whole.empty() || (point < text.size() && decimals.empty())) return std::nullopt;
    if (!std::all_of(whole.begin(), whole.end(), is_digit)) return std::nullopt;
    if (!std::all_of(decimals.begin(), decimals.end(), is_digit)) return std::nullopt;
    if (decimals.size() > 2 && decimals.find_first_not_of('0', 2) != std::string_view::npos) {
        return std::nullopt;
    }
    std::string digits{whole};
    digits += decimals.substr(0, 2);
    digits.append(2 - std::min<std::size_t>(decimals.size(), 2), '0');
    std::int64_t fen = 0;
    for (const char digit : digits) {
        const auto next = append_digit(fen, digit);
        if (!next) return std::nullopt;
        fen = *next;
    }
    return Money{fen};
}

std::vector<Money> Money::split(const std::vector<std::int64_t>& weights) const {
    DOORBUSTER_ASSERT(!weights.empty() && fen_ >= 0);
    const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    std::vector<Money> parts(weights.size());
    if (total == 0) {
        parts.front() = *this;
        return parts;
    }
    std::vector<__int128> remainders(weights.size());
    std::int64_t left = fen_;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        DOORBUSTER_ASSERT(weights[i] >= 0);
        const __int128 scaled = static_cast<__int128>(fen_) * weights[i];
        parts[i] = Money{static_cast<std::int64_t>(scaled / total)};
        remainders[i] = scaled % total;
        left -= parts[i].fen_;
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
    });
    for (std::size_t i = 0; left > 0; ++i, --left) parts[order[i]] += Money{1};
    return parts;
}

}  // namespace doorbuster
