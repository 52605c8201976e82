#include "adapters/sqlite/session.hpp"

#include <sqlite3.h>

#include "adapters/sqlite/sqlite_errors.hpp"

namespace doorbuster::sqlite {

namespace {

class SqliteRow final : public sql::Row {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_{statement} {}

    int size() const override { return sqlite3_column_count(statement_); }
    bool is_null(int column) const override { return type(column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override {
        require(column, SQLITE_INTEGER, "an integer");
        return sqlite3_column_int64(statement_, column);
    }
    double real(int column) const override {
        require(column, SQLITE_FLOAT, "a real");
        return sqlite3_column_double(statement_, column);
    }
    std::string_view text(int column) const override {
        require(column, SQLITE_TEXT, "a text");
        const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    sql::Bytes bytes(int column) const override {
        require(column, SQLITE_BLOB, "bytes");
        const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    int type(int column) const {
        if (column < 0 || column >= size()) {
            throw sql::Error{"there is no column " + std::to_string(column)};
        }
        return sqlite3_column_type(statement_, column);
    }
    void require(int column, int expected, const char* as) const {
        const int actual = type(column);
        if (actual == expected) return;
        throw sql::Error{
            "column " + std::to_string(column) + " (" + sqlite3_column_name(statement_, column) +
            ") is " + (actual == SQLITE_NULL ? "NULL" : "not") +
            (actual == SQLITE_NULL ? ", not " : " ") + as};
    }

    sqlite3_stmt* statement_;
};

}  // namespace

void Session::begin_job() {
    failure_ = nullptr;
    uncounted_change_ = false;
    broken_ = false;
    changes_at_start_ = sqlite3_total_changes64(connection_.get());
}

bool Session::changed() const {
    return uncounted_change_ || sqlite3_total_changes64(connection_.get()) != changes_at_start_;
}

template <class Work>
decltype(auto) Session::guarded(Work work) {
    if (failure_) throw sql::Error{"an earlier statement of this transaction failed"};
    try {
        return work();
    } catch (const Broken&) {
        broken_ = true;
        failure_ = std::current_exception();
        throw;
    } catch (...) {
        failure_ = std::current_exception();
        throw;
    }
}

void Session::query(
    const sql::Statement& statement, std::span<const sql::Param> params, const EachRow& each
) {
    Prepared own;  // for a query inside the row callback of the same query
    Prepared& prepared = guarded([&]() -> Prepared& {
        Prepared& kept = connection_.cached(&statement, statement.sqlite);
        if (!kept.busy) return kept;
        return own = connection_.prepare(statement.sqlite, false);
    });
    if (!prepared.counted) uncounted_change_ = true;
    // What `each` throws is the work's own affair: no statement has failed.
    Run run{connection_, prepared, statement.name};
    guarded([&] { run.bind(params); });
    const SqliteRow row{run.statement()};
    while (guarded([&] { return run.step(); })) each(row);
}

std::int64_t Session::changes_since(std::int64_t total_before) const {
    // sqlite3_changes tells of the last INSERT, UPDATE or DELETE, which another statement leaves
    // as it was; the total, which counts triggers too, shows whether there was any change.
    const bool any = sqlite3_total_changes64(connection_.get()) != total_before;
    return any ? sqlite3_changes64(connection_.get()) : 0;
}

std::int64_t Session::execute(const sql::Statement& statement, std::span<const sql::Param> params) {
    return guarded([&] {
        Prepared& prepared = connection_.cached(&statement, statement.sqlite);
        if (!prepared.counted) uncounted_change_ = true;
        Run run{connection_, prepared, statement.name};
        run.bind(params);
        const std::int64_t before = sqlite3_total_changes64(connection_.get());
        while (run.step()) {
        }
        return changes_since(before);
    });
}

Prepared& Session::bulk(const sql::BulkInsert& insert) {
    // Compared each time: unlike statements, these may be made anew at the same address.
    std::string text_now = bulk_text(insert);
    std::string& text = bulk_texts_[&insert];
    if (text != text_now) text = std::move(text_now);
    return connection_.cached(&insert, text);
}

std::int64_t Session::insert_many(
    const sql::BulkInsert& insert, std::span<const sql::Param> values
) {
    return guarded([&]() -> std::int64_t {
        const std::size_t width = insert.columns.size();
        if (width == 0 || values.size() % width != 0) {
            throw sql::Error{std::string{insert.name} + ": values are not whole rows"};
        }
        if (values.empty()) return 0;
        Run run{connection_, bulk(insert), insert.name};
        std::int64_t inserted = 0;
        for (std::size_t at = 0; at < values.size(); at += width) {
            const std::int64_t before = sqlite3_total_changes64(connection_.get());
            run.bind(values.subspan(at, width));
            while (run.step()) {
            }
            inserted += changes_since(before);
            run.again();
        }
        return inserted;
    });
}

void Session::run_script(std::string_view script) {
    guarded([&] {
        uncounted_change_ = true;
        connection_.run_script(script);
        if (!connection_.in_transaction()) {
            throw sql::Error{"a script must not end its transaction"};
        }
    });
}

}  // namespace doorbuster::sqlite
