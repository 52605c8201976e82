#include "events/bounded.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/clock.hpp"
#include "events/wakeup.hpp"
#include "support/run_task.hpp"

namespace doorbuster::events {
namespace {

TEST(ForEachBounded, never_runs_more_than_it_may_and_ends_when_all_have) {
    std::size_t running = 0;
    std::size_t most = 0;
    std::size_t done = 0;
    const auto work = [&](std::size_t) -> Task<void> {
        most = std::max(most, ++running);
        Wakeup nobody;
        co_await nobody.wait(Milliseconds{1});
        --running;
        ++done;
    };
    test::run(for_each_bounded(20, 4, work));
    EXPECT_EQ(most, 4u);
    EXPECT_EQ(done, 20u);
}

TEST(ForEachBounded, throws_the_first_failure_after_all_have_ended) {
    std::size_t done = 0;
    const auto work = [&](std::size_t index) -> Task<void> {
        ++done;
        if (index == 1) throw std::runtime_error{"one of them"};
        co_return;
    };
    EXPECT_THROW(test::run(for_each_bounded(5, 2, work)), std::runtime_error);
    EXPECT_EQ(done, 5u);
}

TEST(Wakeup, does_not_lose_a_call_that_comes_before_the_sleep) {
    Wakeup wakeup;
    wakeup.wake();
    test::run(wakeup.wait(std::chrono::hours{1}));
    SUCCEED();
}

}  // namespace
}  // namespace doorbuster::events
