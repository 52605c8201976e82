#pragma once

#include "core/error.hpp"

namespace doorbuster::shipping {

inline constexpr ErrorKind kAddressNotFound{
    1020, "address_not_found", Condition::not_found, "There is no such address."};
inline constexpr ErrorKind kTooManyAddresses{
    1021, "too_many_addresses", Condition::conflict, "The address book is full."};

}  // namespace doorbuster::shipping
