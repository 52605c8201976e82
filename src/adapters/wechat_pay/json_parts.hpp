#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

// What reading and writing messages has in common. Included by sources of this folder only.
namespace doorbuster::wechat_pay {

inline boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// The object of a message of at most kMessageBytesMax, read strictly; nothing when it is none.
std::optional<boost::json::object> parse_object(std::string_view body);

}  // namespace doorbuster::wechat_pay
