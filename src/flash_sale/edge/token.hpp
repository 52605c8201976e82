#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/result.hpp"

namespace doorbuster::flash_sale {

// What a buyer's token vouches for: this user may place one order of this item, in this epoch and
// window, until it expires. The nonce names the door's lease that makes the token single-use.
struct TokenClaims {
    UserId user;
    PromotionItemId item;
    std::int64_t epoch = 0;
    Time window_ends;
    Time expires;
    std::uint64_t nonce = 0;
    friend bool operator==(const TokenClaims&, const TokenClaims&) = default;
};

// Signs tokens and knows its own again: HMAC-SHA256 over all claims, as base64url text. The key is
// drawn at construction and never leaves the process, so all tokens die with it; so do the door's
// leases that they stand for. Thread-safe.
class TokenSigner {
public:
    static constexpr std::size_t kTextLength = 107;  // of 48 bytes of claims and 32 of signature

    explicit TokenSigner(Random& random);
    ~TokenSigner();
    TokenSigner(const TokenSigner&) = delete;
    TokenSigner& operator=(const TokenSigner&) = delete;

    std::string sign(const TokenClaims& claims) const;

    // The claims of a token that is for this user and item and has not expired at `now`; its epoch
    // is for the order desk to compare. Errors: kTokenInvalid, kTokenExpired.
    Result<TokenClaims> verify(std::string_view token, UserId user, PromotionItemId item, Time now)
        const;

private:
    static constexpr std::size_t kClaimsBytes = 48;
    static constexpr std::size_t kMacBytes = 32;
    using Mac = std::array<std::byte, kMacBytes>;
    struct Keyed;

    Mac mac_of(const std::array<std::byte, kClaimsBytes>& claims) const;

    const std::unique_ptr<const Keyed> keyed_;
};

}  // namespace doorbuster::flash_sale
