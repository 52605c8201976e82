#pragma once

#include <memory>
#include <vector>

#include "adapters/sqlite/session.hpp"

namespace doorbuster::simulation {

// The bytes of a database, to make many equal ones of.
using Image = std::vector<unsigned char>;

// What outlives a crash: a real SQLite database in memory. Holds committed transactions only,
// except while a job is being run.
class Disk {
public:
    Disk();  // empty
    explicit Disk(const Image& image);

    Image image() const;

    sqlite::Connection& connection() { return connection_; }
    sqlite::Session& session() { return session_; }
    // What has been committed, for whoever looks from outside the world.
    sql::Reader& committed() {
        session_.begin_job();
        return session_;
    }

private:
    void configure();

    sqlite::Connection connection_;
    sqlite::Session session_;
};

}  // namespace doorbuster::simulation
