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

std::string_view cut_utf8(std::string_view text, std::size_t max) {
    if (text.size() <= max) return text;
    std::size_t end = max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace doorbuster::wechat_pay
