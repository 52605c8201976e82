#include "ports/job_queue.hpp"

namespace doorbuster::sql {

void JobQueue::List::append(Job& job) {
    job.next = nullptr;
    (last ? last->next : first) = &job;
    last = &job;
    ++count;
}

Job* JobQueue::List::pop() {
    Job* const job = first;
    if (!job) return nullptr;
    first = job->next;
    if (!first) last = nullptr;
    --count;
    return job;
}

void JobQueue::push(Job& job) {
    job.submitted = clock_.steady();
    const char* refusal = nullptr;
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        List& list = job.options.urgent ? urgent_ : ordinary_;
        const std::size_t max = job.options.urgent ? limits_.urgent_max : limits_.jobs_max;
        if (closed_) {
            refusal = "the database is closing";
        } else if (list.count >= max) {
            refusal = "the database queue is full";
        } else {
            list.append(job);
            wake = sleeping_ > 0;
        }
    }
    if (refusal) return job.finished(std::make_exception_ptr(Unavailable{refusal}));
    if (wake) arrived_.notify_one();
}

Job* JobQueue::pop() {
    Job* const job = urgent_.pop();
    return job ? job : ordinary_.pop();
}

bool JobQueue::take(std::vector<Job*>& jobs, std::size_t count_max, Milliseconds idle_max) {
    List late_jobs;
    bool open = true;
    {
        std::unique_lock lock{mutex_};
        if (empty() && !closed_) {
            ++sleeping_;
            arrived_.wait_for(lock, idle_max, [&] { return !empty() || closed_; });
            --sleeping_;
        }
        open = !closed_ || !empty();
        const auto now = clock_.steady();
        while (jobs.size() < count_max) {
            Job* const job = pop();
            if (!job) break;
            if (late(*job, now)) {
                late_jobs.append(*job);
            } else {
                jobs.push_back(job);
            }
        }
    }
    refuse(late_jobs, "the database did not get to it in time");
    return open;
}

void JobQueue::expire() {
    List late_jobs;
    {
        const std::lock_guard lock{mutex_};
        const auto now = clock_.steady();
        move_late(urgent_, now, late_jobs);
        move_late(ordinary_, now, late_jobs);
    }
    refuse(late_jobs, "the database did not get to it in time");
}

void JobQueue::move_late(List& list, std::chrono::steady_clock::time_point now, List& late_jobs) {
    List in_time;
    while (Job* const job = list.pop()) (late(*job, now) ? late_jobs : in_time).append(*job);
    list = in_time;
}

void JobQueue::refuse(List& jobs, const char* reason) {
    while (Job* const job = jobs.pop()) {
        job->finished(std::make_exception_ptr(Unavailable{reason}));
    }
}

void JobQueue::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    arrived_.notify_all();
}

std::size_t JobQueue::size() const {
    const std::lock_guard lock{mutex_};
    return ordinary_.count + urgent_.count;
}

}  // namespace doorbuster::sql
