#include "http/access_log.hpp"

#include "ports/log.hpp"

namespace doorbuster::http {

namespace {

// A path that carries a secret, such as a one-time link, is told by its pattern.
std::string_view loggable_path(const AccessRecord& record) {
    return record.route.find("{token}") == std::string_view::npos ? record.path : record.route;
}

}  // namespace

void LoggedAccess::write(const AccessRecord& record) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(record.duration);
    log::info(
        "http.request",
        {{"method", record.method},
         {"path", loggable_path(record)},
         {"status", record.status},
         {"bytes", record.bytes},
         {"micros", micros.count()},
         {"request_id", record.request_id},
         {"remote", record.remote_address}}
    );
}

}  // namespace doorbuster::http
