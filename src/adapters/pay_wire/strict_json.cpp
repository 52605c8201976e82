#include "adapters/pay_wire/strict_json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <vector>

namespace doorbuster::pay_wire {

namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 32;

// Watches the parser go by and stops it at a member that its object already has.
struct NoRepeatedMembers {
    static constexpr std::size_t max_object_size = 10'000;
    static constexpr std::size_t max_array_size = 10'000;
    static constexpr std::size_t max_key_size = 1024;
    static constexpr std::size_t max_string_size = 2 * 1024 * 1024;

    using Code = json::error_code;
    using Text = json::string_view;

    std::vector<std::set<std::string, std::less<>>> objects;
    std::string key;

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) {
        objects.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Code&) {
        objects.pop_back();
        return true;
    }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_key_part(Text part, std::size_t, Code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text part, std::size_t, Code& code) {
        key.append(part.data(), part.size());
        const bool fresh = objects.back().insert(std::move(key)).second;
        key.clear();
        if (!fresh) code = json::error::extra_data;
        return fresh;
    }
    bool on_string_part(Text, std::size_t, Code&) { return true; }
    bool on_string(Text, std::size_t, Code&) { return true; }
    bool on_number_part(Text, Code&) { return true; }
    bool on_int64(std::int64_t, Text, Code&) { return true; }
    bool on_uint64(std::uint64_t, Text, Code&) { return true; }
    bool on_double(double, Text, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }
};

json::parse_options limits() {
    json::parse_options options;
    options.max_depth = kDepthMax;
    return options;
}

bool members_are_unique(std::string_view text) {
    json::basic_parser<NoRepeatedMembers> parser{limits()};
    json::error_code code;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
    return !code && parser.done() && read <= text.size();
}

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

std::optional<json::value> parse_strict(std::string_view text) {
    if (!members_are_unique(text)) return std::nullopt;
    json::error_code code;
    auto value = json::parse({text.data(), text.size()}, code, {}, limits());
    if (code) return std::nullopt;
    return value;
}

std::optional<std::string> text_of(
    const json::object& object, std::string_view name, std::size_t max
) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    if (!value || !value->is_string()) return std::nullopt;
    const json::string& text = value->get_string();
    if (text.empty() || text.size() > max) return std::nullopt;
    return std::string{text.data(), text.size()};
}

std::optional<std::string> token_of(
    const json::object& object, std::string_view name, std::size_t max
) {
    auto text = text_of(object, name, max);
    return text && is_visible_ascii(*text) ? text : std::nullopt;
}

std::optional<std::int64_t> integer_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    if (!value || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value ? value->if_object() : nullptr;
}

}  // namespace doorbuster::pay_wire
