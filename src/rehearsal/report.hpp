#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rehearsal/load.hpp"

namespace doorbuster::rehearsal {

// What a rehearsal must reach to pass. No limit: it is told and not judged.
struct Thresholds {
    std::optional<std::chrono::milliseconds> order_p99{1'000};
    std::optional<std::chrono::milliseconds> refusal_p99{1'000};
    std::optional<double> orders_per_second;  // at least, in the busiest ten seconds
};

// The item's units, as the database has them afterwards.
struct Units {
    std::int64_t stock = 0;
    std::int64_t left = 0;
    std::int64_t held = 0;
    std::int64_t sold = 0;
};

// Everything that a rehearsal found out.
struct Outcome {
    Plan plan;
    Thresholds thresholds;
    std::string server;  // in a word: which database, started for this or not
    std::string date;
    int kills = 0;  // of the server, in mid-run
    std::chrono::nanoseconds took{0};
    Tally tally;
    Findings findings;
    std::uint64_t acknowledged = 0;
    Found found;
    Units units;
    bool audit_clean = false;
    std::string audit;                       // what the audit said
    std::optional<double> server_megabytes;  // the most it had in memory
};

struct Check {
    std::string name;
    std::string found;
    std::string wanted;
    bool passed = true;
};
// All that is judged; the rehearsal passed when all of these have.
std::vector<Check> judge(const Outcome& outcome);
bool has_passed(const std::vector<Check>& checks);

// Orders a second: the mean of the ten busiest seconds in a row (or of fewer, if it was shorter),
// and of the whole time in which buyers came.
double busiest_rate(const Tally& tally);
double mean_rate(const Outcome& outcome);

std::string text_report(const Outcome& outcome);
boost::json::object json_report(const Outcome& outcome);
// One page that needs nothing else: no script, no file from elsewhere.
std::string html_report(const Outcome& outcome);

// "1.2 ms", "340 µs", "2.4 s".
std::string to_text(std::chrono::microseconds duration);

}  // namespace doorbuster::rehearsal
