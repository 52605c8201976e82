#include "adapters/postgres/pg_values.hpp"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "ports/sql_text.hpp"

namespace doorbuster::postgres {

namespace {

// Type numbers from the server's pg_type.dat; fixed for ever.
enum Type : Oid {
    kBool = 16,
    kBytea = 17,
    kName = 19,
    kInt8 = 20,
    kInt2 = 21,
    kInt4 = 23,
    kText = 25,
    kFloat4 = 700,
    kFloat8 = 701,
    kBpchar = 1042,
    kVarchar = 1043,
    kNumeric = 1700,
};
constexpr int kBinary = 1;

template <class Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((value >> shift) & 0xff);
    }
}

void append_int32(std::string& out, std::size_t value) {
    append_big_endian(out, static_cast<std::uint32_t>(value));
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

// Sign-extends what has fewer than eight bytes.
std::int64_t signed_value(std::string_view bytes) {
    switch (bytes.size()) {
        case 2:
            return static_cast<std::int16_t>(big_endian(bytes));
        case 4:
            return static_cast<std::int32_t>(big_endian(bytes));
        default:
            return static_cast<std::int64_t>(big_endian(bytes));
    }
}

// A numeric: digits in base 10,000, the first with weight 10,000^weight (numeric_send in
// numeric.c).
class Numeric {
public:
    explicit Numeric(std::string_view bytes) : bytes_{bytes} {}

    double real() const {
        double value = 0;
        for (int i = 0; i < count(); ++i) value += digit(i) * std::pow(10'000.0, weight() - i);
        return negative() ? -value : value;
    }
    // Nothing when it has decimals, is not a number or does not fit.
    std::optional<std::int64_t> integer() const {
        if (sign() != 0 && !negative()) return std::nullopt;
        std::int64_t value = 0;
        for (int i = 0; i <= weight(); ++i) {
            const std::int64_t next = i < count() ? digit(i) : 0;
            if (__builtin_mul_overflow(value, 10'000, &value)) return std::nullopt;
            if (__builtin_sub_overflow(value, next, &value)) return std::nullopt;
        }
        for (int i = std::max(weight() + 1, 0); i < count(); ++i) {
            if (digit(i) != 0) return std::nullopt;
        }
        if (negative()) return value;
        if (value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
        return -value;
    }

private:
    int word(std::size_t index) const {
        return static_cast<int>(signed_value(bytes_.substr(index * 2, 2)));
    }
    int count() const { return word(0); }
    int weight() const { return word(1); }
    int sign() const { return word(2); }
    bool negative() const { return sign() == 0x4000; }
    int digit(int i) const { return word(std::size_t{4} + static_cast<std::size_t>(i)); }

    std::string_view bytes_;
};

Oid element_type(sql::ColumnType type) {
    switch (type) {
        case sql::ColumnType::integer:
            return kInt8;
        case sql::ColumnType::text:
            return kText;
        case sql::ColumnType::bytes:
            return kBytea;
        case sql::ColumnType::real:
            return kFloat8;
    }
    return 0;
}

bool fits(sql::Param::Kind kind, sql::ColumnType type) {
    using Kind = sql::Param::Kind;
    switch (kind) {
        case Kind::null:
            return true;
        case Kind::integer:
            return type == sql::ColumnType::integer;
        case Kind::real:
            return type == sql::ColumnType::real;
        case Kind::text:
            return type == sql::ColumnType::text;
        case Kind::bytes:
            return type == sql::ColumnType::bytes;
    }
    return false;
}

void append_element(std::string& out, const sql::Param& param) {
    using Kind = sql::Param::Kind;
    switch (param.kind()) {
        case Kind::null:
            append_int32(out, static_cast<std::uint32_t>(-1));
            break;
        case Kind::integer:
            append_int32(out, 8);
            append_big_endian(out, static_cast<std::uint64_t>(param.integer()));
            break;
        case Kind::real:
            append_int32(out, 8);
            append_big_endian(out, std::bit_cast<std::uint64_t>(param.real()));
            break;
        case Kind::text:
        case Kind::bytes:
            append_int32(out, param.text().size());
            out += param.text();
            break;
    }
}

// Every `step`th value from `first` on, as a one-dimensional array (array_recv in arrayfuncs.c).
std::string array_of(
    std::span<const sql::Param> values, std::size_t first, std::size_t step, sql::ColumnType type
) {
    std::string out;
    append_int32(out, 1);  // dimensions
    append_int32(out, 1);  // may hold NULLs
    append_int32(out, element_type(type));
    append_int32(out, values.size() / step);
    append_int32(out, 1);  // index of the first
    for (std::size_t at = first; at < values.size(); at += step) {
        if (!fits(values[at].kind(), type)) throw sql::Error{"a value is not of its column's type"};
        sql::require_storable(values[at]);
        append_element(out, values[at]);
    }
    return out;
}

}  // namespace

void Arguments::clear(std::size_t count) {
    values_.clear();
    lengths_.clear();
    formats_.clear();
    numbers_.clear();
    arrays_.clear();
    numbers_.reserve(count);  // the values point into these, so they must not move
    arrays_.reserve(count);
}

void Arguments::add_number(const sql::Param& param) {
    auto& digits = numbers_.emplace_back();
    char* const end = digits.data() + digits.size() - 1;
    const auto written = param.kind() == sql::Param::Kind::integer
                             ? std::to_chars(digits.data(), end, param.integer())
                             : std::to_chars(digits.data(), end, param.real());
    *written.ptr = '\0';
    values_.push_back(digits.data());
    lengths_.push_back(0);
    formats_.push_back(0);
}

void Arguments::assign(std::span<const sql::Param> params) {
    clear(params.size());
    for (const sql::Param& param : params) {
        sql::require_storable(param);
        if (param.kind() == sql::Param::Kind::integer || param.kind() == sql::Param::Kind::real) {
            add_number(param);
            continue;
        }
        const std::string_view text = param.text();
        const bool null = param.kind() == sql::Param::Kind::null;
        values_.push_back(null ? nullptr : text.data() ? text.data() : "");
        lengths_.push_back(static_cast<int>(text.size()));
        formats_.push_back(kBinary);
    }
}

void Arguments::assign_columns(
    std::span<const sql::BulkInsert::Column> columns, std::span<const sql::Param> values
) {
    clear(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string& array =
            arrays_.emplace_back(array_of(values, i, columns.size(), columns[i].type));
        values_.push_back(array.data());
        lengths_.push_back(static_cast<int>(array.size()));
        formats_.push_back(kBinary);
    }
}

int PgRow::size() const { return PQnfields(result_); }

bool PgRow::is_null(int column) const {
    if (column < 0 || column >= size()) {
        throw sql::Error{"there is no column " + std::to_string(column)};
    }
    return PQgetisnull(result_, row_, column) != 0;
}

std::string_view PgRow::value(int column, const char* as) const {
    if (is_null(column)) {
        throw sql::Error{
            "column " + std::to_string(column) + " (" + PQfname(result_, column) +
            ") is NULL, not " + as};
    }
    return {
        PQgetvalue(result_, row_, column),
        static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

void PgRow::wrong_type(int column, const char* as) const {
    throw sql::Error{
        "column " + std::to_string(column) + " (" + PQfname(result_, column) + ") is of type " +
        std::to_string(PQftype(result_, column)) + ", not " + as};
}

std::int64_t PgRow::integer(int column) const {
    const std::string_view bytes = value(column, "an integer");
    switch (PQftype(result_, column)) {
        case kInt8:
        case kInt4:
        case kInt2:
            return signed_value(bytes);
        case kBool:
            return bytes[0] != 0;
        case kNumeric:
            if (const auto whole = Numeric{bytes}.integer()) return *whole;
            break;
        default:
            break;
    }
    wrong_type(column, "an integer");
}

double PgRow::real(int column) const {
    const std::string_view bytes = value(column, "a real");
    switch (PQftype(result_, column)) {
        case kFloat8:
            return std::bit_cast<double>(big_endian(bytes));
        case kFloat4:
            return static_cast<double>(
                std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(bytes)))
            );
        case kNumeric:
            return Numeric{bytes}.real();
        default:
            wrong_type(column, "a real");
    }
}

std::string_view PgRow::text(int column) const {
    const std::string_view bytes = value(column, "a text");
    switch (PQftype(result_, column)) {
        case kText:
        case kVarchar:
        case kBpchar:
        case kName:
            return bytes;
        default:
            wrong_type(column, "a text");
    }
}

sql::Bytes PgRow::bytes(int column) const {
    const std::string_view bytes = value(column, "bytes");
    if (PQftype(result_, column) != kBytea) wrong_type(column, "bytes");
    return std::as_bytes(std::span{bytes});
}

}  // namespace doorbuster::postgres
