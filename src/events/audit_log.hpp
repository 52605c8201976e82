#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::events {

// Who of the staff did what: append-only rows, written in the transaction of the deed itself, so
// that neither exists without the other. Thread-safe.
class AuditLog {
public:
    struct Entry {
        std::int64_t id = 0;
        Time at;
        std::optional<UserId> actor;  // none: a command on this machine
        std::string action;
        std::string subject;
        std::string detail;
    };
    struct Filter {
        std::optional<UserId> actor;
        std::optional<std::string> subject;
    };
    struct Listing {
        std::vector<Entry> entries;  // newest first
        std::int64_t total = 0;
    };

    explicit AuditLog(const Clock& clock) : clock_{clock} {}

    // `action` is a verb in the manner of "user.access_changed", `subject` what it was done to
    // ("user:42"), `detail` anything worth knowing later; no secrets.
    void append(
        sql::Transaction& tx,
        std::optional<UserId> actor,
        std::string_view action,
        std::string_view subject,
        std::string_view detail
    ) const;

    Listing list(sql::Reader& reader, const Filter& filter, std::int64_t offset, std::int64_t limit)
        const;

private:
    const Clock& clock_;
};

}  // namespace doorbuster::events
