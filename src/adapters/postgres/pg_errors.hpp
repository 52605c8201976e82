#pragma once

#include <string_view>

#include "ports/sql.hpp"

struct pg_conn;
struct pg_result;

namespace doorbuster::postgres {

// The connection is gone; what the transaction did is undone, unless it was committing.
class ConnectionLost final : public sql::Unavailable {
public:
    using Unavailable::Unavailable;
};

// Another transaction was in the way (deadlock, serialization): the same work may succeed when it
// is run again.
class RunAgain : public sql::Unavailable {
public:
    using Unavailable::Unavailable;
};

// A migration has changed the columns of a prepared statement: it may succeed on a new connection.
class StalePlan final : public RunAgain {
public:
    using RunAgain::RunAgain;
};

// Throws the exception that a failed result stands for. `result` may be null.
[[noreturn]] void throw_error(pg_conn* connection, const pg_result* result, std::string_view what);

}  // namespace doorbuster::postgres
