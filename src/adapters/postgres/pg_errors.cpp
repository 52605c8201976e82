#include "adapters/postgres/pg_errors.hpp"

#include <libpq-fe.h>

#include <string>

namespace doorbuster::postgres {

namespace {

using Kind = sql::ConstraintViolation::Kind;

std::string field(const PGresult* result, int code) {
    const char* const value = result ? PQresultErrorField(result, code) : nullptr;
    return value ? value : "";
}

std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (char& c : text) {
        if (c == '\n') c = ' ';
    }
    return text;
}

// The name of the constraint; NOT NULL has none, so its column is told as SQLite tells it.
std::string subject_of(const PGresult* result) {
    std::string name = field(result, PG_DIAG_CONSTRAINT_NAME);
    if (!name.empty()) return name;
    return field(result, PG_DIAG_TABLE_NAME) + "." + field(result, PG_DIAG_COLUMN_NAME);
}

void throw_if_constraint(const PGresult* result, std::string_view state) {
    const auto raise = [&](Kind kind) { throw sql::ConstraintViolation{kind, subject_of(result)}; };
    if (state == "23505" || state == "23P01") raise(Kind::unique);
    if (state == "23503" || state == "23001") raise(Kind::foreign_key);
    if (state == "23514") raise(Kind::check);
    if (state == "23502") raise(Kind::not_null);
}

bool lost(std::string_view state) {
    // 57P01 to 57P03: the server shuts down, has crashed, or is starting.
    return state.starts_with("08") || state.starts_with("57P");
}

bool stale_plan(std::string_view state, std::string_view message) {
    return state == "0A000" && message.find("cached plan") != message.npos;
}

bool passing(std::string_view state) {
    // Cancelled by statement_timeout, lock not available, out of disk, memory or connections.
    return state == "57014" || state == "55P03" || state.starts_with("53");
}

}  // namespace

void throw_error(PGconn* connection, const PGresult* result, std::string_view what) {
    const std::string state = field(result, PG_DIAG_SQLSTATE);
    const std::string primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const std::string message = primary.empty() ? PQerrorMessage(connection) : primary;
    const std::string line = one_line(std::string{what} + ": " + message);
    throw_if_constraint(result, state);
    if (lost(state) || PQstatus(connection) == CONNECTION_BAD) throw ConnectionLost{line};
    if (state == "40001" || state == "40P01") throw RunAgain{line};
    if (stale_plan(state, message)) throw StalePlan{line};
    if (passing(state)) throw sql::Unavailable{line};
    throw sql::Error{line + (state.empty() ? "" : " (" + state + ")")};
}

}  // namespace doorbuster::postgres
