#include "catalog/media/media_files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>

#include "catalog/media/image_info.hpp"
#include "catalog/media/media.hpp"
#include "catalog/model/errors.hpp"
#include "core/assert.hpp"
#include "ports/log.hpp"

namespace doorbuster::catalog {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".upload-";
// Longer than any upload takes; other processes may share the folder.
constexpr std::chrono::hours kUnfinishedAgeMax{1};
constexpr std::size_t kHashDigits = 64;

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int fine =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    DOORBUSTER_ASSERT(fine == 1);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

// A file descriptor that closes itself.
class Descriptor {
public:
    Descriptor(const fs::path& path, int flags)
        : fd_{::open(path.c_str(), flags | O_CLOEXEC, 0644)} {
        if (fd_ < 0) fail("open");
    }
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    void write_all(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("write");
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void sync() const {
        if (::fsync(fd_) != 0) fail("fsync");
    }

private:
    [[noreturn]] static void fail(const char* what) {
        throw std::system_error{errno, std::generic_category(), what};
    }
    int fd_;
};

// The name appears only with the whole content behind it, and stays after a power loss.
void write_durably(const fs::path& unfinished, const fs::path& target, std::string_view bytes) {
    try {
        {
            const Descriptor file{unfinished, O_WRONLY | O_CREAT | O_EXCL};
            file.write_all(bytes);
            file.sync();
        }
        fs::rename(unfinished, target);
        const Descriptor folder{target.parent_path(), O_RDONLY | O_DIRECTORY};
        folder.sync();
    } catch (...) {
        std::error_code ignored;
        fs::remove(unfinished, ignored);
        throw;
    }
}

void remove_unfinished(const fs::path& folder) {
    const auto now = fs::file_time_type::clock::now();
    for (const auto& entry : fs::directory_iterator{folder}) {
        if (!entry.path().filename().string().starts_with(kUnfinished)) continue;
        std::error_code error;
        const auto written = entry.last_write_time(error);
        if (!error && now - written > kUnfinishedAgeMax) fs::remove(entry.path(), error);
    }
}

cache::NearCacheLimits limits(std::size_t bytes) {
    cache::NearCacheLimits limits;
    limits.bytes = bytes;
    return limits;
}

}  // namespace

bool is_media_name(std::string_view name) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return name.size() > kHashDigits && std::ranges::all_of(name.substr(0, kHashDigits), is_hex) &&
           !content_type_of(name.substr(kHashDigits)).empty();
}

MediaFiles::MediaFiles(
    fs::path folder,
    Random& random,
    const Clock& clock,
    metrics::Registry* metrics,
    std::size_t cache_bytes
)
    : folder_{std::move(folder)},
      random_{random},
      kept_{generations_, clock, limits(cache_bytes), cache::CacheMetrics{metrics, "media"}} {
    fs::create_directories(folder_);
    remove_unfinished(folder_);
}

Result<MediaFiles::Stored> MediaFiles::store(std::string_view bytes, std::string_view declared)
    const {
    const auto info = sniff_image(bytes);
    if (info.has_error()) return info.error();
    if (info->content_type != declared) return kUnsupportedMedia;

    Stored stored{
        sha256_hex(bytes),
        std::string{info->content_type},
        static_cast<std::int64_t>(bytes.size())};
    const fs::path target =
        folder_ / (stored.sha256 + std::string{extension_of(stored.content_type)});
    try {
        if (!fs::exists(target)) {
            const fs::path unfinished = folder_ / (std::string{kUnfinished} + random_.token(24));
            write_durably(unfinished, target, bytes);
        }
    } catch (const std::system_error& error) {
        log::error("catalog.media_not_stored", {{"reason", error.what()}});
        return kUnavailable;
    }
    return stored;
}

Task<Result<MediaFiles::Stored>> MediaFiles::store_async(
    std::string_view bytes, std::string_view declared
) {
    const auto work = [this, bytes, declared] { return store(bytes, declared); };
    auto stored = co_await worker_.run(work);
    if (!stored) co_return kUnavailable;
    co_return *std::move(stored);
}

MediaFiles::Document MediaFiles::find_kept(const std::string& name) {
    return kept_.find(name).value_or(nullptr);
}

Task<Result<MediaFiles::Document>> MediaFiles::load(std::string name) {
    kept_.count_miss();
    const auto work = [this, &name] { return read(name); };
    auto document = co_await worker_.run(work);
    if (!document) co_return kUnavailable;
    co_return *std::move(document);
}

MediaFiles::Document MediaFiles::read(const std::string& name) {
    std::ifstream file{folder_ / name, std::ios::binary};
    if (!file) return nullptr;
    std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    const auto document = http::make_document(
        std::string{content_type_of(std::string_view{name}.substr(kHashDigits))},
        std::move(bytes),
        "public, max-age=31536000, immutable"
    );
    kept_.insert(name, document, document->body.size() + 512, {}, kept_.moment());
    return document;
}

}  // namespace doorbuster::catalog
