#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/media/media.hpp"
#include "core/clock.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

// Which pictures there are. The same picture is recorded once, however often it is added. All
// functions run in a caller's transaction or snapshot. Thread-safe.
class MediaService {
public:
    explicit MediaService(const Clock& clock) : clock_{clock} {}

    // A file that is already in the media folder.
    Media add_file(
        sql::Transaction& tx,
        std::string_view sha256_hex,
        std::string_view content_type,
        std::int64_t byte_count
    ) const;
    // An address elsewhere; it must be a valid_media_url.
    Media add_url(sql::Transaction& tx, std::string_view url) const;

private:
    const Clock& clock_;
};

// Those of the pictures that exist, in no order.
std::vector<Media> find_media(sql::Reader& reader, std::span<const MediaId> ids);

}  // namespace doorbuster::catalog
