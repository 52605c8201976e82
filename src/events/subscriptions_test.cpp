#include "events/subscriptions.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "events/bounded.hpp"
#include "support/event_world.hpp"

namespace doorbuster::events {
namespace {

// What consumers make of lists of events.
class Consumers : public test::EventWorld {
protected:
    // Events 1 to `count`, of two orders in turn.
    std::vector<Event> events(std::int64_t count) const {
        std::vector<Event> made;
        for (std::int64_t id = 1; id <= count; ++id) {
            made.push_back(event(id, "order.paid", id % 2 == 0 ? "even" : "odd"));
        }
        return made;
    }
    void count_effects_together(Subscriptions::Wants wants = {}) {
        const auto work = [this](sql::Transaction& tx, EventList list) {
            lists_.push_back(list.size());
            for (const Event* one : list) note_effect(tx, *one);
        };
        subscriptions().on_many("counter", {"*"}, work, std::move(wants));
    }

    std::vector<std::size_t> lists_;  // how many events a transaction had
};
DOORBUSTER_ON_BOTH_ENGINES(Consumers);

TEST_P(Consumers, take_many_events_in_one_transaction_in_their_order) {
    std::vector<EventId> seen;
    const auto work = [&](sql::Transaction&, EventList list) {
        seen.clear();
        for (const Event* one : list) seen.push_back(one->id);
    };
    subscriptions().on_many("reader", {"*"}, work);
    EXPECT_TRUE(publish(events(5)).empty());
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(remembered(), 5);
}

TEST_P(Consumers, take_the_new_ones_of_a_list_that_comes_again) {
    count_effects_together();
    publish(events(3));
    publish(events(5));
    EXPECT_EQ(effects(), 5);
    EXPECT_EQ(integer("SELECT count(DISTINCT event_id) FROM effects"), 5);
    EXPECT_EQ(lists_.back(), 2u);
}

TEST_P(Consumers, neither_work_on_nor_remember_what_does_not_concern_them) {
    std::vector<Event> list = events(6);
    list[4].payload = "?";  // the work fails of this one
    const auto work = [](sql::Transaction& tx, const Event& one) {
        if (one.payload == "?") throw std::runtime_error{"bad"};
        note_effect(tx, one);
    };
    const auto is_odd = [](const Event& one) {
        if (one.payload == "?") throw std::runtime_error{"cannot be read"};
        return one.key == "odd";
    };
    subscriptions().on("counter", {"*"}, work, is_odd);
    const auto failures = publish(list);
    EXPECT_EQ(effects(), 2);
    EXPECT_EQ(remembered(), 2);
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].index, 4u);
    EXPECT_EQ(failures[0].reason, "bad");
}

TEST_P(Consumers, have_each_event_take_effect_once_when_it_is_told_many_times_at_once) {
    count_effects("first");
    count_effects("second");
    const Event one = event(7);
    const Event* const list[] = {&one};
    const auto publish = [&](std::size_t) -> Task<void> { co_await bus_.publish(list); };
    test::run(for_each_bounded(16, 16, publish));
    EXPECT_EQ(effects(), 2);
    EXPECT_EQ(remembered(), 2);
}

TEST_P(Consumers, refuse_one_bad_event_alone) {
    const auto work = [](sql::Transaction& tx, EventList list) {
        for (const Event* one : list) {
            if (one->id == EventId{3}) throw std::runtime_error{"what is this?"};
            note_effect(tx, *one);
        }
    };
    subscriptions().on_many("picky", {"*"}, work);
    const EventFailures failures = publish(events(5));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].index, 2u);
    EXPECT_EQ(failures[0].reason, "what is this?");
    EXPECT_EQ(effects(), 4);
    EXPECT_EQ(integer("SELECT count(*) FROM inbox WHERE event_id = 3"), 0);
}

TEST_P(Consumers, refuse_an_event_that_the_database_refuses_alone) {
    execute("CREATE UNIQUE INDEX effects_once ON effects (topic) WHERE topic = 'unique'");
    execute("INSERT INTO effects (event_id, topic) VALUES (0, 'unique')");
    count_effects_together();
    const EventFailures failures =
        publish({event(1), event(2, "unique"), event(3), event(4, "unique")});
    ASSERT_EQ(failures.size(), 2u);
    EXPECT_EQ(failures[0].index, 1u);
    EXPECT_EQ(failures[1].index, 3u);
    EXPECT_EQ(effects(), 3);
    EXPECT_EQ(remembered(), 2);
}

TEST_P(Consumers, forget_an_event_whose_work_failed_and_take_it_the_next_time) {
    bool ready = false;
    const auto work = [&](sql::Transaction& tx, const Event& one) {
        note_effect(tx, one);
        if (!ready) throw std::runtime_error{"not now"};
    };
    subscriptions().on("fragile", {"*"}, work);
    EXPECT_EQ(publish(events(2)).size(), 2u);
    EXPECT_EQ(remembered(), 0);
    EXPECT_EQ(effects(), 0);
    ready = true;
    EXPECT_TRUE(publish(events(2)).empty());
    EXPECT_EQ(effects(), 2);
}

TEST_P(Consumers, neither_take_nor_remember_what_they_do_not_want_just_now) {
    bool awake = false;
    count_effects_together([&](sql::Reader&, std::string_view topic) {
        return awake && topic == "order.paid";
    });
    publish(events(3));
    EXPECT_EQ(remembered(), 0);
    awake = true;
    publish({event(1), event(4, "order.shipped")});
    EXPECT_EQ(remembered(), 1);
    EXPECT_EQ(effects(), 1);
}

TEST_P(Consumers, work_on_the_events_of_one_key_in_turn) {
    std::mutex mutex;
    std::map<std::string, std::vector<std::int64_t>> seen;
    const auto work = [&](sql::Transaction&, const Event& one) {
        const std::lock_guard lock{mutex};
        seen[one.key].push_back(one.id.value());
    };
    subscriptions().on("reader", {"*"}, work);
    publish(events(40));
    ASSERT_EQ(seen.size(), 2u);
    for (const auto& [key, ids] : seen) {
        EXPECT_EQ(ids.size(), 20u);
        EXPECT_TRUE(std::ranges::is_sorted(ids)) << key;
    }
}

// Where others write too, they may lock the same rows in another order.
TEST_P(Consumers, have_a_transaction_for_each_event_on_a_database_with_several_writers) {
    static constexpr sql::Statement kMine{
        "test.mine",
        "SELECT count(*) FROM effects",
        "SELECT count(*) FROM effects WHERE xmin = CAST(pg_current_xact_id() AS XID)"};
    std::atomic<std::int64_t> most = 0;
    const auto work = [&](sql::Transaction& tx, const Event& one) {
        note_effect(tx, one);
        const auto count_of = [](const sql::Row& row) { return row.integer(0); };
        most = std::max(most.load(), tx.find(kMine, {}, count_of).value());
    };
    subscriptions().on("counter", {"*"}, work);
    publish(events(10));
    EXPECT_EQ(most, on_sqlite() ? 10 : 1);
    EXPECT_EQ(effects(), 10);
}

TEST_P(Consumers, split_long_lists) {
    count_effects_together();
    publish(events(1200));
    EXPECT_EQ(effects(), 1200);
    EXPECT_GE(lists_.size(), 3u);
    EXPECT_LE(std::ranges::max(lists_), 500u);
}

}  // namespace
}  // namespace doorbuster::events
