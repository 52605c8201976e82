#include "adapters/memory/in_process_bus.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/run_task.hpp"

namespace doorbuster::memory {
namespace {

class InProcessBusTest : public testing::Test {
protected:
    // A consumer that notes what it gets and cannot deal with the topic "bad".
    void listen(const std::string& consumer, std::vector<std::string> topics) {
        const auto handle = [this, consumer](EventList events) { return note(consumer, events); };
        bus_.subscribe({consumer, std::move(topics), handle});
    }
    void listen_and_fail(const std::string& consumer) {
        bus_.subscribe({consumer, {"*"}, [](EventList) { return fail(); }});
    }
    Task<EventFailures> note(std::string consumer, EventList events) {
        EventFailures failures;
        std::string heard = consumer;
        for (std::size_t i = 0; i < events.size(); ++i) {
            heard += ' ' + events[i]->topic;
            if (events[i]->topic == "bad") failures.push_back({i, "bad"});
        }
        heard_.push_back(heard);
        co_return failures;
    }
    static Task<EventFailures> fail() {
        throw std::runtime_error{"no"};
        co_return EventFailures{};
    }
    EventFailures publish(const std::vector<std::string>& topics) {
        std::vector<Event> events;
        for (const std::string& topic : topics) {
            events.push_back({EventId{1}, topic, "k", "{}", Time{}});
        }
        std::vector<const Event*> list;
        for (const Event& event : events) list.push_back(&event);
        return test::run(bus_.publish(list));
    }

    InProcessBus bus_;
    std::vector<std::string> heard_;
};

TEST_F(InProcessBusTest, tells_each_consumer_what_it_asked_for_at_once_and_in_order) {
    listen("a", {"order.paid", "order.closed"});
    listen("b", {"*"});
    listen("c", {"order.placed"});
    EXPECT_TRUE(publish({"order.closed", "order.shipped", "order.paid"}).empty());
    const std::vector<std::string> expected{
        "a order.closed order.paid", "b order.closed order.shipped order.paid"};
    EXPECT_EQ(heard_, expected);
}

TEST_F(InProcessBusTest, keeps_no_consumer_from_an_event_because_another_failed) {
    listen_and_fail("first");
    listen("second", {"*"});
    EXPECT_EQ(publish({"order.paid", "order.closed"}).size(), 2u);
    EXPECT_EQ(heard_, std::vector<std::string>{"second order.paid order.closed"});
}

TEST_F(InProcessBusTest, tells_which_events_failed_and_names_the_consumers) {
    listen("first", {"bad", "good"});
    listen("second", {"*"});
    const EventFailures failures = publish({"other", "good", "bad"});
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].index, 2u);
    EXPECT_EQ(failures[0].reason, "first: bad; second: bad");
}

TEST_F(InProcessBusTest, takes_an_event_that_nobody_wants) {
    listen("a", {"order.paid"});
    EXPECT_TRUE(publish({"nothing"}).empty());
    EXPECT_TRUE(heard_.empty());
}

// Enough of a reader for a consumer that asks it nothing.
class NoReader final : public sql::Reader {
public:
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    void query(const sql::Statement&, std::span<const sql::Param>, const EachRow&) override {}
};

TEST_F(InProcessBusTest, knows_whether_a_topic_is_wanted_just_now) {
    NoReader reader;
    EXPECT_FALSE(bus_.wants(reader, "order.paid"));
    listen("a", {"order.paid"});
    EXPECT_TRUE(bus_.wants(reader, "order.paid"));
    EXPECT_FALSE(bus_.wants(reader, "order.closed"));
    bool awake = false;
    const auto wants = [&](sql::Reader&, std::string_view topic) {
        return awake && topic == "order.closed";
    };
    bus_.subscribe({"b", {"*"}, [](EventList) { return fail(); }, wants});
    EXPECT_FALSE(bus_.wants(reader, "order.closed"));
    awake = true;
    EXPECT_TRUE(bus_.wants(reader, "order.closed"));
    EXPECT_FALSE(bus_.wants(reader, "order.shipped"));
}

TEST(InProcessBusDeathTest, refuses_two_consumers_of_one_name) {
    InProcessBus bus;
    const auto handle = [](EventList) -> Task<EventFailures> { co_return EventFailures{}; };
    bus.subscribe({"a", {"*"}, handle});
    EXPECT_DEATH(bus.subscribe({"a", {"*"}, handle}), "");
}

}  // namespace
}  // namespace doorbuster::memory
