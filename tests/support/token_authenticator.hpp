#pragma once

#include <charconv>
#include <string_view>

#include "http/errors.hpp"
#include "http/router.hpp"

namespace doorbuster::test {

// Takes the bearer token at its word: "u42" is shopper 42, "o7" is user 7 of the staff with the
// right `orders`, "c7" the same with the right `catalog`, "a7" an administrator. Any other token is
// refused.
class TokenAuthenticator final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(
        const http::Request& request, bool check_csrf
    ) override {
        static_cast<void>(check_csrf);
        std::string_view token = request.header("Authorization");
        if (token.empty()) co_return std::optional<Principal>{};
        if (token.starts_with("Bearer ")) token.remove_prefix(7);
        const auto rights = rights_of(token.empty() ? ' ' : token.front());
        std::int64_t user = 0;
        if (!token.empty()) std::from_chars(token.data() + 1, token.data() + token.size(), user);
        if (!rights || user <= 0) co_return http::kUnauthenticated;
        co_return std::optional{Principal{UserId{user}, SessionId{user}, *rights}};
    }

private:
    static std::optional<Rights> rights_of(char letter) {
        switch (letter) {
            case 'u':
                return Rights{};
            case 'o':
                return Rights::of(Right::orders);
            case 'c':
                return Rights::of(Right::catalog);
            case 'a':
                return Rights::of(Right::admin);
            default:
                return std::nullopt;
        }
    }
};

}  // namespace doorbuster::test
