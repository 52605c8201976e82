#pragma once

#include <span>
#include <string>

#include "core/ids.hpp"

namespace doorbuster::inventory {

// SKUs as one parameter: the JSON array that `json_each` and `json_array_elements_text` read.
std::string json_list(std::span<const SkuId> skus);

}  // namespace doorbuster::inventory
