#include "flash_sale/edge/shopper_limits.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;
using Route = ShopperLimits::Route;

constexpr UserId kAnn{1};
constexpr UserId kBob{2};
constexpr PromotionItemId kPot{7};
constexpr PromotionItemId kCup{8};

// The name of the limit that refuses; empty: none does.
std::string refuser(const ShopperLimits::Admission& admission) {
    if (!admission.refusal) return {};
    EXPECT_EQ(admission.refusal->status, 429);
    for (const auto& [name, value] : admission.refusal->headers) {
        if (name == "RateLimit-Policy") return value.substr(1, value.find('"', 1) - 1);
    }
    return "none";
}

class ShopperLimitsTest : public testing::Test {
protected:
    std::string ask(
        ShopperLimits& limits, UserId user, PromotionItemId item, Route route = Route::token
    ) {
        return refuser(limits.admit(http::Request{}, user, item, route));
    }
    test::ManualClock clock_;
    // Out of the way, unless a test says otherwise.
    ShopperQuotas quotas_{
        .address = {100, 60s}, .user = {100, 60s}, .item = {100, 1s}, .route = {100, 1s}};
};

TEST_F(ShopperLimitsTest, an_item_has_a_limit_of_its_own_for_all_its_buyers) {
    quotas_.item = {2, 1s};
    ShopperLimits limits{clock_, quotas_};
    EXPECT_EQ(ask(limits, kAnn, kPot), "");
    EXPECT_EQ(ask(limits, kBob, kPot, Route::order), "");
    EXPECT_EQ(ask(limits, kBob, kPot), "item");
    EXPECT_EQ(ask(limits, kBob, kCup), "");
    clock_.advance(500ms);
    EXPECT_EQ(ask(limits, kBob, kPot), "");
}

TEST_F(ShopperLimitsTest, a_route_has_one_over_all_items) {
    quotas_.route = {2, 1s};
    ShopperLimits limits{clock_, quotas_};
    EXPECT_EQ(ask(limits, kAnn, kPot, Route::captcha), "");
    EXPECT_EQ(ask(limits, kBob, kCup, Route::captcha), "");
    EXPECT_EQ(ask(limits, kAnn, kCup, Route::captcha), "route");
    EXPECT_EQ(ask(limits, kAnn, kCup, Route::order), "");
}

TEST_F(ShopperLimitsTest, who_asks_too_often_uses_up_nothing_of_the_others) {
    quotas_.user = {3, 60s};
    quotas_.item = {10, 1s};
    ShopperLimits limits{clock_, quotas_};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(limits, kAnn, kPot), "");
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(limits, kAnn, kPot), "user");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(limits, kBob, kPot), "");
}

TEST_F(ShopperLimitsTest, addresses_count_by_the_network_that_one_client_has) {
    quotas_.address = {1, 60s};
    ShopperLimits limits{clock_, quotas_};
    const auto refused = [&](const char* address) {
        http::Request request;
        request.remote_address = address;
        return limits.refuse_address(request).has_value();
    };
    EXPECT_FALSE(refused("192.0.2.1"));
    EXPECT_TRUE(refused("192.0.2.1"));
    EXPECT_FALSE(refused("192.0.2.2"));
    EXPECT_FALSE(refused("2001:db8::1"));
    EXPECT_TRUE(refused("2001:db8::2"));
}

}  // namespace
}  // namespace doorbuster::flash_sale
