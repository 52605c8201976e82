#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "ports/sql.hpp"

// Looks for broken promises in the database. It only reads, takes one snapshot, and shares no code
// with the services whose work it checks.
namespace doorbuster::audit {

struct Rule {
    std::string_view id;       // "A1", as in ARCHITECTURE.md; several queries may serve one rule
    std::string_view meaning;  // what must hold
    const sql::Statement* query;
    bool needs_time = false;
};

std::span<const Rule> rules();

struct Finding {
    std::string subject;  // "order 42"
    std::string what;
};

struct Verdict {
    const Rule* rule = nullptr;
    std::vector<Finding> findings;  // empty: the rule holds; at most kFindingsMax
    bool more = false;              // there were more than that
};

inline constexpr std::size_t kFindingsMax = 100;

std::vector<Verdict> audit(sql::Reader& reader, Time now);
bool is_clean(const std::vector<Verdict>& verdicts);
// One line per rule, and below it one per finding.
std::string report(const std::vector<Verdict>& verdicts);

}  // namespace doorbuster::audit
