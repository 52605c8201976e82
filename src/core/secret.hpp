#pragma once

#include <string>
#include <utility>

namespace doorbuster {

// Text that must not reach a log, an error or an answer. It has no stream operator and no
// formatter, so printing one does not compile; reading it takes a word that a reviewer sees.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}

    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    std::string value_;
};

}  // namespace doorbuster
