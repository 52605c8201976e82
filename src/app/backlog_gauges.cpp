#include "app/backlog_gauges.hpp"

#include "ports/log.hpp"

namespace doorbuster::app {

namespace {

double seconds(Milliseconds time) { return static_cast<double>(time.count()) / 1000; }

std::int64_t whole_seconds(Milliseconds time) { return time.count() / 1000; }

}  // namespace

BacklogGauges::BacklogGauges(
    sql::Database& database, const Clock& clock, metrics::Registry& registry
)
    : database_{database},
      clock_{clock},
      measured_at_{registry.gauge(
          "doorbuster_backlogs_measured_timestamp_seconds", "When the backlogs were last measured"
      )} {
    for (const WatchedBacklog& backlog : watched_backlogs()) {
        watches_.push_back(watch(registry, backlog));
    }
}

BacklogGauges::Watch BacklogGauges::watch(
    metrics::Registry& registry, const WatchedBacklog& backlog
) {
    const std::string name{backlog.name};
    const std::string full = "doorbuster_" + name;
    const std::string what{backlog.what};
    return {
        backlog,
        registry.gauge(full, what),
        registry.gauge(full + "_oldest_seconds", what + ": age of the oldest"),
        registry.gauge(
            "doorbuster_alarm",
            "1 while somebody should look at a backlog (see docs/operating)",
            {{"alarm", name}}
        ),
        {}};
}

void BacklogGauges::Watch::show(const Backlog& found, Time now) {
    const Milliseconds age = backlog.age(found, now);
    count.set(static_cast<double>(found.count));
    oldest_seconds.set(seconds(age));
    const bool alarming = backlog.is_alarming(found, now);
    alarm.set(alarming ? 1 : 0);
    if (alarming && !raised_at) {
        raised_at = now;
        log::error(
            "alarm.raised",
            {{"alarm", backlog.name},
             {"what", backlog.what},
             {"count", found.count},
             {"oldest_seconds", whole_seconds(age)},
             {"see", backlog.see}}
        );
    } else if (!alarming && raised_at) {
        log::info(
            "alarm.ended",
            {{"alarm", backlog.name}, {"lasted_seconds", whole_seconds(now - *raised_at)}}
        );
        raised_at.reset();
    }
}

Task<bool> BacklogGauges::measure() {
    const Time now = clock_.now();
    const auto read = [&](sql::Reader& reader) { return read_backlogs(reader, now); };
    const std::vector<Backlog> found = co_await database_.read(read);
    for (std::size_t i = 0; i < watches_.size(); ++i) watches_[i].show(found[i], now);
    measured_at_.set(seconds(now.time_since_epoch()));
    co_return false;
}

}  // namespace doorbuster::app
