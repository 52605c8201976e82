#include "simulation/scheduler.hpp"

#include <gtest/gtest.h>

namespace doorbuster::simulation {
namespace {

using namespace std::chrono_literals;

TEST(Scheduler, lets_events_happen_by_due_time_then_by_age) {
    Trace trace{true};
    Scheduler scheduler{trace};
    scheduler.after(5us, [&] { scheduler.note("third"); });
    scheduler.after(2us, [&] { scheduler.note("first"); });
    scheduler.after(2us, [&] { scheduler.note("second"); });
    while (scheduler.step()) {
    }
    EXPECT_EQ(trace.lines(), (std::vector<std::string>{"2 first", "2 second", "5 third"}));
}

TEST(Scheduler, wakes_sleepers_in_simulated_time) {
    Trace trace{true};
    Scheduler scheduler{trace};
    const auto sleeper = [&]() -> Task<void> {
        co_await scheduler.sleep(std::chrono::hours{10});
        scheduler.note("awake");
    };
    scheduler.start(sleeper());
    scheduler.settle();
    EXPECT_TRUE(trace.lines().empty());
    while (scheduler.step()) {
    }
    EXPECT_EQ(trace.lines().size(), 1u);
    EXPECT_EQ(scheduler.clock().true_now(), SimClock::kStart + std::chrono::hours{10});
}

TEST(Scheduler, may_end_while_coroutines_sleep) {
    Trace trace{false};
    bool destroyed = false;
    struct Witness {
        bool& flag;
        ~Witness() { flag = true; }
    };
    {
        Scheduler scheduler{trace};
        const auto sleeper = [&]() -> Task<void> {
            const Witness witness{destroyed};
            co_await scheduler.sleep(1s);
        };
        scheduler.start(sleeper());
        scheduler.settle();
    }
    EXPECT_TRUE(destroyed);
}

TEST(SimClock, wall_time_can_be_wrong_and_steady_time_cannot) {
    SimClock clock;
    clock.move_to(1500us);
    clock.set_wrong_by(-1h);
    EXPECT_EQ(clock.now(), SimClock::kStart + 1ms - 1h);
    EXPECT_EQ(clock.true_now(), SimClock::kStart + 1ms);
    EXPECT_EQ(clock.steady().time_since_epoch(), 1500us);
}

TEST(Trace, the_hash_tells_lines_and_their_order) {
    const auto hash_of = [](std::vector<std::string> lines) {
        Trace trace{false};
        for (const std::string& line : lines) trace.note(line);
        return trace.hash();
    };
    EXPECT_EQ(hash_of({"a", "b"}), hash_of({"a", "b"}));
    EXPECT_NE(hash_of({"a", "b"}), hash_of({"b", "a"}));
    EXPECT_NE(hash_of({"ab"}), hash_of({"a", "b"}));
}

}  // namespace
}  // namespace doorbuster::simulation
