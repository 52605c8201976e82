#include <gtest/gtest.h>

#include "support/flash_world.hpp"

namespace doorbuster::flash_sale {
namespace {

class Loader : public test::FlashWorld {
protected:
    Entry try_door(PromotionItemId item, UserId user) {
        const Entry entry = test::run(gate_.open_door(item, user, 1, std::chrono::seconds{1}));
        gate_.leave_door(item, user);
        return entry;
    }
};
DOORBUSTER_ON_BOTH_ENGINES(Loader);

// A commit whose outcome nobody learnt runs no hooks. If units were given back by it, the gate
// would hold the buyer off for ever.
TEST_P(Loader, takes_the_holders_anew_now_and_then) {
    const auto item = open_sale({.units = 2});
    gate_.load(item, {.per_user_max = 1, .door_factor = 5}, stock_of(item), {{buyer_, 1}});
    loader_.reload_blocking();
    EXPECT_EQ(try_door(item, buyer_), Entry::limit_reached);
    clock_.advance(SaleLoader::kHoldersEvery);
    loader_.reload_blocking();
    EXPECT_EQ(try_door(item, buyer_), Entry::in);
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    clock_.advance(SaleLoader::kHoldersEvery);
    loader_.reload_blocking();
    EXPECT_EQ(try_door(item, buyer_), Entry::limit_reached);
}

TEST_P(Loader, an_order_under_way_stays_so_while_holders_are_taken_anew) {
    const auto item = open_sale({.units = 1});
    const Wish wanted = with_lease(item, buyer_, address_);
    const auto entry = test::run(gate_.take(item, buyer_, wanted.nonce, 1));
    ASSERT_EQ(entry, Entry::in);
    clock_.advance(SaleLoader::kHoldersEvery);
    loader_.reload_blocking();
    EXPECT_EQ(gate_.counts(item).under_way, 1);
    EXPECT_TRUE(gate_.sold_out(item));
    gate_.settle({item, buyer_, 1, false}, StockGate::Outcome::failed);
    EXPECT_EQ(gate_.counts(item).under_way, 0);
    EXPECT_EQ(try_door(item, buyer_), Entry::in);
}

}  // namespace
}  // namespace doorbuster::flash_sale
