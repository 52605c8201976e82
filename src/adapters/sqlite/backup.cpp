#include "adapters/sqlite/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/sqlite_errors.hpp"

namespace doorbuster::sqlite {

namespace {

// All pages in one step: they are one snapshot then, and a writer cannot make it start over.
void copy_pages(Connection& from, Connection& to) {
    sqlite3_backup* const backup = sqlite3_backup_init(to.get(), "main", from.get(), "main");
    if (!backup) throw_error(to.get(), sqlite3_extended_errcode(to.get()), "backup");
    const int stepped = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (finished != SQLITE_OK) throw_error(to.get(), finished, "backup");
    if (stepped != SQLITE_DONE) throw_error(nullptr, stepped, "backup");
}

void sync(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    if (!synced) throw sql::Error{"cannot make " + path.string() + " durable"};
}

void put_in_place(const std::filesystem::path& copy, const std::filesystem::path& target) {
    sync(copy);
    std::filesystem::rename(copy, target);
    const auto folder = target.parent_path();
    sync(folder.empty() ? "." : folder);
}

}  // namespace

void backup(const std::filesystem::path& source, const std::filesystem::path& target) {
    const std::filesystem::path copy = target.string() + ".part";
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    try {
        Connection from{source, Access::read_only};
        sqlite3_busy_timeout(from.get(), 5000);
        {
            Connection to{copy, Access::read_write};
            copy_pages(from, to);
        }
        put_in_place(copy, target);
    } catch (const std::exception& error) {
        std::filesystem::remove(copy, ignored);
        throw sql::Error{"cannot write the backup " + target.string() + ": " + error.what()};
    }
}

}  // namespace doorbuster::sqlite
