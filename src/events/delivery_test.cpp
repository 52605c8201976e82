#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "events/bounded.hpp"
#include "support/event_world.hpp"

namespace doorbuster::events {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Delivery : public test::EventWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Delivery);

TEST_P(Delivery, tells_what_was_committed_and_nothing_else) {
    count_effects();
    append("order.placed");
    const auto refused = [&](sql::Transaction& tx) -> Result<void> {
        outbox_.append(tx, "order.refused", "key", "{}");
        return kNotFound;
    };
    EXPECT_TRUE(database().write_blocking(refused).has_error());
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(text("SELECT topic FROM effects"), "order.placed");
    EXPECT_EQ(unpublished(), 0);
    EXPECT_EQ(relay_once(), 0u);
}

TEST_P(Delivery, tells_urgent_events_before_all_that_wait) {
    std::vector<std::string> told;
    listen("reader", [&](const Event& event) -> Task<void> {
        told.push_back(event.topic);
        co_return;
    });
    const std::vector<Outbox::Entry> many(5, {"key", "{}"});
    database().write_blocking([&](sql::Transaction& tx) {
        outbox_.append_many(tx, "order.placed", many);
        outbox_.append(tx, "payment.succeeded", "key", "{}", Urgency::urgent);
    });
    RelayOptions one;
    one.batch_max = 1;
    EXPECT_EQ(relay_once(one), 1u);
    EXPECT_EQ(told, std::vector<std::string>{"payment.succeeded"});
    EXPECT_EQ(relay_once(), 5u);
}

TEST_P(Delivery, keeps_what_an_event_said) {
    Event told;
    listen("reader", [&](const Event& event) -> Task<void> {
        told = event;
        co_return;
    });
    const auto body = [&](sql::Transaction& tx) {
        outbox_.append(tx, "order.paid", "4711", R"({"title":"双十一 \"now\""})");
    };
    database().write_blocking(body);
    relay_once();
    EXPECT_EQ(told.topic, "order.paid");
    EXPECT_EQ(told.key, "4711");
    EXPECT_EQ(told.payload, R"({"title":"双十一 \"now\""})");
    EXPECT_EQ(told.at, clock_.now());
    EXPECT_GT(told.id.value(), 0);
}

TEST_P(Delivery, repeats_after_a_crash_between_work_and_mark_with_no_second_effect) {
    count_effects();
    append("order.paid");
    // The work of the first relay is committed, and it dies before it marks the event.
    bus_.lose_answer = true;
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(unpublished(), 1);
    bus_.lose_answer = false;
    clock_.advance(minutes{2});
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(bus_.published["order.paid"], 2);
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Delivery, puts_a_failing_event_off_for_longer_each_time_and_never_gives_up) {
    bus_.refuse.insert("order.paid");
    append("order.paid");
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 12; ++i) {
        ASSERT_EQ(relay_once(), 1u);
        const auto due = integer("SELECT next_attempt_at FROM outbox");
        const Milliseconds wait{due - to_milliseconds(clock_.now())};
        waits.push_back(wait.count());
        clock_.advance(wait - Milliseconds{1});
        EXPECT_EQ(relay_once(), 0u);
        clock_.advance(Milliseconds{1});
    }
    const std::vector<std::int64_t> expected{
        1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000, 300000};
    EXPECT_EQ(waits, expected);
    bus_.refuse.clear();
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Delivery, marks_the_others_of_a_batch_when_one_fails) {
    bus_.refuse.insert("bad");
    for (const char* topic : {"a", "bad", "b", "c"}) append(topic);
    EXPECT_EQ(relay_once(), 4u);
    EXPECT_EQ(unpublished(), 1);
    EXPECT_EQ(text("SELECT topic FROM outbox WHERE published_at IS NULL"), "bad");
    EXPECT_EQ(integer("SELECT attempts FROM outbox WHERE topic = 'bad'"), 1);
}

TEST_P(Delivery, goes_on_in_bounded_batches_until_all_is_told) {
    count_effects();
    for (int i = 0; i < 7; ++i) append("order.paid");
    RelayOptions options;
    options.batch_max = 3;
    EXPECT_EQ(relay_once(options), 3u);
    EXPECT_EQ(relay_once(options), 3u);
    EXPECT_EQ(relay_once(options), 1u);
    EXPECT_EQ(effects(), 7);
}

TEST_P(Delivery, finds_an_event_that_commits_after_one_with_a_larger_id_was_told) {
    count_effects();
    const char* insert =
        "INSERT INTO outbox (id, topic, key, payload, created_at) VALUES ($1, $2, 'k', '{}', 0)";
    execute(insert, {1000, "later id"});
    EXPECT_EQ(relay_once(), 1u);
    execute(insert, {999, "earlier id"});
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(effects(), 2);
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Delivery, passes_over_what_is_not_committed_and_tells_it_later) {
    if (on_sqlite()) GTEST_SKIP() << "one writer: transactions do not overlap";
    count_effects();
    std::promise<void> appended;
    std::promise<void> may_commit;
    std::thread slow{[&] {
        const auto body = [&](sql::Transaction& tx) {
            outbox_.append(tx, "slow commit", "key", "{}");
            appended.set_value();
            may_commit.get_future().wait();
        };
        database().write_blocking(body);
    }};
    appended.get_future().wait();
    append("quick commit");
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(text("SELECT topic FROM effects"), "quick commit");
    may_commit.set_value();
    slow.join();
    EXPECT_EQ(relay_once(), 1u);
    EXPECT_EQ(effects(), 2);
}

TEST_P(Delivery, is_shared_by_several_relays_of_one_database) {
    if (on_sqlite()) GTEST_SKIP() << "only one process writes to an SQLite database";
    constexpr int kEvents = 60;
    for (int i = 0; i < kEvents; ++i) append("order.paid");
    RelayOptions options;
    options.batch_max = 10;
    std::array<test::ScriptedBus, 3> buses;
    const auto serve = [&](std::size_t index) -> Task<void> {
        Relay relay{database(), buses[index], clock_, options};
        while (co_await relay.run_once() > 0) {
        }
    };
    test::run(for_each_bounded(buses.size(), buses.size(), serve));
    int published = 0;
    for (test::ScriptedBus& bus : buses) published += bus.published["order.paid"];
    EXPECT_EQ(published, kEvents);
    EXPECT_EQ(unpublished(), 0);
}

TEST_P(Delivery, takes_over_what_a_dead_relay_had_taken) {
    if (on_sqlite()) GTEST_SKIP() << "nothing is taken there";
    append("order.paid");
    // What a relay that died in the middle leaves behind.
    execute("UPDATE outbox SET next_attempt_at = $1", {clock_.now() + seconds{60}});
    EXPECT_EQ(relay_once(), 0u);
    clock_.advance(seconds{60});
    EXPECT_EQ(relay_once(), 1u);
}

TEST_P(Delivery, is_woken_by_a_commit_and_stops_when_told) {
    Relay relay{database(), bus_, clock_, {.poll = hours{1}}};
    outbox_.on_append([&](Urgency urgency) { relay.wake(urgency); });
    std::stop_source stop;
    listen("stopper", [&](const Event&) -> Task<void> {
        stop.request_stop();
        co_return;
    });
    std::thread writer{[&] { append("order.paid"); }};
    test::run(relay.run(stop.get_token()));
    writer.join();
    EXPECT_EQ(bus_.published["order.paid"], 1);
    EXPECT_EQ(unpublished(), 0);
}

}  // namespace
}  // namespace doorbuster::events
