#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"

// SQL as the domains see it: statements, rows and transactions, whichever engine is behind them.
// The coroutine entry to a database is in ports/database.hpp.
namespace doorbuster::sql {

enum class Dialect { sqlite, postgres };

// One named statement, made from a .sql file at build time. Statements are constants: an adapter
// prepares each once per connection and finds it again by its address. Parameters are $1, $2, ….
struct Statement {
    std::string_view name;  // "orders.insert_order", in logs and metrics
    std::string_view sqlite;
    std::string_view postgres;
};

enum class ColumnType { integer, text, bytes, real };

// A table to insert many rows into at once. `suffix` is what follows the values, such as
// "ON CONFLICT DO NOTHING". PostgreSQL gets one statement per call (unnest of arrays), SQLite one
// prepared statement run per row, which is the fastest way in each.
struct BulkInsert {
    struct Column {
        std::string_view name;
        ColumnType type;
    };
    std::string_view name;
    std::string_view table;
    std::span<const Column> columns;
    std::string_view suffix = {};
};

using Bytes = std::span<const std::byte>;

// A parameter: a view that lives until the call returns. Text must be UTF-8 without NUL bytes and a
// real must not be NaN; anything else ends in sql::Error, on both engines alike.
class Param {
public:
    enum class Kind { null, integer, real, text, bytes };

    Param(std::nullopt_t) : kind_{Kind::null} {}  // NOLINT: every conversion here is meant
    template <std::integral I>
    requires(!std::same_as<I, char>) Param(I value)
        : kind_{Kind::integer}, integer_{static_cast<std::int64_t>(value)} {}  // NOLINT
    Param(double value) : kind_{Kind::real}, real_{value} {}                   // NOLINT
    Param(std::string_view value) : kind_{Kind::text}, text_{value} {}         // NOLINT
    Param(const std::string& value) : Param{std::string_view{value}} {}        // NOLINT
    Param(const char* value) : Param{std::string_view{value}} {}               // NOLINT
    Param(Bytes value)                                                         // NOLINT
        : kind_{Kind::bytes}, text_{reinterpret_cast<const char*>(value.data()), value.size()} {}
    template <class Tag>
    Param(Id<Tag> id) : Param{id.value()} {}            // NOLINT
    Param(Money money) : Param{money.fen()} {}          // NOLINT
    Param(Time time) : Param{to_milliseconds(time)} {}  // NOLINT
    template <class T>
    Param(const std::optional<T>& value)
        : Param{value ? Param{*value} : Param{std::nullopt}} {}  // NOLINT

    Kind kind() const { return kind_; }
    std::int64_t integer() const { return integer_; }
    double real() const { return real_; }
    // Text or bytes.
    std::string_view text() const { return text_; }

private:
    Kind kind_;
    std::int64_t integer_ = 0;
    double real_ = 0;
    std::string_view text_;
};

using Params = std::initializer_list<Param>;

// One row of an answer. Views it hands out live until the callback that got the row returns.
// Reading NULL as a value, or one type as another, is a bug and ends in sql::Error.
class Row {
public:
    virtual ~Row() = default;
    virtual int size() const = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual Bytes bytes(int column) const = 0;

    bool boolean(int column) const { return integer(column) != 0; }
    std::string string(int column) const { return std::string{text(column)}; }
    Time time(int column) const { return from_milliseconds(integer(column)); }
    Money money(int column) const { return Money::fen(integer(column)); }
    template <class AnId>
    AnId id(int column) const {
        return AnId{integer(column)};
    }
    std::optional<std::int64_t> optional_integer(int column) const {
        return is_null(column) ? std::nullopt : std::optional{integer(column)};
    }
    std::optional<std::string> optional_string(int column) const {
        return is_null(column) ? std::nullopt : std::optional{string(column)};
    }
    std::optional<Time> optional_time(int column) const {
        return is_null(column) ? std::nullopt : std::optional{time(column)};
    }
    std::optional<Money> optional_money(int column) const {
        return is_null(column) ? std::nullopt : std::optional{money(column)};
    }
    template <class AnId>
    std::optional<AnId> optional_id(int column) const {
        return is_null(column) ? std::nullopt : std::optional{id<AnId>(column)};
    }
};

// Reads inside one consistent snapshot. Not thread-safe; lives for one callback.
class Reader {
public:
    virtual ~Reader() = default;
    virtual Dialect dialect() const = 0;

