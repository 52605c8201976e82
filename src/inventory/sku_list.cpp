#include "inventory/sku_list.hpp"

namespace doorbuster::inventory {

std::string json_list(std::span<const SkuId> skus) {
    std::string list = "[";
    for (const SkuId sku : skus) {
        if (list.size() > 1) list += ',';
        list += sku.to_string();
    }
    return list += ']';
}

}  // namespace doorbuster::inventory
