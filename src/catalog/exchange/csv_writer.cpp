#include "catalog/exchange/csv_writer.hpp"

namespace doorbuster::catalog {

namespace {

// A blank at either end would be cut by some readers; at the start of a file, a field must not pass
// for a byte order mark.
bool needs_quotes(std::string_view field) {
    if (field.find_first_of(",\"\r\n") != std::string_view::npos) return true;
    if (field.starts_with("\xEF\xBB\xBF")) return true;
    return !field.empty() && (field.front() == ' ' || field.back() == ' ');
}

void append_quoted(std::string& line, std::string_view field) {
    line += '"';
    for (const char c : field) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

}  // namespace

void CsvWriter::write(std::span<const std::string> fields) {
    line_.clear();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) line_ += ',';
        if (needs_quotes(fields[i]))
            append_quoted(line_, fields[i]);
        else
            line_ += fields[i];
    }
    // One empty field would be an empty line, which readers leave out.
    if (line_.empty()) line_ = "\"\"";
    line_ += '\n';
    sink_(line_);
}

}  // namespace doorbuster::catalog
