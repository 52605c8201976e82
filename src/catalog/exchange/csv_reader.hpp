#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace doorbuster::catalog {

// Where bytes come from: fills the start of the span and returns how many; zero at the end. May
// block; throws when the outside fails.
using ByteSource = std::function<std::size_t(std::span<char>)>;
// Reads a stream to its end; a failing stream throws std::runtime_error. The stream must outlive
// it.
ByteSource bytes_of(std::istream& stream);

struct CsvLimits {
    std::size_t field_bytes_max = 1024 * 1024;
    std::size_t record_bytes_max = 2 * 1024 * 1024;
    std::size_t fields_max = 512;
};

// Why a record must not be used.
struct CsvFault {
    std::size_t column = 0;  // from 0
    std::string reason;      // for a person
};

struct CsvRecord {
    std::uint64_t line = 0;  // the physical line it begins on, from 1
    std::vector<std::string> fields;
    std::optional<CsvFault> fault;  // the first one; `fields` then holds what could be read
};

// Reads comma-separated values (RFC 4180) in bounded memory: a byte order mark is skipped, lines
// end in CRLF, LF or CR, quoted fields may hold line breaks and doubled quotes, empty lines are
// left out. A quote inside an unquoted field is taken as it stands, since many programs write 27"
// so. Each field must be UTF-8 without NUL. A fault spoils its own record only; reading goes on
// behind it. Not thread-safe.
class CsvReader {
public:
    explicit CsvReader(ByteSource source, CsvLimits limits = {});

    // The next record, into `record`, whose memory is used again. False at the end.
    bool next(CsvRecord& record);

    std::uint64_t bytes_read() const { return bytes_; }

private:
    enum class State { field_start, plain, quoted, quote };

    std::optional<char> take();
    void count_line(char c);
    bool step(CsvRecord& record, char c);
    void append(CsvRecord& record, char c);
    void end_field(CsvRecord& record);
    void end_of_input(CsvRecord& record);
    void fault(CsvRecord& record, std::string reason);
    void check_text(CsvRecord& record);

    ByteSource source_;
    CsvLimits limits_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t line_ = 1;
    char previous_ = '\0';

    // Of the record that is being read.
    State state_ = State::field_start;
    std::string field_;
    std::size_t record_bytes_ = 0;
    std::size_t field_count_ = 0;
    std::uint64_t quote_line_ = 0;
    bool quoted_ = false;
};

}  // namespace doorbuster::catalog
