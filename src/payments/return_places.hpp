#pragma once

#include <string>
#include <string_view>

#include "ports/sql.hpp"

namespace doorbuster::payments {

// Where buyers go on to who come back from a page of a provider. Addresses that staff have kept,
// and never one that a request names: so nobody is led to an address of a stranger's choice. Must
// be thread-safe.
class ReturnPlaces {
public:
    virtual ~ReturnPlaces() = default;

    // For the payments of `app` (Payment::app); empty: our own page.
    virtual std::string place_of(sql::Reader& reader, std::string_view app) = 0;
};

}  // namespace doorbuster::payments
