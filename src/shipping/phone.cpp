#include "shipping/phone.hpp"

#include <algorithm>

namespace doorbuster::shipping {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_phone(std::string_view text) {
    if (text.size() < 5 || text.size() > 20) return false;
    const std::string_view number = text.substr(text.front() == '+' ? 1 : 0);
    const auto allowed = [](char c) { return is_digit(c) || c == ' ' || c == '-'; };
    return std::all_of(number.begin(), number.end(), allowed) &&
           std::count_if(number.begin(), number.end(), is_digit) >= 5;
}

bool is_postcode(std::string_view text) {
    return text.size() == 6 && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace doorbuster::shipping
