#pragma once

#include "core/error.hpp"

namespace doorbuster::pay_api {

inline constexpr ErrorKind kAppKeyInvalid{
    1030, "app_key_invalid", Condition::unauthenticated, "This app key is not valid."};
inline constexpr ErrorKind kAppDisabled{
    1031, "app_disabled", Condition::forbidden, "This app is switched off."};

inline constexpr ErrorKind kAppNotFound{
    5030, "app_not_found", Condition::not_found, "There is no such app."};
inline constexpr ErrorKind kAppNameTaken{
    5031, "app_name_taken", Condition::conflict, "Another app has this name."};
inline constexpr ErrorKind kTooManyApps{
    5032, "too_many_apps", Condition::conflict, "No more apps can be added."};
inline constexpr ErrorKind kTooManyKeys{
    5033, "too_many_app_keys", Condition::conflict, "This app has two keys. Revoke one first."};
inline constexpr ErrorKind kKeyNotFound{
    5034, "app_key_not_found", Condition::not_found, "This app has no such key."};
inline constexpr ErrorKind kRefundReferenceUsed{
    5035,
    "refund_reference_used",
    Condition::conflict,
    "This refund reference was used for another amount of this payment."};

}  // namespace doorbuster::pay_api
