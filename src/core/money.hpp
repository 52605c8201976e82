#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doorbuster {

// The one currency today. It is kept beside every amount so that a second one is a change of data.
inline constexpr std::string_view kCurrency = "CNY";

// An amount in fen (1 yuan = 100 fen). Arithmetic that would overflow aborts the process: an amount
// that large is a bug of ours, never input, because input is bounded where it is parsed.
class Money {
public:
    constexpr Money() = default;
    static constexpr Money fen(std::int64_t fen) { return Money{fen}; }

    constexpr std::int64_t fen() const { return fen_; }
    constexpr bool is_zero() const { return fen_ == 0; }
    constexpr bool is_negative() const { return fen_ < 0; }

    Money operator+(Money other) const;
    Money operator-(Money other) const;
    Money operator*(std::int64_t factor) const;
    Money& operator+=(Money other) { return *this = *this + other; }
    Money& operator-=(Money other) { return *this = *this - other; }

    // Yuan with exactly two decimals: 10 fen is "0.10".
    std::string to_yuan() const;
    // Reads yuan text: digits, at most one point, no sign, no exponent, no space; more than two
    // decimals only when the extra ones are zeros. Anything else, or more than 2^63 fen: nothing.
    static std::optional<Money> from_yuan(std::string_view text);

    // Splits in proportion to the weights; the parts sum to the whole. The fen that do not divide
    // go one each to the largest remainders, earlier parts first. All weights zero: all to the
    // first.
    std::vector<Money> split(const std::vector<std::int64_t>& weights) const;

    friend constexpr auto operator<=>(Money, Money) = default;

private:
    constexpr explicit Money(std::int64_t fen) : fen_{fen} {}
    std::int64_t fen_ = 0;
};

}  // namespace doorbuster
