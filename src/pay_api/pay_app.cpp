#include "pay_api/pay_app.hpp"

#include <algorithm>

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

}  // namespace doorbuster::pay_api
