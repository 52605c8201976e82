#include "catalog/exchange/csv_reader.hpp"

#include <istream>
#include <stdexcept>

#include "http/text.hpp"

namespace doorbuster::catalog {

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_break(char c) { return c == '\n' || c == '\r'; }

}  // namespace

ByteSource bytes_of(std::istream& stream) {
    return [&stream](std::span<char> into) {
        stream.read(into.data(), static_cast<std::streamsize>(into.size()));
        if (stream.bad()) throw std::runtime_error{"the file could not be read to its end"};
        return static_cast<std::size_t>(stream.gcount());
    };
}

CsvReader::CsvReader(ByteSource source, CsvLimits limits)
    : source_{std::move(source)}, limits_{limits}, buffer_(kBufferBytes) {
    // A source may hand out the mark's three bytes in pieces.
    while (filled_ < kByteOrderMark.size()) {
        const std::size_t count = source_(std::span{buffer_}.subspan(filled_));
        if (count == 0) break;
        filled_ += count;
    }
    bytes_ = filled_;
    const std::string_view start{buffer_.data(), filled_};
    if (start.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

std::optional<char> CsvReader::take() {
    if (at_ == filled_) {
        filled_ = source_(buffer_);
        bytes_ += filled_;
        at_ = 0;
        if (filled_ == 0) return std::nullopt;
    }
    return buffer_[at_++];
}

// CRLF counts once, at its CR.
void CsvReader::count_line(char c) {
    if (c == '\r' || (c == '\n' && previous_ != '\r')) ++line_;
    previous_ = c;
}

bool CsvReader::next(CsvRecord& record) {
    while (true) {
        record.fields.clear();
        record.fault.reset();
        record_bytes_ = field_count_ = 0;
        state_ = State::field_start;
        quoted_ = false;
        bool read_any = false;
        bool complete = false;
        while (!complete) {
            const auto c = take();
            if (!c) {
                if (!read_any) return false;
                end_of_input(record);
                break;
            }
            const bool second_of_crlf = !read_any && *c == '\n' && previous_ == '\r';
            if (!read_any && !second_of_crlf) record.line = line_;
            read_any = read_any || !second_of_crlf;
            count_line(*c);
            complete = !second_of_crlf && step(record, *c);
        }
        const bool empty_line = record.fields.size() == 1 && record.fields[0].empty() && !quoted_;
        if (empty_line && !record.fault) continue;
        check_text(record);
        return true;
    }
}

bool CsvReader::step(CsvRecord& record, char c) {
    if (state_ == State::quoted) {
        if (c == '"')
            state_ = State::quote;
        else
            append(record, c);
        return false;
    }
    if (state_ == State::quote && c == '"') {
        append(record, c);
        state_ = State::quoted;
        return false;
    }
    if (c == ',' || is_line_break(c)) {
        end_field(record);
        return c != ',';
    }
    if (state_ == State::quote) fault(record, "text follows the closing quote");
    if (state_ == State::field_start && c == '"') {
        state_ = State::quoted;
        quoted_ = true;
        quote_line_ = line_;
        return false;
    }
    state_ = State::plain;
    append(record, c);
    return false;
}

void CsvReader::append(CsvRecord& record, char c) {
    const bool field_full = field_.size() >= limits_.field_bytes_max;
    if (!field_full && record_bytes_ < limits_.record_bytes_max) {
        field_ += c;
        ++record_bytes_;
    } else if (!record.fault) {
        const std::string what = field_full ? "longer than " : "row longer than ";
        const auto bytes = field_full ? limits_.field_bytes_max : limits_.record_bytes_max;
        fault(record, what + std::to_string(bytes) + " bytes");
    }
}

void CsvReader::end_field(CsvRecord& record) {
    if (field_count_ < limits_.fields_max) {
        record.fields.push_back(field_);
    } else {
        fault(record, "more than " + std::to_string(limits_.fields_max) + " columns");
    }
    ++field_count_;
    field_.clear();
    state_ = State::field_start;
}

void CsvReader::end_of_input(CsvRecord& record) {
    if (state_ == State::quoted) {
        fault(
            record, "the quote opened on line " + std::to_string(quote_line_) + " is never closed"
        );
    }
    end_field(record);
}

void CsvReader::fault(CsvRecord& record, std::string reason) {
    if (!record.fault) record.fault = CsvFault{field_count_, std::move(reason)};
}

void CsvReader::check_text(CsvRecord& record) {
    for (std::size_t i = 0; i < record.fields.size() && !record.fault; ++i) {
        const std::string& field = record.fields[i];
        if (!http::utf8_length(field)) {
            record.fault = CsvFault{i, "not UTF-8; save the file as \"CSV UTF-8\""};
        } else if (field.find('\0') != std::string::npos) {
            record.fault = CsvFault{i, "holds a NUL byte"};
        }
    }
}

}  // namespace doorbuster::catalog
