#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "refunds/refund.hpp"

namespace doorbuster::pay_api {

// An app's own number of a refund is the refund's request key behind a word that no other asker's
// key begins with.
inline constexpr std::string_view kReferenceMark = "app:";

inline std::string request_key_of(const std::string& reference) {
    return std::string{kReferenceMark} + reference;
}

// Empty when it was not an app that asked.
inline std::string reference_of(const refunds::Refund& refund) {
    const bool marked = refund.request_key && refund.request_key->starts_with(kReferenceMark);
    return marked ? refund.request_key->substr(kReferenceMark.size()) : std::string{};
}

}  // namespace doorbuster::pay_api
