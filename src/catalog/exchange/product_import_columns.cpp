#include "catalog/exchange/product_import_columns.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace doorbuster::catalog {

namespace {

std::optional<std::size_t> known_column(std::string_view name) {
    const auto found = std::ranges::find_if(kColumnNames, [&](std::string_view known) {
        return http::equal_ignoring_case(known, name);
    });
    if (found == kColumnNames.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kColumnNames.begin());
}

}  // namespace

Result<ColumnMap> ColumnMap::from_header(const CsvRecord& header) {
    ColumnMap map;
    if (header.fault) {
        const std::string field = "column " + std::to_string(header.fault->column + 1);
        return Error{kNotAProductFile, field, header.fault->reason};
    }
    for (const std::string& field : header.fields) {
        const std::string name{http::trim_blanks(field)};
        const auto column = known_column(name);
        if (!column && !name.empty()) map.ignored_.push_back(name);
        if (column) {
            auto& place = map.places_[*column];
            if (place) return Error{kNotAProductFile, name, "this column is there twice"};
            place = map.names_.size();
        }
        map.names_.push_back(name);
    }
    for (const Column needed : {Column::handle, Column::title}) {
        if (map.has(needed)) continue;
        return Error{kNotAProductFile, std::string{name_of(needed)}, "this column is missing"};
    }
    return map;
}

std::string_view ColumnMap::field(const CsvRecord& record, Column column) const {
    const auto& at = place(column);
    return at && *at < record.fields.size() ? std::string_view{record.fields[*at]}
                                            : std::string_view{};
}

bool ColumnMap::is_sound(const CsvRecord& record, Column column) const {
    const auto& at = place(column);
    return !record.fault || (at && *at < record.fault->column);
}

std::string ColumnMap::name_at(std::size_t index) const {
    const bool named = index < names_.size() && !names_[index].empty();
    return named ? names_[index] : "column " + std::to_string(index + 1);
}

}  // namespace doorbuster::catalog
