#pragma once

#include <span>
#include <string>

#include "core/ids.hpp"

namespace doorbuster::catalog {

// "[1,2,3]": a list of ids as one statement parameter, so that one text serves any number.
template <class AnId>
std::string json_ids(std::span<const AnId> ids) {
    std::string text = "[";
    for (const AnId id : ids) {
        if (text.size() > 1) text += ',';
        text += std::to_string(id.value());
    }
    return text += ']';
}

}  // namespace doorbuster::catalog
