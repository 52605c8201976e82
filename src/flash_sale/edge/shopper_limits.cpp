#include "flash_sale/edge/shopper_limits.hpp"

namespace doorbuster::flash_sale {

ShopperLimits::ShopperLimits(const Clock& clock, const ShopperQuotas& quotas)
    : addresses_{clock, "address", quotas.address},
      users_{clock, "user", quotas.user},
      items_{clock, "item", quotas.item},
      routes_{clock, "route", quotas.route} {}

std::optional<http::Response> ShopperLimits::refuse_address(const http::Request& request) {
    if (!addresses_.limits()) return std::nullopt;
    const auto decision = addresses_.take(http::address_key(request.remote_address));
    if (decision.allowed) return std::nullopt;
    return addresses_.refuse(request, decision);
}

ShopperLimits::Admission ShopperLimits::admit(
    const http::Request& request, UserId user, PromotionItemId item, Route route
) {
    const auto of_user = users_.take(static_cast<std::uint64_t>(user.value()));
    if (!of_user.allowed) return {users_.refuse(request, of_user), of_user};
    const auto of_item = items_.take(static_cast<std::uint64_t>(item.value()));
    if (!of_item.allowed) return {items_.refuse(request, of_item), of_user};
    const auto of_route = routes_.take(static_cast<std::uint64_t>(route));
    if (!of_route.allowed) return {routes_.refuse(request, of_route), of_user};
    return {std::nullopt, of_user};
}

void ShopperLimits::tell(http::Response& response, const Admission& admission) const {
    users_.tell(response, admission.user);
}

}  // namespace doorbuster::flash_sale
