#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/principal.hpp"

namespace doorbuster::accounts {

struct User {
    UserId id;
    std::string username;
    std::string display_name;
    std::string email;
    std::string phone;
    Rights rights;
    bool disabled = false;
    Time created_at;
    Time updated_at;
};

// "shopper" without rights, "admin" with the right to everything, else "staff".
std::string_view role_of(Rights rights);

// The words for rights on the wire: catalog, orders, marketing, finance, admin.
const std::vector<std::string_view>& right_words();
std::vector<std::string_view> words_of(Rights rights);
// Nothing when one of the words is unknown.
std::optional<Rights> rights_from(const std::vector<std::string>& words);

}  // namespace doorbuster::accounts
