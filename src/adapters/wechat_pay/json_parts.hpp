#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

// What reading and writing messages has in common. Included by sources of this folder only.
namespace doorbuster::wechat_pay {

inline boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// The object of a message of at most kMessageBytesMax, read strictly; nothing when it is none.
std::optional<boost::json::object> parse_object(std::string_view body);

// The longest beginning of at most `max` bytes that does not cut a character in two.
std::string_view cut_utf8(std::string_view text, std::size_t max);

}  // namespace doorbuster::wechat_pay
