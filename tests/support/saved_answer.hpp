#pragma once

#include <fstream>

#include "ports/http_client.hpp"

namespace doorbuster::test {

// What an HttpClient does with an answer that was asked for as a file.
inline OutboundResponse saved(const OutboundRequest& request, OutboundResponse answer) {
    if (request.save_to.empty() || answer.status / 100 != 2) return answer;
    if (answer.body.size() > request.answer_bytes_max) {
        throw HttpClient::Failed{"the answer is too large", true};
    }
    std::ofstream{request.save_to, std::ios::binary} << answer.body;
    answer.body.clear();
    return answer;
}

}  // namespace doorbuster::test
