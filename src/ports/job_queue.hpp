#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "core/clock.hpp"
#include "ports/database.hpp"

namespace doorbuster::sql {

// The jobs that wait for a database thread, for adapters. Bounded; urgent jobs have room of their
// own and go first. Every job pushed is either taken or finished with Unavailable. Thread-safe.
class JobQueue {
public:
    struct Limits {
        std::size_t jobs_max = 8192;
        std::size_t urgent_max = 2048;
    };

    JobQueue(Limits limits, const Clock& clock) : limits_{limits}, clock_{clock} {}

    // Queues the job, or finishes it when there is no room or the queue is closed. Wakes a consumer
    // only if one sleeps.
    void push(Job& job);

    // Waits until there is work or the queue is closed, at most for `idle_max`; then moves up to
    // `count_max` jobs that are still in time into `jobs`. False: closed, and nothing is left.
    bool take(std::vector<Job*>& jobs, std::size_t count_max, Milliseconds idle_max);

    // Finishes the jobs that have waited too long. Also done by `take`; call it now and then when
    // all consumers may be busy.
    void expire();

    // No more jobs; those queued are still handed out.
    void close();

    std::size_t size() const;
    // When a job that is taken now must have begun.
    static bool late(const Job& job, std::chrono::steady_clock::time_point now) {
        return now - job.submitted > job.options.wait_max;
    }

private:
    // A singly linked list through Job::next, in order of arrival.
    struct List {
        Job* first = nullptr;
        Job* last = nullptr;
        std::size_t count = 0;
        void append(Job& job);
        Job* pop();
    };
    bool empty() const { return !ordinary_.first && !urgent_.first; }
    Job* pop();
    static void move_late(List& list, std::chrono::steady_clock::time_point now, List& late_jobs);
    static void refuse(List& jobs, const char* reason);

    const Limits limits_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    List ordinary_;
    List urgent_;
    std::size_t sleeping_ = 0;
    bool closed_ = false;
};

}  // namespace doorbuster::sql
