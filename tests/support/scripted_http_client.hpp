#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "ports/http_client.hpp"
#include "support/saved_answer.hpp"

namespace doorbuster::test {

// An HttpClient that answers from a function and remembers what it was asked. The function may
// throw HttpClient::Failed. Thread-safe as long as the function is.
class ScriptedHttpClient final : public HttpClient {
public:
    using Answer = std::function<OutboundResponse(const OutboundRequest&)>;

    explicit ScriptedHttpClient(Answer answer) : answer_{std::move(answer)} {}

    Task<OutboundResponse> send(OutboundRequest request) override {
        note(request);
        co_return saved(request, answer_(request));
    }
    std::vector<OutboundRequest> requests() const {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

private:
    void note(const OutboundRequest& request) {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
    }

    Answer answer_;
    mutable std::mutex mutex_;
    std::vector<OutboundRequest> requests_;
};

}  // namespace doorbuster::test
