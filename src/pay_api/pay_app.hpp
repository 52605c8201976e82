#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "http/request.hpp"

// Order systems that use the payment side over HTTP; no I/O.
namespace doorbuster::pay_api {

using http::AppId;

struct PayApp {
    AppId id;
    std::string name;
    WebhookId endpoint;
    bool enabled = true;
    Time created_at;
    std::optional<UserId> created_by;  // none: a command on this machine
    std::string return_url;            // where its buyers come back to; empty: a page of ours
};

struct AppKey {
    std::string id;
    AppId app;
    Time created_at;
    std::optional<UserId> created_by;
};

inline constexpr std::size_t kAppsMax = 50;
// Alive at once, so that one can be changed for the other without a pause.
inline constexpr std::int64_t kKeysMax = 2;
inline constexpr std::size_t kNameMax = 32;

// What is wrong with a name for a person to read, or nothing. 3 to 32 small letters, digits and
// hyphens, a letter first; "shop" is the order side of this program.
std::string_view name_fault(std::string_view name);
// The same for a return address: https, or http on this machine (to try things), a host, no
// credentials, no fragment.
std::string_view return_url_fault(std::string_view url);
inline constexpr std::size_t kReturnUrlMax = 1000;

}  // namespace doorbuster::pay_api
