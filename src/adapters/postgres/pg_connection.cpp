#include "adapters/postgres/pg_connection.hpp"

#include <libpq-fe.h>

#include "adapters/postgres/pg_errors.hpp"
#include "ports/log.hpp"

namespace doorbuster::postgres {

namespace {

std::string trimmed(const char* message) {
    std::string text = message ? message : "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (char& c : text) {
        if (c == '\n') c = ' ';
    }
    return text;
}

// A dead peer is noticed in about ten seconds; COMMIT itself has no other limit than this.
PGconn* open_connection(const std::string& conninfo) {
    const char* const names[] = {
        "fallback_application_name",
        "connect_timeout",
        "tcp_user_timeout",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "dbname",
        "client_encoding",
        nullptr};
    const char* const values[] = {
        "doorbuster", "5", "10000", "5", "2", "3", conninfo.c_str(), "UTF8", nullptr};
    return PQconnectdbParams(names, values, 1);
}

}  // namespace

void CloseConnection::operator()(pg_conn* connection) const { PQfinish(connection); }
void ClearResult::operator()(pg_result* result) const { PQclear(result); }

void PgConnection::connect() {
    disconnect();
    handle_.reset(open_connection(conninfo_));
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
        const std::string reason = trimmed(PQerrorMessage(handle_.get()));
        disconnect();
        throw ConnectionLost{"cannot reach PostgreSQL: " + reason};
    }
    PQsetNoticeReceiver(handle_.get(), &PgConnection::on_notice, this);
    std::string settings =
        "SET statement_timeout = " + std::to_string(statement_max_.count()) +
        "; SET timezone = 'UTC'"
        // A commit that can be lost is no commit; more than `on` is the operator's choice.
        "; SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local')";
    // What has no index is read as ever, but looks so dear that it would be compiled first.
    if (access_ == Access::index) settings += "; SET enable_seqscan = off; SET jit = off";
    run(settings.c_str());
}

bool PgConnection::connected() const { return handle_ && PQstatus(handle_.get()) == CONNECTION_OK; }

void PgConnection::disconnect() {
    handle_.reset();
    statements_.clear();
    texts_.clear();
}

void PgConnection::on_notice(void* connection, const PGresult* notice) {
    const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const std::string message = trimmed(PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY));
    if (severity && std::string_view{severity} == "WARNING") {
        static_cast<PgConnection*>(connection)->warning_ = message;
        log::warn("database.warning", {{"message", message}});
    } else {
        log::debug("database.notice", {{"message", message}});
    }
}

ResultHandle PgConnection::checked(PGresult* result, std::string_view what) {
    ResultHandle handle{result};
    switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
            return handle;
        default:
            throw_error(handle_.get(), result, what);
    }
}

ResultHandle PgConnection::run(const char* text) {
    return checked(PQexec(handle_.get(), text), text);
}

const std::string& PgConnection::prepare(
    std::string_view text, std::string_view what, Known& known
) {
    std::string name = "s";
    name += std::to_string(++prepared_count_);
    const std::string terminated{text};
    checked(PQprepare(handle_.get(), name.c_str(), terminated.c_str(), 0, nullptr), what);
    known = {name, text.data(), text.size()};
    return known.name;
}

ResultHandle PgConnection::run_prepared(
    const std::string& name, std::string_view what, const Arguments& arguments
) {
    constexpr int kBinaryResult = 1;
    return checked(
        PQexecPrepared(
            handle_.get(),
            name.c_str(),
            arguments.count(),
            arguments.values(),
            arguments.lengths(),
            arguments.formats(),
            kBinaryResult
        ),
        what
    );
}

ResultHandle PgConnection::run(const sql::Statement& statement, const Arguments& arguments) {
    const std::string_view text = statement.postgres;
    Known& known = statements_[&statement];
    // Constants never change; a statement built at run time may reuse the address of an older one.
    const bool same = known.text == text.data() && known.text_size == text.size();
    if (!same) prepare(text, statement.name, known);
    return run_prepared(known.name, statement.name, arguments);
}

ResultHandle PgConnection::run_text(
    const std::string& text, std::string_view name, const Arguments& arguments
) {
    Known& known = texts_[text];
    if (known.name.empty()) prepare(text, name, known);
    return run_prepared(known.name, name, arguments);
}

void PgConnection::commit() {
    warning_.clear();
    // A time-out while a standby is waited for would leave the row committed here and nowhere else.
    const ResultHandle result{PQexec(handle_.get(), "SET LOCAL statement_timeout = 0; COMMIT")};
    const auto status = PQresultStatus(result.get());
    if (!connected()) {
        throw sql::CommitUnknown{
            "the connection was lost during the commit: " + trimmed(PQerrorMessage(handle_.get()))};
    }
    if (status != PGRES_COMMAND_OK) throw_error(handle_.get(), result.get(), "COMMIT");
    if (std::string_view{PQcmdStatus(result.get())} != "COMMIT") {
        throw sql::Error{"the server rolled the transaction back"};
    }
    if (!warning_.empty()) throw sql::CommitUnknown{"the server warned at the commit: " + warning_};
}

void PgConnection::roll_back() noexcept {
    if (!connected() || PQtransactionStatus(handle_.get()) == PQTRANS_IDLE) return;
    const ResultHandle result{PQexec(handle_.get(), "ROLLBACK")};
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) disconnect();
}

}  // namespace doorbuster::postgres
