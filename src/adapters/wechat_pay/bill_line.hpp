#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

// A line of a bill file: plain names in a header line, values that each begin with a back-quote in
// all others.
namespace doorbuster::wechat_pay {

// Which place a column has among the fields of a line.
class BillColumns {
public:
    // Reads a header line. Throws BadBill: no columns, or more than 128.
    void read(std::string_view header);

    // The place of the first of these names that the header has; nothing when it has none. A bill
    // of another layout names some columns differently. Empty names are none.
    std::optional<std::size_t> find(std::initializer_list<std::string_view> names) const;
    std::size_t count() const { return names_.size(); }

private:
    std::vector<std::string> names_;
};

// The values of a line. They may hold commas, and texts of the merchant's own even the sequence
// that separates values; such a line has more fields than columns. Columns behind the last free
// text are then counted from the end, so that no product name can move an amount.
class BillValues {
public:
    // `last_free_text`: the place of the last column that holds such texts, when there is one.
    BillValues(const BillColumns& columns, std::optional<std::size_t> last_free_text)
        : columns_{columns.count()}, last_free_text_{last_free_text} {}

    // False: no line of values, or not as many as there are columns. `line` must live while the
    // values are asked for.
    bool split(std::string_view line);
    std::string_view at(std::size_t column) const;

private:
    const std::size_t columns_;
    const std::optional<std::size_t> last_free_text_;
    std::vector<std::string_view> fields_;
};

// Yuan in thousandths of a fen, because fees are told so: at most five decimals besides zeros.
// Nothing when it is not such a number, or larger than any bill.
std::optional<std::int64_t> parse_millifen(std::string_view text);

// The number of a summary line, which may be written 20.0.
std::optional<std::int64_t> parse_count(std::string_view text);

// "2026-11-21 10:00:01", which is Beijing time.
std::optional<Time> parse_beijing_time(std::string_view text);

}  // namespace doorbuster::wechat_pay
