#include "catalog/model/rich_text_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

namespace doorbuster::catalog::rich_text {

namespace {

constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kTextBytesMax = 1024;

constexpr std::array<std::string_view, kTagCount> kTagNames{
    "p",          "br",  "b",     "strong", "i",     "em",    "u",      "s",          "code",
    "h1",         "h2",  "h3",    "h4",     "h5",    "h6",    "ul",     "ol",         "li",
    "blockquote", "pre", "table", "thead",  "tbody", "tfoot", "tr",     "th",         "td",
    "caption",    "img", "a",     "span",   "div",   "hr",    "figure", "figcaption",
};

// Elements with a meaning close enough to one that is kept.
constexpr std::pair<std::string_view, Tag> kAliases[]{
    {"section", Tag::div}, {"article", Tag::div}, {"header", Tag::div},   {"footer", Tag::div},
    {"main", Tag::div},    {"aside", Tag::div},   {"nav", Tag::div},      {"center", Tag::div},
    {"address", Tag::div}, {"details", Tag::div}, {"summary", Tag::div},  {"dl", Tag::div},
    {"dt", Tag::div},      {"dd", Tag::div},      {"fieldset", Tag::div}, {"legend", Tag::div},
    {"form", Tag::div},    {"strike", Tag::s},    {"del", Tag::s},        {"ins", Tag::u},
    {"image", Tag::img},   {"listing", Tag::pre},
};
constexpr std::string_view kRaw[]{
    "script", "style", "iframe", "noembed", "noframes", "noscript", "xmp", "textarea", "title"};
constexpr std::string_view kTrees[]{
    "svg",
    "math",
    "object",
    "applet",
    "template",
    "select",
    "audio",
    "video",
    "canvas",
    "datalist",
    "map",
    "frameset"};

using Rules = std::unordered_map<std::string_view, ElementRule>;

Rules make_rules() {
    Rules rules;
    for (std::size_t i = 0; i < kTagCount; ++i) {
        rules[kTagNames[i]] = {Treatment::keep, static_cast<Tag>(i)};
    }
    for (const auto& [name, tag] : kAliases) rules[name] = {Treatment::keep, tag};
    for (const auto name : kRaw) rules[name] = {Treatment::drop_raw};
    for (const auto name : kTrees) rules[name] = {Treatment::drop_tree};
    rules["plaintext"] = {Treatment::drop_rest};
    return rules;
}

// What the URL standard strips from both ends: C0 controls and space.
std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    if (text.size() < start.size()) return false;
    return std::equal(start.begin(), start.end(), text.begin(), [](char a, char b) {
        return a == lower(b);
    });
}

std::optional<std::string> whole_number(std::string_view value, int max) {
    value = trimmed(value);
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
    if (number < 1 || number > max) return std::nullopt;
    return std::to_string(number);
}

std::optional<std::string> short_text(std::string_view value) {
    if (value.size() > kTextBytesMax) return std::nullopt;
    std::string text{value};
    std::replace_if(
        text.begin(),
        text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        ' '
    );
    return text;
}

}  // namespace

ElementRule rule_for(std::string_view name) {
    static const Rules rules = make_rules();
    const auto found = rules.find(name);
    return found == rules.end() ? ElementRule{} : found->second;
}

std::string_view name_of(Tag tag) { return kTagNames[static_cast<std::size_t>(tag)]; }

bool attribute_allowed(Tag tag, std::string_view name) {
    if (tag == Tag::img) {
        return name == "src" || name == "alt" || name == "width" || name == "height";
    }
    if (tag == Tag::a) return name == "href" || name == "title";
    if (has(kCells, tag)) return name == "colspan" || name == "rowspan";
    return false;
}

std::optional<std::string> attribute_value(Tag tag, std::string_view name, std::string_view value) {
    if (!attribute_allowed(tag, name)) return std::nullopt;
    if (name == "src" || name == "href") return safe_url(value);
    if (name == "width" || name == "height") return whole_number(value, 10'000);
    if (name == "colspan" || name == "rowspan") return whole_number(value, 1000);
    return short_text(value);
}

std::optional<std::string> safe_url(std::string_view value) {
    const std::string_view url = trimmed(value);
    // Browsers ignore tabs and line breaks inside an address: "java\nscript:" is a script.
    if (url.empty() || url.size() > kUrlBytesMax || has_control(url)) return std::nullopt;
    const std::size_t end = url.find_first_of(":/?#");
    const bool has_scheme = end != std::string_view::npos && url[end] == ':';
    const bool web =
        starts_with_ignoring_case(url, "http://") || starts_with_ignoring_case(url, "https://");
    if (has_scheme && !web) return std::nullopt;
    return std::string{url};
}

}  // namespace doorbuster::catalog::rich_text
