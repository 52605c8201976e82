#include "pay_api/pay_app.hpp"

#include <algorithm>

#include "webhooks/webhook.hpp"

namespace doorbuster::pay_api {

std::string_view name_fault(std::string_view name) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_word = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
    const bool right_size = name.size() >= 3 && name.size() <= kNameMax;
    if (!right_size || !is_letter(name.front()) || !std::ranges::all_of(name, is_word)) {
        return "must be 3 to 32 of a-z, 0-9 and -, a letter first";
    }
    if (name == "shop") return "is the name of this program's own shop";
    return {};
}

std::string_view return_url_fault(std::string_view url) {
    const std::string_view fault = webhooks::url_fault(url);
    if (!fault.empty()) return fault;
    if (url.starts_with("https://")) return {};
    std::string_view host = url.substr(std::string_view{"http://"}.size());
    host = host.substr(0, host.find_first_of("/?"));
    const std::string_view name = host.substr(0, host.rfind(':'));
    const bool here = name == "127.0.0.1" || name == "localhost" || host.starts_with("[::1]");
    return here ? std::string_view{} : "must begin with https://, but on this machine";
}

}  // namespace doorbuster::pay_api
