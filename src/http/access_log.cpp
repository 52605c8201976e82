#include "http/access_log.hpp"

#include <algorithm>

#include "ports/log.hpp"

namespace doorbuster::http {

namespace {

// As long as a token of 256 bits in base64 (RFC 4648, without padding).
constexpr std::size_t kSecretBytes = 43;

}  // namespace

std::string loggable_path(std::string_view path, std::string_view route) {
    if (route.find("{token}") != std::string_view::npos) return std::string{route};
    if (!route.empty()) return std::string{path};
    // A link that was copied with a slash behind it, or asked for with another method, still holds
    // its secret.
    std::string told;
    while (true) {
        const std::size_t end = std::min(path.find('/'), path.size());
        told += end < kSecretBytes ? path.substr(0, end) : "***";
        if (end == path.size()) return told;
        told += '/';
        path.remove_prefix(end + 1);
    }
}

void LoggedAccess::write(const AccessRecord& record) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(record.duration);
    log::info(
        "http.request",
        {{"method", record.method},
         {"path", loggable_path(record.path, record.route)},
         {"status", record.status},
         {"bytes", record.bytes},
         {"micros", micros.count()},
         {"request_id", record.request_id},
         {"remote", record.remote_address}}
    );
}

}  // namespace doorbuster::http
