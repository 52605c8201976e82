#pragma once

#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace doorbuster::http {

// A refusal as it goes on the wire, for statuses that no Condition stands for (405, 408, 431, 500).
struct Refusal {
    int status = 500;
    int code = 0;
    std::string_view name;
    std::string_view message;
    std::vector<ErrorDetail> details = {};
};

// Envelope or RFC 9457, as the request accepts. 401 carries WWW-Authenticate, 503 Retry-After.
Response refuse(const Request& request, const Refusal& refusal);

}  // namespace doorbuster::http
