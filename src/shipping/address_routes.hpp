#pragma once

#include "http/route.hpp"
#include "ports/database.hpp"
#include "shipping/address_service.hpp"

namespace doorbuster::shipping {

struct AddressDeps {
    sql::Database& database;
    const Clock& clock;
    const AddressService& addresses;
};

http::Routes address_routes(AddressDeps& deps);

}  // namespace doorbuster::shipping
