#include "flash_sale/edge/item_events.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "flash_sale/waitlist/waitlist_job.hpp"
#include "support/flash_world.hpp"
#include "support/route_client.hpp"
#include "support/token_authenticator.hpp"

namespace doorbuster::flash_sale {
namespace {

class CountingBell final : public http::Bell {
public:
    void ring() override { ++rings; }
    std::atomic<int> rings = 0;
};

// A client that takes everything it is told.
struct Follower {
    explicit Follower(std::shared_ptr<http::EventSource> from) : source{std::move(from)} {
        source->open(bell);
    }
    // All that is new, in one text.
    std::string take() {
        std::string all;
        while (const auto text = source->next()) all += *text;
        bell->rings = 0;
        return all;
    }

    std::shared_ptr<CountingBell> bell = std::make_shared<CountingBell>();
    std::shared_ptr<http::EventSource> source;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class EventsOfItems : public test::FlashWorld {
protected:
    Follower follow(std::optional<UserId> user = std::nullopt) {
        return Follower{events_.follow(board_.find(item_), user)};
    }
    void look() { test::run(events_.look()); }
    void look_at_offers() {
        clock_.advance(ItemEvents::kOffersEvery);
        look();
    }
    OrderNo sell() {
        const Buyer buyer = add_buyer();
        return buy(item_, buyer.user, buyer.address).value().number;
    }
    void give_back(OrderNo number) { ASSERT_TRUE(cancel(order(number).user, number).has_value()); }
    UserId join() {
        const UserId user = add_buyer().user;
        const auto work = [&](sql::Transaction& tx) { return waitlist_.join(tx, item_, user); };
        EXPECT_TRUE(database().write_blocking(work).has_value());
        return user;
    }

    PromoViews views_{board_, gate_, sale_clock_};
    ItemEvents events_{{database(), board_, views_, gate_, waitlist_, clock_}};
    PromotionItemId item_;
};
DOORBUSTER_ON_BOTH_ENGINES(EventsOfItems);

TEST_P(EventsOfItems, begin_with_how_the_item_stands) {
    item_ = open_sale({.units = 10, .starts_in = std::chrono::minutes{1}});
    Follower follower = follow();
    const std::string first = follower.take();
    EXPECT_TRUE(first.starts_with("retry: ")) << first;
    EXPECT_TRUE(has(first, "event: state\nid: ")) << first;
    EXPECT_TRUE(has(first, R"("status":"upcoming","paused":false,"sold_out":false)")) << first;
    EXPECT_TRUE(has(first, R"("server_time":")" + to_rfc3339(clock_.now()))) << first;
    EXPECT_TRUE(has(first, "event: stock\n")) << first;
    EXPECT_TRUE(has(first, R"({"stock_band":"plenty"})")) << first;
    EXPECT_FALSE(has(first, "offer")) << first;
    EXPECT_EQ(follower.take(), "");
    look();
    EXPECT_EQ(follower.bell->rings, 0);
    EXPECT_EQ(follower.take(), "");
}

TEST_P(EventsOfItems, tell_of_the_beginning_and_the_end_by_the_clock) {
    item_ = open_sale({.units = 1, .starts_in = std::chrono::minutes{1}});
    Follower follower = follow();
    follower.take();
    clock_.advance(std::chrono::minutes{1});
    look();
    EXPECT_EQ(follower.bell->rings, 1);
    EXPECT_TRUE(has(follower.take(), R"("status":"live")"));
    clock_.advance(std::chrono::hours{1});
    look();
    EXPECT_TRUE(has(follower.take(), R"("status":"ended")"));
    execute("UPDATE promotions SET state = 'ended', ended_at = $1", {clock_.now()});
    loader_.reload_blocking();
    look();
    const std::string last = follower.take();
    EXPECT_TRUE(has(last, R"("sold_out":true)")) << last;
    EXPECT_TRUE(has(last, R"("stock_band":"none")")) << last;
}

TEST_P(EventsOfItems, tell_the_band_when_it_changes_and_never_a_count) {
    item_ = open_sale({.units = 10});
    Follower follower = follow();
    follower.take();
    std::string told;
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(sell());
        look();
        told += follower.take();
    }
    EXPECT_EQ(told.find("plenty"), std::string::npos);
    for (const char* band : {"some", "few", "none"}) {
        const std::string data = std::string{"data: {\"stock_band\":\""} + band + "\"}";
        EXPECT_EQ(told.find(data), told.rfind(data)) << band << " once in " << told;
        EXPECT_TRUE(has(told, data)) << told;
    }
    EXPECT_TRUE(has(told, R"("sold_out":true)")) << told;
    EXPECT_FALSE(has(told, "available"));
}

TEST_P(EventsOfItems, many_changes_between_two_looks_are_told_once) {
    item_ = open_sale({.units = 10});
    Follower follower = follow();
    follower.take();
    for (int i = 0; i < 9; ++i) static_cast<void>(sell());
    EXPECT_EQ(follower.bell->rings, 0);
    look();
    EXPECT_EQ(follower.bell->rings, 1);
    const std::string told = follower.take();
    EXPECT_TRUE(has(told, R"("stock_band":"few")")) << told;
    EXPECT_FALSE(has(told, "some")) << told;
}

TEST_P(EventsOfItems, a_client_that_was_behind_is_told_the_newest_state) {
    item_ = open_sale({.units = 10});
    Follower quick = follow();
    Follower slow = follow();
    quick.take();
    slow.take();
    for (int i = 0; i < 9; ++i) {
        static_cast<void>(sell());
        look();
        quick.take();
    }
    const std::string told = slow.take();
    EXPECT_TRUE(has(told, R"("stock_band":"few")")) << told;
    EXPECT_FALSE(has(told, "some")) << told;
}

TEST_P(EventsOfItems, one_change_is_rendered_once_for_all) {
    item_ = open_sale({.units = 2});
    std::vector<Follower> followers;
    for (int i = 0; i < 50; ++i) followers.push_back(follow());
    for (Follower& each : followers) each.take();
    static_cast<void>(sell());
    look();
    const http::EventText text = followers[0].source->next();
    ASSERT_NE(text, nullptr);
    for (std::size_t i = 1; i < followers.size(); ++i) {
        EXPECT_EQ(followers[i].bell->rings, 1);
        EXPECT_EQ(followers[i].source->next(), text);
    }
}

TEST_P(EventsOfItems, ids_rise) {
    item_ = open_sale({.units = 10});
    Follower follower = follow();
    std::string told = follower.take();
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(sell());
        look();
        told += follower.take();
    }
    std::int64_t before = 0;
    int events = 0;
    for (std::size_t at = 0; (at = told.find("\nid: ", at)) != std::string::npos; ++at) {
        const std::int64_t id = std::stoll(told.substr(at + 5));
        EXPECT_GE(id, before);
        before = id;
        ++events;
    }
    EXPECT_EQ(events, 6);  // two at the start, three bands, one sold out
}

TEST_P(EventsOfItems, tell_of_a_pause_and_of_the_kill_switch) {
    item_ = open_sale({.units = 10});
    Follower follower = follow();
    follower.take();
    execute("UPDATE promotions SET paused = 1");
    loader_.reload_blocking();
    look();
    EXPECT_TRUE(has(follower.take(), R"("paused":true)"));
    execute("UPDATE promotions SET paused = 0");
    loader_.reload_blocking();
    look();
    EXPECT_TRUE(has(follower.take(), R"("paused":false)"));
    execute("UPDATE flash_sale_switch SET stopped = 1");
    loader_.reload_blocking();
    look();
    EXPECT_TRUE(has(follower.take(), R"("paused":true)"));
}

TEST_P(EventsOfItems, an_offer_is_told_to_its_user_alone) {
    item_ = open_sale({.units = 1});
    const OrderNo held = sell();
    const UserId first = join();
    const UserId second = join();
    Follower guest = follow();
    Follower mine = follow(first);
    Follower other = follow(second);
    look_at_offers();
    for (Follower* each : {&guest, &mine, &other}) EXPECT_FALSE(has(each->take(), "offer"));

    give_back(held);
    look_at_offers();
    EXPECT_EQ(guest.bell->rings, 0);
    EXPECT_EQ(other.bell->rings, 0);
    EXPECT_EQ(mine.bell->rings, 1);
    const std::string told = mine.take();
    const Time until = clock_.now() - ItemEvents::kOffersEvery + waitlist_.settings().offer_for;
    EXPECT_TRUE(has(told, "event: offer\n")) << told;
    EXPECT_TRUE(has(told, R"("offered":true,"offered_until":")" + to_rfc3339(until))) << told;
    EXPECT_EQ(other.take() + guest.take(), "");

    // Who comes later is told at once.
    Follower again = follow(first);
    EXPECT_TRUE(has(again.take(), R"("offered":true)"));

    clock_.advance(waitlist_.settings().offer_for);
    WaitlistJob job{database(), waitlist_};
    test::run(job.pass_due());
    look_at_offers();
    EXPECT_TRUE(has(mine.take(), R"({"offered":false,"offered_until":null})"));
    EXPECT_TRUE(has(other.take(), R"("offered":true)"));
    EXPECT_EQ(guest.take(), "");
}

TEST_P(EventsOfItems, an_offer_that_stands_is_told_to_the_first_who_signs_in) {
    item_ = open_sale({.units = 1});
    const OrderNo held = sell();
    const UserId user = join();
    give_back(held);
    Follower follower = follow(user);
    follower.take();
    look_at_offers();
    EXPECT_TRUE(has(follower.take(), R"("offered":true)"));
}

TEST_P(EventsOfItems, an_offer_that_a_pause_prolongs_is_told_anew) {
    item_ = open_sale({.units = 1});
    const OrderNo held = sell();
    const UserId user = join();
    give_back(held);
    Follower follower = follow(user);
    look_at_offers();
    follower.take();
    execute("UPDATE promotion_stock SET open = 0, version = version + 1");
    clock_.advance(waitlist_.settings().offer_for);
    WaitlistJob job{database(), waitlist_};
    test::run(job.pass_due());
    const Time until = clock_.now() + waitlist_.settings().offer_for;
    look_at_offers();
    const std::string told = follower.take();
    EXPECT_TRUE(has(told, R"("offered_until":")" + to_rfc3339(until))) << told;
}

TEST_P(EventsOfItems, offers_that_cannot_be_read_are_read_later) {
    item_ = open_sale({.units = 1});
    const OrderNo held = sell();
    const UserId user = join();
    Follower follower = follow(user);
    follower.take();
    give_back(held);
    execute("ALTER TABLE promotion_waitlist RENAME TO away");
    look_at_offers();
    EXPECT_EQ(follower.take(), "");
    execute("ALTER TABLE away RENAME TO promotion_waitlist");
    look_at_offers();
    EXPECT_TRUE(has(follower.take(), R"("offered":true)"));
}

TEST_P(EventsOfItems, items_that_nobody_follows_are_forgotten) {
    item_ = open_sale({.units = 1});
    {
        const Follower follower = follow();
        look();
        EXPECT_EQ(events_.items(), 1u);
    }
    look();
    EXPECT_EQ(events_.items(), 0u);
}

TEST_P(EventsOfItems, the_route_follows_what_there_is) {
    item_ = open_sale({.units = 1});
    ItemEventsRoutesDeps deps{board_, events_};
    test::TokenAuthenticator authenticator;
    http::Router router{authenticator};
    router.add(item_events_routes(deps));
    const test::RouteClient guest{router};
    const std::string path = "/api/v1/flash-sales/" + item_.to_string() + "/events";
    EXPECT_EQ(guest.get(path).status, 200);
    EXPECT_EQ(guest.as("u1").get(path).status, 200);
    EXPECT_EQ(guest.get("/api/v1/flash-sales/999/events").error(), "promotion_item_not_found");
    execute("UPDATE promotions SET shadow = 1");
    loader_.reload_blocking();
    EXPECT_EQ(guest.get(path).error(), "promotion_item_not_found");
    EXPECT_EQ(guest.get("/api/v1/flash-sales/x/events").error(), "promotion_item_not_found");
}

}  // namespace
}  // namespace doorbuster::flash_sale
