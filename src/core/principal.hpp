#pragma once

#include <cstdint>

#include "core/ids.hpp"

namespace doorbuster {

// What a member of staff may do. An administrator has every right.
enum class Right : std::uint32_t {
    catalog = 1u << 0,
    orders = 1u << 1,
    marketing = 1u << 2,
    finance = 1u << 3,
    admin = 1u << 4,  // manages staff, webhooks and settings; includes all the others
};

class Rights {
public:
    constexpr Rights() = default;
    constexpr explicit Rights(std::uint32_t bits) : bits_{bits} {}
    static constexpr Rights of(Right right) { return Rights{static_cast<std::uint32_t>(right)}; }

    constexpr bool has(Right right) const {
        const auto wanted = static_cast<std::uint32_t>(right);
        return (bits_ & (wanted | static_cast<std::uint32_t>(Right::admin))) != 0;
    }
    constexpr bool any() const { return bits_ != 0; }
    constexpr Rights with(Right right) const {
        return Rights{bits_ | static_cast<std::uint32_t>(right)};
    }
    constexpr std::uint32_t bits() const { return bits_; }
    friend constexpr bool operator==(Rights, Rights) = default;

private:
    std::uint32_t bits_ = 0;
};

// Who makes a request, as established by the session.
struct Principal {
    UserId user;
    SessionId session;
    Rights rights;  // none: a shopper
};

}  // namespace doorbuster
