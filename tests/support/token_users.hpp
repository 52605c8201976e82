#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "http/router.hpp"

namespace doorbuster::test {

// Says who asks by a bearer token of the form "42" or "42-finance", so that routes can be tested
// without accounts: a user id and, for staff, a right.
class TokenUsers final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request& request, bool)
        override {
        const std::string_view header = request.header("Authorization");
        if (header.empty()) co_return std::optional<Principal>{};
        co_return std::optional{principal(header.substr(header.find(' ') + 1))};
    }

private:
    static Principal principal(std::string_view token) {
        std::int64_t user = 0;
        std::from_chars(token.data(), token.data() + token.size(), user);
        Rights rights;
        if (token.ends_with("-catalog")) rights = Rights::of(Right::catalog);
        if (token.ends_with("-orders")) rights = Rights::of(Right::orders);
        if (token.ends_with("-marketing")) rights = Rights::of(Right::marketing);
        if (token.ends_with("-finance")) rights = Rights::of(Right::finance);
        if (token.ends_with("-admin")) rights = Rights::of(Right::admin);
        return {UserId{user}, SessionId{1}, rights};
    }
};

}  // namespace doorbuster::test
