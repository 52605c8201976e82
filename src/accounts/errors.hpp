#pragma once

#include "core/error.hpp"

namespace doorbuster::accounts {

inline constexpr ErrorKind kSessionInvalid{
    1003, "session_invalid", Condition::unauthenticated, "Your session has ended. Sign in again."};
inline constexpr ErrorKind kBadCredentials{
    1004, "bad_credentials", Condition::unauthenticated, "The user name or the password is wrong."};
inline constexpr ErrorKind kAccountDisabled{
    1005, "account_disabled", Condition::forbidden, "This account is disabled."};
inline constexpr ErrorKind kCsrfFailed{
    1006,
    "csrf_failed",
    Condition::forbidden,
    "The X-CSRF-Token header is missing or does not belong to this session."};
inline constexpr ErrorKind kUsernameTaken{
    1010, "username_taken", Condition::conflict, "This user name is taken."};
inline constexpr ErrorKind kUserNotFound{
    1011, "user_not_found", Condition::not_found, "There is no such user."};
inline constexpr ErrorKind kSessionNotFound{
    1012, "session_not_found", Condition::not_found, "There is no such session."};
inline constexpr ErrorKind kWrongPassword{
    1013, "wrong_password", Condition::unprocessable, "The current password is wrong."};
inline constexpr ErrorKind kLastAdmin{
    1014,
    "last_admin",
    Condition::conflict,
    "This is the only administrator. Make another one first."};
inline constexpr ErrorKind kTooManyAttempts{
    1015, "too_many_attempts", Condition::rate_limited, "Too many attempts. Try again later."};
inline constexpr ErrorKind kInvitationNotFound{
    1016, "invitation_not_found", Condition::not_found, "There is no such invitation."};
inline constexpr ErrorKind kInvitationGone{
    1017, "invitation_gone", Condition::gone, "This invitation was used or has expired."};

}  // namespace doorbuster::accounts
