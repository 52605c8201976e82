#pragma once

#include <string>
#include <string_view>

#include "http/fields.hpp"

namespace doorbuster::pay_api {

// An app's own number: 1 to 64 printable ASCII characters without a space, so that it stands in a
// query, a log and a database as it is.
inline std::string read_reference(http::Fields& fields, std::string_view name) {
    std::string reference = fields.text(name, {.min = 1, .max = 64});
    for (const char c : reference) {
        if (c > ' ' && c <= '~') continue;
        fields.reject(name, "must be printable ASCII characters without a space");
        break;
    }
    return reference;
}

}  // namespace doorbuster::pay_api
