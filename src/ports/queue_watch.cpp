#include "ports/queue_watch.hpp"

namespace doorbuster::sql {

namespace {

constexpr Milliseconds kPeriod{250};

}  // namespace

QueueWatch::QueueWatch(std::vector<Watched> queues, metrics::Registry* registry)
    : queues_{std::move(queues)} {
    for (const Watched& watched : queues_) {
        if (!registry) break;
        gauges_.push_back(&registry->gauge(
            "doorbuster_database_queued_jobs",
            "Transactions that wait for a database thread",
            {{"queue", watched.name}}
        ));
    }
    thread_ = std::thread{[this] { loop(); }};
}

QueueWatch::~QueueWatch() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    ended_.notify_all();
    thread_.join();
}

void QueueWatch::loop() {
    std::unique_lock lock{mutex_};
    while (!ended_.wait_for(lock, kPeriod, [&] { return ending_; })) {
        for (std::size_t i = 0; i < queues_.size(); ++i) {
            queues_[i].queue->expire();
            if (!gauges_.empty()) gauges_[i]->set(static_cast<double>(queues_[i].queue->size()));
        }
    }
}

}  // namespace doorbuster::sql
