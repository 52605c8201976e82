#pragma once

namespace doorbuster::test {

// While one lives, SQLite files that are opened write to a disk that can fail on demand. One at a
// time; make it before the database is opened.
class FailingDisk {
public:
    enum class Failure { full, io };

    FailingDisk();
    ~FailingDisk();
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

    void fail_writes(Failure how);
    void fail_syncs();
    void heal();
};

}  // namespace doorbuster::test
