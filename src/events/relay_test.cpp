#include "events/relay.hpp"

#include <algorithm>

#include "support/event_world.hpp"

namespace doorbuster::events {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// What is told, to whom, when, and in whose company.
class Telling : public test::EventWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Telling);

TEST_P(Telling, hands_over_a_batch_at_once_and_in_order) {
    std::vector<EventId> seen;
    listen("reader", [&](const Event& event) -> Task<void> {
        seen.push_back(event.id);
        co_return;
    });
    append_many("order.placed", 50);
    EXPECT_EQ(relay_once(), 50u);
    EXPECT_EQ(bus_.lists, std::vector<std::size_t>{50});
    EXPECT_EQ(seen.size(), 50u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Telling, marks_what_nobody_wants_and_tells_it_to_nobody) {
    bus_.wanted_by_others = false;
    append_many("order.placed", 5);
    EXPECT_EQ(relay_once(), 5u);
    EXPECT_EQ(unpublished(), 0);
    EXPECT_TRUE(bus_.lists.empty());
    EXPECT_EQ(relay_once(), 0u);
}

TEST_P(Telling, misses_nobody_whose_wish_was_there_before_the_event) {
    execute("CREATE TABLE wishes (topic TEXT NOT NULL)");
    const auto wants = [](sql::Reader& reader, std::string_view topic) {
        static constexpr std::string_view text = "SELECT 1 FROM wishes WHERE topic = $1";
        static constexpr sql::Statement find{"test.wish", text, text};
        return reader.find(find, {topic}, [](const sql::Row&) { return true; }).has_value();
    };
    const auto work = [](sql::Transaction& tx, EventList events) {
        for (const Event* event : events) note_effect(tx, *event);
    };
    subscriptions().on_many("wishful", {"*"}, work, wants);
    bus_.wanted_by_others = false;
    append("order.paid");
    append("order.closed");
    relay_once();
    EXPECT_EQ(effects(), 0);
    EXPECT_EQ(unpublished(), 0);
    execute("INSERT INTO wishes (topic) VALUES ('order.paid')");
    append("order.paid");
    append("order.closed");
    relay_once();
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(remembered(), 1);
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Telling, tells_a_bad_event_again_in_the_company_of_its_like) {
    bus_.refuse.insert("bad");
    append("bad");
    append_many("good", 3);
    append("bad");
    relay_once();
    bus_.lists.clear();
    clock_.advance(seconds{1});
    append_many("good", 4);
    relay_once();
    const std::vector<std::size_t> expected{4, 2};
    EXPECT_EQ(bus_.lists, expected);
    EXPECT_EQ(unpublished(), 2);
}

TEST_P(Telling, can_leave_ordinary_events_alone) {
    append_many("order.placed", 3);
    append_urgent("payment.succeeded");
    Relay relay{database(), bus_, clock_};
    EXPECT_EQ(test::run(relay.run_once(Urgency::urgent)), 1u);
    EXPECT_EQ(bus_.published["payment.succeeded"], 1);
    EXPECT_EQ(unpublished(), 3);
}

TEST_P(Telling, lets_ordinary_events_wait_for_company_and_urgent_ones_for_nothing) {
    Relay relay{database(), bus_, clock_, {.poll = hours{1}, .gather = hours{1}}};
    outbox_.on_append([&](Urgency urgency) { relay.wake(urgency); });
    std::stop_source stop;
    listen("shop", [&](const Event& event) -> Task<void> {
        if (event.topic == "first") {
            append("second");
            append_urgent("urgent");
        }
        if (event.topic == "urgent") stop.request_stop();
        co_return;
    });
    append("first");
    test::run(relay.run(stop.get_token()));
    EXPECT_EQ(bus_.published["urgent"], 1);
    EXPECT_EQ(bus_.published["second"], 0);
    EXPECT_EQ(unpublished(), 1);
}

TEST_P(Telling, goes_on_without_a_pause_until_a_backlog_is_told) {
    Relay relay{database(), bus_, clock_, {.batch_max = 10, .poll = hours{1}}};
    std::stop_source stop;
    int heard = 0;
    listen("counter", [&](const Event&) -> Task<void> {
        if (++heard == 95) stop.request_stop();
        co_return;
    });
    append_many("order.placed", 95);
    test::run(relay.run(stop.get_token()));
    EXPECT_EQ(heard, 95);
    EXPECT_EQ(unpublished(), 0);
}

}  // namespace
}  // namespace doorbuster::events
