#include "adapters/wechat_pay/json_parts.hpp"

#include "adapters/pay_wire/strict_json.hpp"
#include "adapters/wechat_pay/messages.hpp"

namespace doorbuster::wechat_pay {

std::optional<boost::json::object> parse_object(std::string_view body) {
    if (body.size() > kMessageBytesMax) return std::nullopt;
    auto value = pay_wire::parse_strict(body);
    if (!value || !value->is_object()) return std::nullopt;
    return std::move(value->get_object());
}

}  // namespace doorbuster::wechat_pay
