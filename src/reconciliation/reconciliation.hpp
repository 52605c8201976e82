#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "ports/payment_bills.hpp"
#include "reconciliation/bill_day.hpp"
#include "reconciliation/difference.hpp"
#include "reconciliation/matcher.hpp"

namespace doorbuster::reconciliation {

enum class State {
    running,
    clean,        // nothing is open
    differences,  // something waits for a person, or for a later bill
    failed,       // there is no bill yet, or none that can be believed
};
std::string_view to_string(State state);
State state_from(std::string_view word);

// One bill gone through.
struct Reconciliation {
    ReconciliationId id;
    std::string provider;
    std::string merchant;
    BillDay day;
    State state = State::running;
    Time started_at;
    std::optional<Time> finished_at;
    std::int64_t runs = 1;
    std::optional<Time> next_run_at;
    std::string failure;
    std::string trade_hash;  // SHA-256 as downloaded; empty when nothing happened that day
    std::string fund_hash;
    BillSummary bill;
    Tally matched;
    std::int64_t not_kept = 0;  // differences beyond those that are kept
    std::int64_t open = 0;      // differences that wait
};

struct Report {
    Reconciliation run;
    std::vector<Difference> differences;  // in the order of their ids
};

// What a report looks like: for a person, for a spreadsheet, for a program.
std::string as_table(const Report& report);
std::string as_csv(const Report& report);
std::string as_json(const Report& report);

}  // namespace doorbuster::reconciliation
