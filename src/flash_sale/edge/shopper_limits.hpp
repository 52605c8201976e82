#pragma once

#include <optional>

#include "core/ids.hpp"
#include "http/rate_limit.hpp"

namespace doorbuster::flash_sale {

// How often shoppers may ask for something of a flash sale.
struct ShopperQuotas {
    http::Quota address{6000, std::chrono::minutes{1}};
    http::Quota user{60, std::chrono::minutes{1}};
    http::Quota item{20'000, std::chrono::seconds{1}};
    http::Quota route{50'000, std::chrono::seconds{1}};
};

// Those limits, of this process. The address is looked at before anything else is known; users,
// items and routes only for who is signed in, so that nobody else can use up what buyers share.
// Thread-safe.
class ShopperLimits {
public:
    enum class Route { captcha, token, order, waitlist };

    ShopperLimits(const Clock& clock, const ShopperQuotas& quotas);

    // 429, or nothing.
    std::optional<http::Response> refuse_address(const http::Request& request);

    struct Admission {
        std::optional<http::Response> refusal;  // 429
        http::RateLimiter::Decision user;       // what the user has left
    };
    Admission admit(const http::Request& request, UserId user, PromotionItemId item, Route route);
    // Tells the user what is left.
    void tell(http::Response& response, const Admission& admission) const;

private:
    http::RateLimiter addresses_;
    http::RateLimiter users_;
    http::RateLimiter items_;
    http::RateLimiter routes_;
};

}  // namespace doorbuster::flash_sale
