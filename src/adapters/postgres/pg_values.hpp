#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "ports/sql.hpp"

struct pg_result;

namespace doorbuster::postgres {

// Parameters as libpq takes them. Numbers go as text, so that they fit whatever type the server
// inferred; text and bytes go binary, because libpq's text format ends at the first NUL and needs a
// copy. Views of the values: they must outlive this. Reusable.
class Arguments {
public:
    // Throws sql::Error for a value that no engine takes.
    void assign(std::span<const sql::Param> params);
    // For insert_many: one binary array for each column of the rows in `values`.
    void assign_columns(
        std::span<const sql::BulkInsert::Column> columns, std::span<const sql::Param> values
    );

    int count() const { return static_cast<int>(values_.size()); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    void clear(std::size_t count);
    void add_number(const sql::Param& param);

    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<std::array<char, 32>> numbers_;
    std::vector<std::string> arrays_;
};

// One row of a binary result.
class PgRow final : public sql::Row {
public:
    PgRow(const pg_result* result, int row) : result_{result}, row_{row} {}
    int size() const override;
    bool is_null(int column) const override;
    // Also what counts and sums are in PostgreSQL: smaller integers, booleans, whole numerics.
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    sql::Bytes bytes(int column) const override;

private:
    std::string_view value(int column, const char* as) const;
    [[noreturn]] void wrong_type(int column, const char* as) const;

    const pg_result* result_;
    int row_;
};

}  // namespace doorbuster::postgres
