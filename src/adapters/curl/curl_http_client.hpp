#pragma once

#include <memory>
#include <string>

#include "ports/http_client.hpp"

namespace doorbuster::curl {

struct CurlOptions {
    std::size_t in_flight_max = 1000;
    // Requests beyond `in_flight_max` wait their turn, and their waiting counts against their own
    // total_timeout. Beyond this many the client refuses at once.
    std::size_t queue_max = 4000;
    std::string user_agent = "Doorbuster/0.1";
    // A file of trusted certificates in PEM, instead of the system's.
    std::string ca_file = {};
};

// HttpClient over libcurl's multi interface on one thread of its own. Connections are kept and
// reused. TLS certificates and host names are always verified; only http and https are spoken;
// redirects are answers like others; proxies of the environment are not used, so that the address
// connected to is the address checked. Answer headers are limited to 64 KiB.
//
// Each coroutine resumes on its own executor. Destroy the client before the event loops whose
// coroutines use it: the destructor ends every waiting request with Failed.
class CurlHttpClient final : public HttpClient {
public:
    explicit CurlHttpClient(CurlOptions options = {});
    ~CurlHttpClient() override;

    Task<OutboundResponse> send(OutboundRequest request) override;

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace doorbuster::curl