    // Calls `each` for every row, in order.
    using EachRow = std::function<void(const Row&)>;
    virtual void query(
        const Statement& statement, std::span<const Param> params, const EachRow& each
    ) = 0;

    void query(const Statement& statement, Params params, const EachRow& each) {
        query(statement, std::span{params.begin(), params.size()}, each);
    }

    // The rows, each turned into a value by `map`.
    template <class Map>
    auto all(const Statement& statement, std::span<const Param> params, Map&& map) {
        std::vector<std::decay_t<std::invoke_result_t<Map&, const Row&>>> values;
        query(statement, params, [&](const Row& row) { values.push_back(map(row)); });
        return values;
    }
    template <class Map>
    auto all(const Statement& statement, Params params, Map&& map) {
        return all(statement, std::span{params.begin(), params.size()}, std::forward<Map>(map));
    }

    // The first row as a value, or nothing.
    template <class Map>
    auto find(const Statement& statement, Params params, Map&& map) {
        std::optional<std::decay_t<std::invoke_result_t<Map&, const Row&>>> value;
        query(statement, params, [&](const Row& row) {
            if (!value) value.emplace(map(row));
        });
        return value;
    }
};

// Reads and writes, all or nothing. The function that gets one runs on a database thread; it must
// not wait for anything but the database, and it may be run again (after a deadlock, a lost
// connection, or because a neighbour in the same group commit failed), so its only effects are the
// transaction's and its return value.
//
// After any statement has failed, a broken constraint included, every later call throws and the
// transaction cannot commit, whoever catches the exception: the first error is what the caller
// gets, unless the work itself returns an error Result. Both engines keep this rule.
class Transaction : public Reader {
public:
    using Reader::query;

    // Runs a statement and returns how many rows it changed.
    virtual std::int64_t execute(const Statement& statement, std::span<const Param> params) = 0;
    std::int64_t execute(const Statement& statement, Params params) {
        return execute(statement, std::span{params.begin(), params.size()});
    }

    // `values` holds whole rows, one after the other. Returns how many rows were inserted.
    virtual std::int64_t insert_many(const BulkInsert& insert, std::span<const Param> values) = 0;

    // Runs a text of several statements without parameters, as a migration has. Not kept prepared,
    // and not limited in time.
    virtual void run_script(std::string_view script) = 0;

    // Runs `hook` on the database thread after the durable commit and before the caller is told, so
    // that whoever learns of the commit also sees its effect (a cache entry gone). Not run after a
    // rollback. A hook must be quick and must not throw.
    virtual void after_commit(std::function<void()> hook) = 0;
};

// The outside failed, or a statement was wrong. Expected outcomes are results, not exceptions.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A row broke a constraint. The transaction that met it is rolled back, whoever catches this.
class ConstraintViolation final : public Error {
public:
    enum class Kind { unique, foreign_key, check, not_null };
    // `subject` names what was broken: SQLite tells "users.username" or the name of a CHECK,
    // PostgreSQL the name of the constraint.
    ConstraintViolation(Kind kind, std::string subject)
        : Error{"constraint: " + subject}, kind_{kind}, subject_{std::move(subject)} {}
    Kind kind() const { return kind_; }
    const std::string& subject() const { return subject_; }

private:
    Kind kind_;
    std::string subject_;
};

// Nothing was done: the queue is full, the deadline passed while waiting, there is no connection,
// the disk is full, or a read took too long.
class Unavailable : public Error {
public:
    using Error::Error;
};

// The connection was lost during the commit: it may or may not have happened. A retry with the same
// idempotency key finds out.
class CommitUnknown final : public Error {
public:
    using Error::Error;
};

}  // namespace doorbuster::sql
