#include "simulation/disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <stdexcept>

namespace doorbuster::simulation {

Disk::Disk() : connection_{":memory:", sqlite::Access::read_write}, session_{connection_} {
    configure();
}

Disk::Disk(const Image& image)
    : connection_{":memory:", sqlite::Access::read_write}, session_{connection_} {
    const auto size = static_cast<sqlite3_int64>(image.size());
    auto* const bytes = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
    if (!bytes) throw std::bad_alloc{};
    std::memcpy(bytes, image.data(), image.size());
    // SQLite owns the bytes from here on, also when it refuses them.
    const int code = sqlite3_deserialize(
        connection_.get(),
        "main",
        bytes,
        size,
        size,
        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE
    );
    if (code != SQLITE_OK) throw std::runtime_error{"sqlite3_deserialize failed"};
    configure();
}

void Disk::configure() {
    connection_.run("PRAGMA foreign_keys=ON; PRAGMA journal_mode=MEMORY; PRAGMA temp_store=MEMORY");
}

Image Disk::image() const {
    sqlite3_int64 size = 0;
    unsigned char* const bytes = sqlite3_serialize(connection_.get(), "main", &size, 0);
    if (!bytes) throw std::bad_alloc{};
    Image image(bytes, bytes + size);
    sqlite3_free(bytes);
    return image;
}

}  // namespace doorbuster::simulation
