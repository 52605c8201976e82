#pragma once

#include <algorithm>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::wechat_pay {

// Reads the members of a JSON object and remembers the first that is wrong. Included by sources
// only.
class Members {
public:
    explicit Members(const boost::json::object& object, std::string path)
        : object_{object}, path_{std::move(path)} {}

    void only(std::initializer_list<std::string_view> known) {
        for (const auto& member : object_) {
            const std::string_view name{member.key().data(), member.key().size()};
            if (std::find(known.begin(), known.end(), name) == known.end()) spoil(name);
        }
    }
    std::string text(std::string_view name, std::size_t min, std::size_t max) {
        const boost::json::value* value = object_.if_contains(json_view(name));
        if (!value || !value->is_string()) return spoil(name), std::string{};
        const boost::json::string& text = value->get_string();
        if (text.size() < min || text.size() > max || text.find('\0') != text.npos) spoil(name);
        return {text.data(), text.size()};
    }
    std::optional<std::string> optional_text(std::string_view name, std::size_t max) {
        if (!object_.contains(json_view(name))) return std::nullopt;
        return text(name, 1, max);
    }
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max) {
        const boost::json::value* value = object_.if_contains(json_view(name));
        const bool good =
            value && value->is_int64() && value->get_int64() >= min && value->get_int64() <= max;
        if (!good) spoil(name);
        return good ? value->get_int64() : 0;
    }
    void boolean(std::string_view name) {
        const boost::json::value* value = object_.if_contains(json_view(name));
        if (value && !value->is_bool()) spoil(name);
    }
    const boost::json::object* object(std::string_view name) {
        const boost::json::value* value = object_.if_contains(json_view(name));
        if (!value) return nullptr;
        if (!value->is_object()) spoil(name);
        return value->if_object();
    }
    const boost::json::array* array(std::string_view name) {
        const boost::json::value* value = object_.if_contains(json_view(name));
        if (!value) return nullptr;
        if (!value->is_array()) spoil(name);
        return value->if_array();
    }
    void spoil(std::string_view name) {
        if (wrong_.empty()) wrong_ = path_ + "/" + std::string{name};
    }
    void take(const Members& inner) {
        if (wrong_.empty()) wrong_ = inner.wrong_;
    }
    std::string path_to(std::string_view name) const { return path_ + "/" + std::string{name}; }
    const std::string& wrong() const { return wrong_; }

private:
    const boost::json::object& object_;
    std::string path_;
    std::string wrong_;
};

// An absolute URL with a path and no query (WeChat Pay, notify_url).
bool is_notify_url(std::string_view url);

}  // namespace doorbuster::sandbox::wechat_pay
