#pragma once

#include <string>
#include <string_view>

#include "ports/sql.hpp"

struct sqlite3;

namespace doorbuster::sqlite {

// No room on the disk. The transaction was rolled back cleanly and nothing is lost.
class DiskFull final : public sql::Unavailable {
public:
    using Unavailable::Unavailable;
};

// The file cannot be read or written as it must be (I/O error, damage). Writing has to stop.
class Broken final : public sql::Error {
public:
    using Error::Error;
};

// Throws the exception that the failed call's extended result code stands for.
[[noreturn]] void throw_error(sqlite3* db, int code, std::string_view what);

// True for the codes after which no further write may be acknowledged.
bool is_fatal(int code);

}  // namespace doorbuster::sqlite
