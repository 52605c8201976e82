#include "flash_sale/edge/waitlist_routes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "flash_sale/waitlist/waitlist_job.hpp"
#include "support/flash_world.hpp"
#include "support/route_client.hpp"
#include "support/token_authenticator.hpp"

namespace doorbuster::flash_sale {
namespace {

using test::Reply;
using test::RouteClient;
using Headers = RouteClient::Headers;

class WaitlistRoutes : public test::FlashWorld {
protected:
    void SetUp() override {
        FlashWorld::SetUp();
        if (IsSkipped()) return;
        router_.add(waitlist_routes(deps_));
        for (int i = 0; i < 3; ++i) waiting_.push_back(add_buyer());
    }

    // A sale of one unit, and who has it.
    void sell_out(Terms terms = {.units = 1}) {
        item_ = open_sale(terms);
        for (std::int64_t i = 0; i < terms.units; ++i) {
            const Buyer buyer = add_buyer();
            held_.push_back(buy(item_, buyer.user, buyer.address).value().number);
        }
    }
    // An unpaid order gives its unit back.
    void come_back() {
        ASSERT_TRUE(cancel(order(held_.back()).user, held_.back()).has_value());
        held_.pop_back();
    }

    RouteClient as(const Buyer& buyer) const { return guest_.as('u' + buyer.user.to_string()); }
    std::string path() const { return "/api/v1/flash-sales/" + item_.to_string() + "/waitlist"; }
    static std::string to(AddressId address) {
        return R"({"address_id":")" + address.to_string() + R"("})";
    }
    Reply join(const Buyer& buyer) const { return as(buyer).post(path(), ""); }
    Reply show(const Buyer& buyer) const { return as(buyer).get(path()); }
    Reply claim(const Buyer& buyer, const Headers& more = {}) const {
        return as(buyer).post(path() + "/claim", to(buyer.address), more);
    }
    bool pass_due() { return test::run(job_.pass_due()); }
    void set_board(bool paused, bool stopped) {
        auto changed = std::make_shared<SaleBoard::Snapshot>(*board_.snapshot());
        auto item = std::make_shared<SaleItem>(*changed->items.at(item_));
        item->paused = paused;
        changed->items[item_] = item;
        changed->stopped = stopped;
        board_.replace(changed);
    }

    ReturnedUnits returned_{stock_, clock_};
    SaleMeter meter_{clock_};
    ShopperLimits limits_{clock_, {}};
    Entrance entrance_{{board_, gate_, seen_, sale_clock_, clock_, limits_, meter_}};
    WaitlistRoutesDeps deps_{
        entrance_, database(), waitlist_, board_, gate_, desk_, returned_, sale_clock_};
    WaitlistJob job_{database(), waitlist_};
    test::TokenAuthenticator authenticator_;
    http::Router router_{authenticator_};
    RouteClient guest_{router_};
    PromotionItemId item_;
    std::vector<OrderNo> held_;
    std::vector<Buyer> waiting_;
};
DOORBUSTER_ON_BOTH_ENGINES(WaitlistRoutes);

TEST_P(WaitlistRoutes, of_a_rehearsal_are_not_there_for_others) {
    sell_out();
    execute("UPDATE promotions SET shadow = 1");
    loader_.reload_blocking();
    const RouteClient stranger = as(waiting_[0]);
    const std::string claims = path() + "/claim";
    for (const Reply& reply :
         {stranger.post(path(), ""),
          stranger.get(path()),
          stranger.del(path()),
          stranger.post(claims, to(waiting_[0].address))}) {
        EXPECT_EQ(reply.status, 404);
        EXPECT_EQ(reply.error(), "promotion_item_not_found");
    }
}

TEST_P(WaitlistRoutes, joining_tells_the_place_and_the_chance) {
    sell_out({.units = 4});
    const Reply first = join(waiting_[0]);
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.text("/data/state"), "waiting");
    EXPECT_EQ(first.integer("/data/place"), 1);
    EXPECT_EQ(first.integer("/data/ahead"), 0);
    EXPECT_EQ(first.integer("/data/may_come_back"), 4);
    EXPECT_EQ(first.integer("/data/chance/percent"), 34);  // 1 - 0.9^4 = 0.3439
    EXPECT_EQ(first.text("/data/chance/words"), "low");
    EXPECT_EQ(first.text("/data/chance/basis"), "assumption");
    EXPECT_EQ(first.integer("/data/chance/share_percent"), 10);
    EXPECT_EQ(first.text("/data/offered_until"), "null");

