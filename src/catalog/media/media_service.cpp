#include "catalog/media/media_service.hpp"

#include "catalog/media/sql.hpp"
#include "catalog/model/json_ids.hpp"

namespace doorbuster::catalog {

namespace queries = media::queries;
namespace {

Media media_of(const sql::Row& row) {
    return {
        row.id<MediaId>(0),
        row.optional_string(1).value_or(""),
        row.string(2),
        row.integer(3),
        row.optional_string(4).value_or("")};
}

}  // namespace

Media MediaService::add_file(
    sql::Transaction& tx,
    std::string_view sha256_hex,
    std::string_view content_type,
    std::int64_t byte_count
) const {
    tx.execute(queries::insert_media_file, {sha256_hex, content_type, byte_count, clock_.now()});
    return *tx.find(queries::find_media_file, {sha256_hex}, media_of);
}

Media MediaService::add_url(sql::Transaction& tx, std::string_view url) const {
    tx.execute(queries::insert_media_url, {url, clock_.now()});
    return *tx.find(queries::find_media_url, {url}, media_of);
}

std::vector<Media> find_media(sql::Reader& reader, std::span<const MediaId> ids) {
    if (ids.empty()) return {};
    return reader.all(queries::find_media, {json_ids(ids)}, media_of);
}

}  // namespace doorbuster::catalog
