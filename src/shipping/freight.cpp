#include "shipping/freight.hpp"

namespace doorbuster::shipping {

Money freight_for(const FreightRule& rule, Money items_total) {
    const bool free = rule.free_above && items_total >= *rule.free_above;
    return free ? Money{} : rule.flat;
}

}  // namespace doorbuster::shipping