    EXPECT_EQ(join(waiting_[1]).integer("/data/place"), 2);
    const Reply again = join(waiting_[0]);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.text("/data"), first.text("/data"));
    EXPECT_EQ(show(waiting_[0]).text("/data"), first.text("/data"));
    EXPECT_EQ(show(waiting_[1]).integer("/data/ahead"), 1);
}

TEST_P(WaitlistRoutes, the_chance_follows_what_this_sale_has_shown) {
    sell_out({.units = 24});
    for (int i = 0; i < 5; ++i) come_back();
    for (int i = 0; i < 5; ++i) {
        const Buyer buyer = add_buyer();
        held_.push_back(buy(item_, buyer.user, buyer.address).value().number);
    }
    for (int i = 0; i < 15; ++i) succeed(held_[static_cast<std::size_t>(i)]);
    const Reply joined = join(waiting_[0]);
    ASSERT_EQ(joined.status, 201) << joined.body;
    EXPECT_EQ(joined.integer("/data/may_come_back"), 9);
    EXPECT_EQ(joined.text("/data/chance/basis"), "this_sale");
    EXPECT_EQ(joined.integer("/data/chance/share_percent"), 25);  // 5 of 20
    EXPECT_EQ(joined.integer("/data/chance/percent"), 92);        // 1 - 0.75^9 = 0.9249
    EXPECT_EQ(joined.text("/data/chance/words"), "good");
}

TEST_P(WaitlistRoutes, a_unit_that_comes_back_is_offered_and_claimed) {
    sell_out();
    ASSERT_EQ(join(waiting_[0]).status, 201);
    ASSERT_EQ(join(waiting_[1]).status, 201);
    come_back();
    EXPECT_TRUE(gate_.sold_out(item_)) << "it is kept for who waits";
    const Reply offer = show(waiting_[0]);
    EXPECT_EQ(offer.text("/data/state"), "offered");
    EXPECT_EQ(
        offer.text("/data/offered_until"), to_rfc3339(clock_.now() + waitlist_.settings().offer_for)
    );
    EXPECT_EQ(offer.text("/data/place"), "null");
    EXPECT_EQ(offer.text("/data/chance"), "null");
    EXPECT_EQ(show(waiting_[1]).text("/data/state"), "waiting");
    EXPECT_EQ(claim(waiting_[1]).error(), "no_offer");

    const Reply placed = claim(waiting_[0]);
    ASSERT_EQ(placed.status, 201) << placed.body;
    EXPECT_EQ(placed.text("/data/status"), "pending_payment");
    EXPECT_EQ(placed.text("/data/expires_at"), to_rfc3339(clock_.now() + kUnpaidTtl));
    const OrderNo number{std::stoll(placed.text("/data/order_no"))};
    EXPECT_EQ(order(number).user, waiting_[0].user);
    EXPECT_EQ(order(number).total.fen(), placed.integer("/data/total"));
    expect_stock(item_, 0, 1, 0);
    EXPECT_EQ(stock_of(item_).offered, 0);
    EXPECT_EQ(show(waiting_[0]).error(), "not_on_waitlist");
    EXPECT_EQ(claim(waiting_[0]).error(), "no_offer");
    EXPECT_EQ(join(waiting_[0]).error(), "limit_reached");
    EXPECT_EQ(show(waiting_[1]).integer("/data/ahead"), 0);
}

