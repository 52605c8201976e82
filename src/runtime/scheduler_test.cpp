#include "runtime/scheduler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <vector>

namespace doorbuster::runtime {
namespace {

using namespace std::chrono_literals;

class SchedulerTest : public testing::Test {
protected:
    void run() {
        scheduler_.start();
        loop_.run();  // returns when every job loop has ended
        scheduler_.wait();
    }

    boost::asio::io_context loop_{1};
    Scheduler scheduler_{loop_.get_executor()};
};

TEST_F(SchedulerTest, a_job_with_more_to_do_runs_again_at_once) {
    int runs = 0;
    // An interval that no test waits for: only the answer can bring the next run.
    scheduler_.every("sweep", 24h, [&]() -> Task<bool> {
        if (++runs == 3) scheduler_.stop();
        co_return runs < 3;
    });
    run();
    EXPECT_EQ(runs, 3);
}

TEST_F(SchedulerTest, a_failing_job_does_not_stop_itself_or_others) {
    int failures = 0;
    int successes = 0;
    const auto stop_when_both_ran = [&] {
        if (failures >= 2 && successes >= 2) scheduler_.stop();
    };
    scheduler_.every("bad", 1ms, [&]() -> Task<bool> {
        ++failures;
        stop_when_both_ran();
        throw std::runtime_error{"broken"};
        co_return false;
    });
    scheduler_.every("good", 1ms, [&]() -> Task<bool> {
        ++successes;
        stop_when_both_ran();
        co_return false;
    });
    run();
    EXPECT_GE(failures, 2);
    EXPECT_GE(successes, 2);
}

TEST_F(SchedulerTest, a_woken_job_does_not_wait_for_its_interval) {
    int runs = 0;
    Scheduler::Wake wake;
    wake = scheduler_.every("sleeper", 24h, [&]() -> Task<bool> {
        if (++runs == 3) scheduler_.stop();
        boost::asio::post(loop_, wake);  // when it sleeps again
        co_return false;
    });
    run();
    EXPECT_EQ(runs, 3);
}

TEST_F(SchedulerTest, a_job_that_is_woken_while_it_runs_runs_again) {
    int runs = 0;
    Scheduler::Wake wake;
    wake = scheduler_.every("self", 24h, [&]() -> Task<bool> {
        if (++runs == 3) scheduler_.stop();
        wake();
        wake();
        co_return false;
    });
    run();
    EXPECT_EQ(runs, 3);
}

TEST_F(SchedulerTest, is_woken_from_other_threads_before_it_starts_and_after_it_stopped) {
    std::atomic<int> runs = 0;
    std::vector<std::thread> wakers;
    const auto wake = scheduler_.every("sleeper", 24h, [&]() -> Task<bool> {
        if (++runs == 100) scheduler_.stop();
        co_return false;
    });
    wake();
    std::atomic<bool> over = false;
    for (int i = 0; i < 4; ++i) {
        wakers.emplace_back([&] {
            while (!over) wake();
        });
    }
    run();
    over = true;
    for (std::thread& waker : wakers) waker.join();
    EXPECT_EQ(runs, 100);
}

TEST_F(SchedulerTest, stops_from_another_thread_while_jobs_sleep) {
    scheduler_.every("sleeper", 24h, []() -> Task<bool> { co_return false; });
    scheduler_.start();
    std::thread thread{[&] { loop_.run(); }};
    scheduler_.stop();
    scheduler_.wait();
    thread.join();
}

}  // namespace
}  // namespace doorbuster::runtime
