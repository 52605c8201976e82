#include "http/access_log.hpp"

#include "ports/log.hpp"

namespace doorbuster::http {

void LoggedAccess::write(const AccessRecord& record) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(record.duration);
    log::info(
        "http.request",
        {{"method", record.method},
         {"path", record.path},
         {"status", record.status},
         {"bytes", record.bytes},
         {"micros", micros.count()},
         {"request_id", record.request_id},
         {"remote", record.remote_address}}
    );
}

}  // namespace doorbuster::http
