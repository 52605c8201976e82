#include "adapters/postgres/pg_session.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace doorbuster::postgres {

namespace {

std::int64_t rows_changed(PGresult* result) {
    // A SELECT tells how many rows it found.
    if (std::string_view{PQcmdStatus(result)}.starts_with("SELECT")) return 0;
    const std::string_view digits{PQcmdTuples(result)};
    std::int64_t count = 0;
    std::from_chars(digits.begin(), digits.end(), count);
    return count;
}

std::string_view array_type(sql::ColumnType type) {
    switch (type) {
        case sql::ColumnType::integer:
            return "bigint[]";
        case sql::ColumnType::text:
            return "text[]";
        case sql::ColumnType::bytes:
            return "bytea[]";
        case sql::ColumnType::real:
            return "double precision[]";
    }
    return {};
}

std::string bulk_text(const sql::BulkInsert& insert) {
    std::string names;
    std::string arrays;
    for (std::size_t i = 0; i < insert.columns.size(); ++i) {
        if (i > 0) names += ", ", arrays += ", ";
        names += insert.columns[i].name;
        arrays += '$';
        arrays += std::to_string(i + 1);
        arrays += "::";
        arrays += array_type(insert.columns[i].type);
    }
    return "INSERT INTO " + std::string{insert.table} + " (" + names + ") SELECT * FROM unnest(" +
           arrays + ") " + std::string{insert.suffix};
}

}  // namespace

void PgSession::begin_job() {
    failure_ = nullptr;
    hooks_.clear();
}

void PgSession::run_hooks() {
    for (const auto& hook : hooks_) hook();
    hooks_.clear();
}

template <class Work>
decltype(auto) PgSession::guarded(Work work) {
    if (failure_) throw sql::Error{"an earlier statement of this transaction failed"};
    try {
        return work();
    } catch (...) {
        failure_ = std::current_exception();
        throw;
    }
}

void PgSession::query(
    const sql::Statement& statement, std::span<const sql::Param> params, const EachRow& each
) {
    const ResultHandle result = guarded([&] {
        arguments_.assign(params);
        return connection_.run(statement, arguments_);
    });
    const int rows = PQntuples(result.get());
    for (int row = 0; row < rows; ++row) each(PgRow{result.get(), row});
}

std::int64_t PgSession::execute(
    const sql::Statement& statement, std::span<const sql::Param> params
) {
    return guarded([&] {
        arguments_.assign(params);
        return rows_changed(connection_.run(statement, arguments_).get());
    });
}

std::int64_t PgSession::insert_many(
    const sql::BulkInsert& insert, std::span<const sql::Param> values
) {
    return guarded([&]() -> std::int64_t {
        const std::size_t width = insert.columns.size();
        if (width == 0 || values.size() % width != 0) {
            throw sql::Error{std::string{insert.name} + ": values are not whole rows"};
        }
        if (values.empty()) return 0;
        arguments_.assign_columns(insert.columns, values);
        return rows_changed(connection_.run_text(bulk_text(insert), insert.name, arguments_).get());
    });
}

void PgSession::run_script(std::string_view script) {
    guarded([&] {
        // A migration may have a large table to go through.
        connection_.run("SET LOCAL statement_timeout = 0");
        connection_.run(std::string{script}.c_str());
    });
}

}  // namespace doorbuster::postgres
