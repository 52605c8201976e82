#pragma once

#include "core/error.hpp"

// Refusals that the HTTP edge itself makes, before or instead of a handler.
namespace doorbuster::http {

inline constexpr ErrorKind kUnauthenticated{
    1001, "unauthenticated", Condition::unauthenticated, "Sign in to do this."};
inline constexpr ErrorKind kForbidden{
    1002, "forbidden", Condition::forbidden, "Your account may not do this."};
inline constexpr ErrorKind kUnsupportedMediaType{
    9007,
    "unsupported_media_type",
    Condition::unsupported,
    "The body must be sent as application/json."};
inline constexpr ErrorKind kBodyTooLarge{
    9008, "body_too_large", Condition::too_large, "The body of the request is too large."};

}  // namespace doorbuster::http
