#include "support/failing_disk.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <string>

namespace doorbuster::test {

namespace {

std::atomic<int> write_code = SQLITE_OK;
std::atomic<int> sync_code = SQLITE_OK;

// The system's methods with two of them replaced; all files of one kind share a table.
sqlite3_vfs* system_files() {
    static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
    return found;
}
const sqlite3_io_methods* system_methods = nullptr;

int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 at) {
    const int code = write_code;
    return code != SQLITE_OK ? code : system_methods->xWrite(file, data, amount, at);
}

int sync(sqlite3_file* file, int how) {
    const int code = sync_code;
    return code != SQLITE_OK ? code : system_methods->xSync(file, how);
}

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int how, int* got) {
    static sqlite3_io_methods methods;
    const int code = system_files()->xOpen(system_files(), name, file, how, got);
    if (code == SQLITE_OK && file->pMethods) {
        system_methods = file->pMethods;
        methods = *system_methods;
        methods.xWrite = &write;
        methods.xSync = &sync;
        file->pMethods = &methods;
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
