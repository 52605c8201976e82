#include "support/failing_disk.hpp"

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <mutex>

namespace doorbuster::test {

namespace {

std::atomic<int> write_code = SQLITE_OK;
std::atomic<int> sync_code = SQLITE_OK;

sqlite3_vfs* system_files() {
    static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
    return found;
}
// A database and its log have different methods, but write and sync alike.
std::atomic<const sqlite3_io_methods*> system_methods = nullptr;

int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 at) {
    const int code = write_code;
    return code != SQLITE_OK ? code : system_methods.load()->xWrite(file, data, amount, at);
}

int sync(sqlite3_file* file, int how) {
    const int code = sync_code;
    return code != SQLITE_OK ? code : system_methods.load()->xSync(file, how);
}

// The same methods with two replaced; made once for each kind of file, because files share them.
const sqlite3_io_methods* failing_methods(const sqlite3_io_methods* original) {
    static std::mutex mutex;
    static std::map<const sqlite3_io_methods*, sqlite3_io_methods> made;
    const std::lock_guard lock{mutex};
    const auto [entry, added] = made.try_emplace(original, *original);
    if (added) {
        entry->second.xWrite = &write;
        entry->second.xSync = &sync;
    }
    return &entry->second;
}

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int how, int* got) {
    const int code = system_files()->xOpen(system_files(), name, file, how, got);
    if (code == SQLITE_OK && file->pMethods) {
        system_methods = file->pMethods;
        file->pMethods = failing_methods(file->pMethods);
    }
    return code;
}

sqlite3_vfs& failing_files() {
    static sqlite3_vfs vfs = [] {
        sqlite3_initialize();
        sqlite3_vfs made = *system_files();
        made.pNext = nullptr;
        made.zName = "doorbuster-failing";
        made.xOpen = &open;
        return made;
    }();
    return vfs;
}

}  // namespace

FailingDisk::FailingDisk() {
    heal();
    sqlite3_vfs_register(&failing_files(), 1);
}

FailingDisk::~FailingDisk() {
    heal();
    sqlite3_vfs_register(system_files(), 1);
}

void FailingDisk::fail_writes(Failure how) {
    write_code = how == Failure::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

void FailingDisk::fail_syncs() { sync_code = SQLITE_IOERR_FSYNC; }

void FailingDisk::heal() {
    write_code = SQLITE_OK;
    sync_code = SQLITE_OK;
}

}  // namespace doorbuster::test
