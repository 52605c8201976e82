#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ports/job_queue.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::sql {

// Looks at queues four times a second: refuses the jobs whose time is over while every database
// thread is busy, and tells how many wait. Ends before the queues do.
class QueueWatch {
public:
    struct Watched {
        std::string name;  // a label of doorbuster_database_queued_jobs
        JobQueue* queue;
    };
    // `registry` may be null.
    QueueWatch(std::vector<Watched> queues, metrics::Registry* registry);
    ~QueueWatch();
    QueueWatch(const QueueWatch&) = delete;
    QueueWatch& operator=(const QueueWatch&) = delete;

private:
    void loop();

    const std::vector<Watched> queues_;
    std::vector<metrics::Gauge*> gauges_;  // as many as queues, or none
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace doorbuster::sql
