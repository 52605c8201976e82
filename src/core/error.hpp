#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doorbuster {

// What kind of refusal an error is. http/ turns it into a status, once, for every domain.
enum class Condition {
    invalid,          // 400: the request cannot be understood
    unauthenticated,  // 401
    forbidden,        // 403
    not_found,        // 404
    conflict,         // 409: the state does not allow it
    gone,             // 410
    too_large,        // 413
    unsupported,      // 415
    unprocessable,    // 422: understood, but a value is not acceptable
    rate_limited,     // 429
    unavailable,      // 503: try again later
};

// One refusal that a caller may meet. Each domain lists its own in errors.hpp as constants; clients
// are written against `name` and `code`, so neither changes once released.
// Codes: 1xxx auth, 2xxx catalog, 3xxx cart, 4xxx order, 5xxx payment, 6xxx flash sale, 9xxx
// system.
struct ErrorKind {
    int code;
    std::string_view name;
    Condition condition;
    std::string_view message;
};

// Which part of the request is at fault.
struct ErrorDetail {
    std::string field;   // "quantity", "lines[2].sku_id"; may be empty
    std::string reason;  // for a person
};

// An expected refusal. Cheap to make when it has no details.
class Error {
public:
    Error(const ErrorKind& kind) : kind_{&kind} {}  // NOLINT: a kind is an error
    Error(const ErrorKind& kind, std::string field, std::string reason) : kind_{&kind} {
        details_.push_back({std::move(field), std::move(reason)});
    }
    Error(const ErrorKind& kind, std::vector<ErrorDetail> details)
        : kind_{&kind}, details_{std::move(details)} {}

    const ErrorKind& kind() const { return *kind_; }
    const std::vector<ErrorDetail>& details() const { return details_; }

    // Kinds are constants with one address each.
    bool is(const ErrorKind& kind) const { return kind_ == &kind; }

private:
    const ErrorKind* kind_;
    std::vector<ErrorDetail> details_;
};

// Refusals that belong to no domain.
inline constexpr ErrorKind kInvalidRequest{
    9001, "invalid_request", Condition::invalid, "The request cannot be understood."};
inline constexpr ErrorKind kValidationFailed{
    9002,
    "validation_failed",
    Condition::unprocessable,
    "A value in the request is not acceptable."};
inline constexpr ErrorKind kNotFound{
    9003, "not_found", Condition::not_found, "There is no such thing."};
inline constexpr ErrorKind kIdempotencyMismatch{
    9004,
    "idempotency_key_reused",
    Condition::unprocessable,
    "This idempotency key was used with a different request."};
inline constexpr ErrorKind kUnavailable{
    9005, "unavailable", Condition::unavailable, "The server cannot do this now. Try again later."};
inline constexpr ErrorKind kRateLimited{
    9006, "rate_limited", Condition::rate_limited, "Too many requests. Try again later."};

}  // namespace doorbuster
