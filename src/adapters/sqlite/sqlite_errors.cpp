#include "adapters/sqlite/sqlite_errors.hpp"

#include <sqlite3.h>

namespace doorbuster::sqlite {

namespace {

using Kind = sql::ConstraintViolation::Kind;

// "UNIQUE constraint failed: users.username" tells "users.username".
std::string subject_of(std::string_view message) {
    const auto colon = message.find(": ");
    return std::string{colon == message.npos ? message : message.substr(colon + 2)};
}

[[noreturn]] void throw_constraint(int code, const std::string& message, std::string_view what) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            throw sql::ConstraintViolation{Kind::unique, subject_of(message)};
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            throw sql::ConstraintViolation{Kind::foreign_key, subject_of(message)};
        case SQLITE_CONSTRAINT_CHECK:
            throw sql::ConstraintViolation{Kind::check, subject_of(message)};
        case SQLITE_CONSTRAINT_NOTNULL:
            throw sql::ConstraintViolation{Kind::not_null, subject_of(message)};
        default:
            throw sql::Error{std::string{what} + ": " + message};
    }
}

}  // namespace

bool is_fatal(int code) {
    switch (code & 0xff) {
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
            return true;
        default:
            return false;
    }
}

void throw_error(sqlite3* db, int code, std::string_view what) {
    const std::string message = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    const std::string line = std::string{what} + ": " + message;
    if ((code & 0xff) == SQLITE_CONSTRAINT) throw_constraint(code, message, what);
    if ((code & 0xff) == SQLITE_FULL) throw DiskFull{"the disk is full: " + line};
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        throw sql::Unavailable{"the database is locked by another process: " + line};
    }
    if ((code & 0xff) == SQLITE_INTERRUPT) throw sql::Unavailable{"cut short: " + line};
    if (is_fatal(code)) throw Broken{line};
    throw sql::Error{line};
}

}  // namespace doorbuster::sqlite
