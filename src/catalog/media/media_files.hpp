#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/near_cache.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/work_thread.hpp"
#include "http/response.hpp"

namespace doorbuster::catalog {

// The media folder: pictures as files named by their SHA-256, so that one never changes and the
// same picture is there once. Recently asked-for ones are kept in memory. Thread-safe.
class MediaFiles {
public:
    static constexpr std::size_t kFileBytesMax = 8 * 1024 * 1024;

    struct Stored {
        std::string sha256;  // hex
        std::string content_type;
        std::int64_t byte_count = 0;
    };

    // Makes the folder if need be, and removes what uploads that never ended left in it.
    MediaFiles(
        std::filesystem::path folder,
        Random& random,
        const Clock& clock,
        metrics::Registry* metrics,
        std::size_t cache_bytes = 32 * 1024 * 1024
    );

    // Stores a picture durably: when this returns, a crash does not lose it. `declared` is the
    // client's content type. Blocks. Errors: kUnsupportedMedia, kBrokenMedia, kUnavailable (disk
    // full).
    Result<Stored> store(std::string_view bytes, std::string_view declared) const;
    // The same without blocking the caller's event loop. Errors: also kUnavailable when too many
    // wait.
    Task<Result<Stored>> store_async(std::string_view bytes, std::string_view declared);

    using Document = std::shared_ptr<const http::Document>;
    // The file of a name such as "<sha256>.png", for good: it never changes. Null: not in memory.
    Document find_kept(const std::string& name);
    // Null: there is no such file.
    Task<Result<Document>> load(std::string name);

private:
    Document read(const std::string& name);

    const std::filesystem::path folder_;
    Random& random_;
    cache::Generations generations_;  // nothing here ever changes
    cache::NearCache<std::string, http::Document> kept_;
    WorkThread worker_;
};

// "<64 hex digits>.jpg", ".png" or ".webp" and nothing else, so that no name leads out of the
// folder.
bool is_media_name(std::string_view name);

}  // namespace doorbuster::catalog