TEST_P(WaitlistRoutes, a_claim_with_a_key_may_be_sent_again) {
    sell_out();
    ASSERT_EQ(join(waiting_[0]).status, 201);
    come_back();
    const Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = claim(waiting_[0], key);
    ASSERT_EQ(first.status, 201) << first.body;
    const Reply again = claim(waiting_[0], key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text("/data"), first.text("/data"));
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    const AddressId other = shop_.add_address(waiting_[0].user);
    const Reply mismatch = as(waiting_[0]).post(path() + "/claim", to(other), key);
    EXPECT_EQ(mismatch.error(), "idempotency_key_reused");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 2);
}

TEST_P(WaitlistRoutes, an_offer_that_another_process_made_can_be_claimed) {
    sell_out();
    const StockView before = *gate_.view(item_);
    ASSERT_EQ(join(waiting_[0]).status, 201);
    come_back();
    gate_.forget(item_);
    gate_.load(item_, {}, before, {});  // as a gate is that was not told
    EXPECT_EQ(claim(waiting_[0]).status, 201);
}

TEST_P(WaitlistRoutes, a_claim_that_is_refused_leaves_the_offer) {
    sell_out();
    ASSERT_EQ(join(waiting_[0]).status, 201);
    come_back();
    const std::string target = path() + "/claim";
    EXPECT_EQ(as(waiting_[0]).post(target, to(waiting_[1].address)).error(), "address_not_found");
    EXPECT_TRUE(as(waiting_[0]).post(target, "{}").blames("address_id"));
    EXPECT_EQ(as(waiting_[0]).post(target, "[]").status, 400);
    set_board(true, false);
    EXPECT_EQ(claim(waiting_[0]).error(), "sale_paused");
    set_board(false, true);
    EXPECT_EQ(claim(waiting_[0]).error(), "sales_stopped");
    set_board(false, false);
    EXPECT_EQ(claim(waiting_[0]).status, 201);
}

TEST_P(WaitlistRoutes, an_offer_that_ends_goes_to_the_next_and_can_be_claimed_no_more) {
    sell_out();
    ASSERT_EQ(join(waiting_[0]).status, 201);
    ASSERT_EQ(join(waiting_[1]).status, 201);
    come_back();
    EXPECT_FALSE(pass_due());
    clock_.advance(waitlist_.settings().offer_for);
    EXPECT_EQ(claim(waiting_[0]).error(), "no_offer");
    EXPECT_FALSE(pass_due());
    EXPECT_EQ(show(waiting_[1]).text("/data/state"), "offered");
    EXPECT_EQ(show(waiting_[0]).error(), "not_on_waitlist");
    EXPECT_EQ(claim(waiting_[1]).status, 201);
    expect_stock(item_, 0, 1, 0);
}

TEST_P(WaitlistRoutes, leaving_gives_the_place_and_the_offer_up) {
    sell_out();
    ASSERT_EQ(join(waiting_[0]).status, 201);
    ASSERT_EQ(join(waiting_[1]).status, 201);
    come_back();
    EXPECT_EQ(as(waiting_[0]).del(path()).status, 200);
    EXPECT_EQ(as(waiting_[0]).del(path()).error(), "not_on_waitlist");
    EXPECT_EQ(show(waiting_[1]).text("/data/state"), "offered");
}

