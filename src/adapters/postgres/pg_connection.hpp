#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/postgres/pg_values.hpp"
#include "core/clock.hpp"
#include "ports/sql.hpp"

struct pg_conn;
struct pg_result;

namespace doorbuster::postgres {

struct CloseConnection {
    void operator()(pg_conn* connection) const;
};
struct ClearResult {
    void operator()(pg_result* result) const;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

// One connection and the statements prepared on it. Used by one thread at a time.
class PgConnection {
public:
    // What a table is read by. A prepared statement keeps its plan until the table is analysed
    // again, a minute later at best. One made while the table was small reads all of it, and goes
    // on doing so while a flash sale writes a hundred thousand rows: where every statement has an
    // index to go by, it is told to.
    enum class Access { any, index };

    PgConnection(std::string conninfo, Milliseconds statement_max, Access access)
        : conninfo_{std::move(conninfo)}, statement_max_{statement_max}, access_{access} {}

    // Connects anew; what was prepared is forgotten. Throws ConnectionLost with one line.
    void connect();
    bool connected() const;
    void disconnect();

    // Runs texts without parameters. Throws.
    ResultHandle run(const char* text);
    // Runs a prepared statement. Throws.
    ResultHandle run(const sql::Statement& statement, const Arguments& arguments);
    // The same for a text made at run time, such as a bulk insert; kept by its text.
    ResultHandle run_text(
        const std::string& text, std::string_view name, const Arguments& arguments
    );
    // Commits, without any limit of time. Throws sql::CommitUnknown when the outcome is open, also
    // when the server warns that a standby has not confirmed; else what the failure stands for.
    void commit();
    // Rolls back if a transaction is open and the connection alive. Never throws.
    void roll_back() noexcept;

private:
    struct Known {
        std::string name;
        const char* text = nullptr;
        std::size_t text_size = 0;
    };
    const std::string& prepare(std::string_view text, std::string_view what, Known& known);
    ResultHandle run_prepared(
        const std::string& name, std::string_view what, const Arguments& arguments
    );
    ResultHandle checked(pg_result* result, std::string_view what);
    static void on_notice(void* connection, const pg_result* notice);

    const std::string conninfo_;
    const Milliseconds statement_max_;
    const Access access_;
    std::unique_ptr<pg_conn, CloseConnection> handle_;
    std::unordered_map<const void*, Known> statements_;
    std::unordered_map<std::string, Known> texts_;
    int prepared_count_ = 0;
    std::string warning_;  // the last one since it was cleared
};

}  // namespace doorbuster::postgres
