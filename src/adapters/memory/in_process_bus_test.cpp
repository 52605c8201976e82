#include "adapters/memory/in_process_bus.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/run_task.hpp"

namespace doorbuster::memory {
namespace {

Task<void> note(std::vector<std::string>& seen, std::string consumer, std::string topic) {
    seen.push_back(consumer + " " + topic);
    co_return;
}

Task<void> fail() {
    throw std::runtime_error{"no"};
    co_return;
}

Event event(std::string topic) { return {EventId{1}, std::move(topic), "k", "{}", Time{}}; }

class InProcessBusTest : public testing::Test {
protected:
    void listen(const std::string& consumer, std::vector<std::string> topics) {
        const auto handler = [this, consumer](const Event& e) {
            return note(seen_, consumer, e.topic);
        };
        bus_.subscribe(consumer, std::move(topics), handler);
    }
    void listen_and_fail(const std::string& consumer) {
        bus_.subscribe(consumer, {"*"}, [](const Event&) { return fail(); });
    }
    void publish(const std::string& topic) {
        const Event told = event(topic);
        test::run(bus_.publish(told));
    }

    InProcessBus bus_;
    std::vector<std::string> seen_;
};

TEST_F(InProcessBusTest, tells_each_consumer_what_it_asked_for) {
    listen("a", {"order.paid", "order.closed"});
    listen("b", {"*"});
    publish("order.paid");
    publish("order.shipped");
    const std::vector<std::string> expected{"a order.paid", "b order.paid", "b order.shipped"};
    EXPECT_EQ(seen_, expected);
}

TEST_F(InProcessBusTest, keeps_no_consumer_from_an_event_because_another_failed) {
    listen_and_fail("first");
    listen("second", {"*"});
    EXPECT_THROW(publish("order.paid"), std::runtime_error);
    EXPECT_EQ(seen_, std::vector<std::string>{"second order.paid"});
}

TEST_F(InProcessBusTest, names_every_consumer_that_failed) {
    listen_and_fail("first");
    listen_and_fail("second");
    try {
        publish("order.paid");
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "first: no; second: no");
    }
}

TEST_F(InProcessBusTest, takes_an_event_that_nobody_wants) { EXPECT_NO_THROW(publish("nothing")); }

TEST(InProcessBusDeathTest, refuses_two_consumers_of_one_name) {
    InProcessBus bus;
    const auto handler = [](const Event&) { return fail(); };
    bus.subscribe("a", {"*"}, handler);
    EXPECT_DEATH(bus.subscribe("a", {"*"}, handler), "");
}

}  // namespace
}  // namespace doorbuster::memory