TEST_P(WaitlistRoutes, refuses_to_let_anyone_wait_for_nothing) {
    item_ = open_sale({.units = 1, .starts_in = std::chrono::minutes{1}});
    EXPECT_EQ(join(waiting_[0]).error(), "not_open");
    clock_.advance(std::chrono::minutes{1});
    EXPECT_EQ(join(waiting_[0]).error(), "not_sold_out");
    EXPECT_EQ(guest_.post(path(), "").status, 401);
    set_board(true, false);
    EXPECT_EQ(join(waiting_[0]).error(), "sale_paused");
    set_board(false, true);
    EXPECT_EQ(join(waiting_[0]).error(), "sales_stopped");
    set_board(false, false);
    clock_.advance(std::chrono::hours{1});
    EXPECT_EQ(join(waiting_[0]).error(), "sale_ended");
    for (const char* item : {"999999", "0", "-1", "x", "9223372036854775808"}) {
        const std::string target = "/api/v1/flash-sales/" + std::string{item} + "/waitlist";
        EXPECT_EQ(as(waiting_[0]).post(target, "").error(), "promotion_item_not_found");
        EXPECT_EQ(as(waiting_[0]).get(target).error(), "promotion_item_not_found");
        EXPECT_EQ(as(waiting_[0]).del(target).error(), "promotion_item_not_found");
        EXPECT_EQ(as(waiting_[0]).post(target + "/claim", to(waiting_[0].address)).status, 404);
    }
}

TEST_P(WaitlistRoutes, who_has_all_one_may_have_does_not_wait_and_cannot_claim) {
    sell_out({.units = 2, .per_user_max = 2});
    const UserId owner = order(held_[0]).user;
    const Buyer buyer{owner, shop_.add_address(owner)};
    ASSERT_EQ(join(buyer).status, 201) << "one of two: may wait for the second";
    held_ = {held_[1]};
    come_back();
    ASSERT_EQ(claim(buyer).status, 201);
    EXPECT_EQ(join(buyer).error(), "limit_reached");
}

TEST_P(WaitlistRoutes, claims_and_departures_and_ends_of_offers_at_once_lose_no_unit) {
    constexpr std::size_t kUnits = 8;
    sell_out({.units = kUnits});
    std::vector<Buyer> all;
    for (std::size_t i = 0; i < 2 * kUnits; ++i) {
        all.push_back(add_buyer());
        ASSERT_EQ(join(all.back()).status, 201);
    }
    for (std::size_t i = 0; i < kUnits; ++i) come_back();
    clock_.advance(waitlist_.settings().offer_for - Milliseconds{1});
    std::atomic<std::int64_t> claimed = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < all.size(); i += 4) {
                if (i % 3 == 0) {
                    EXPECT_EQ(as(all[i]).del(path()).status, 200);
                } else if (claim(all[i]).status == 201) {
                    ++claimed;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    clock_.advance(Milliseconds{1});
    pass_due();
    const StockView view = stock_of(item_);
    EXPECT_EQ(view.reserved, claimed);
    EXPECT_EQ(view.available + view.reserved, static_cast<std::int64_t>(kUnits));
    const std::string_view offered =
        "SELECT COUNT(*) FROM promotion_waitlist WHERE state = 'offered'";
    EXPECT_EQ(view.offered, integer(offered));
    EXPECT_EQ(gate_.view(item_)->version, view.version);
    EXPECT_EQ(gate_.counts(item_).under_way, 0);
    expect_clean();
}

TEST_P(WaitlistRoutes, who_asks_too_often_is_told_when_to_ask_again) {
    sell_out();
    for (int i = 0; i < 60; ++i) EXPECT_LT(join(waiting_[0]).status, 300);
    const Reply refused = show(waiting_[0]);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.error(), "rate_limited");
    EXPECT_FALSE(refused.header("Retry-After").empty());
    EXPECT_EQ(join(waiting_[1]).status, 201);
}

TEST_P(WaitlistRoutes, requests_are_counted_by_how_they_ended) {
    sell_out();
    static_cast<void>(join(waiting_[0]));
    static_cast<void>(claim(waiting_[0]));
    clock_.advance(std::chrono::seconds{1});
    const auto rates = meter_.rates(item_);
    ASSERT_EQ(rates.outcomes.size(), 2u);
    EXPECT_EQ(rates.outcomes[0].word, "joined");
    EXPECT_EQ(rates.outcomes[1].word, "no_offer");
}

}  // namespace
}  // namespace doorbuster::flash_sale
