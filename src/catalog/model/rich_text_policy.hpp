#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What may stand in rich text, as tables without a parser. Part of rich_text.hpp.
namespace doorbuster::catalog::rich_text {

// The elements that are kept. The order is that of kTagNames.
enum class Tag : std::uint8_t {
    p,
    br,
    b,
    strong,
    i,
    em,
    u,
    s,
    code,
    h1,
    h2,
    h3,
    h4,
    h5,
    h6,
    ul,
    ol,
    li,
    blockquote,
    pre,
    table,
    thead,
    tbody,
    tfoot,
    tr,
    th,
    td,
    caption,
    img,
    a,
    span,
    div,
    hr,
    figure,
    figcaption,
};
inline constexpr std::size_t kTagCount = static_cast<std::size_t>(Tag::figcaption) + 1;

// A set of tags.
using Tags = std::uint64_t;
constexpr Tags bit(Tag tag) { return Tags{1} << static_cast<unsigned>(tag); }
template <class... T>
constexpr Tags set_of(T... tags) {
    return (bit(tags) | ... | Tags{0});
}
constexpr bool has(Tags tags, Tag tag) { return (tags & bit(tag)) != 0; }

inline constexpr Tags kVoid = set_of(Tag::br, Tag::img, Tag::hr);
inline constexpr Tags kHeadings = set_of(Tag::h1, Tag::h2, Tag::h3, Tag::h4, Tag::h5, Tag::h6);
inline constexpr Tags kSections = set_of(Tag::thead, Tag::tbody, Tag::tfoot, Tag::caption);
inline constexpr Tags kCells = set_of(Tag::td, Tag::th);
// Elements that begin a line of their own; they end an open paragraph.
inline constexpr Tags kBlocks = kHeadings | set_of(
                                                Tag::p,
                                                Tag::ul,
                                                Tag::ol,
                                                Tag::blockquote,
                                                Tag::pre,
                                                Tag::table,
                                                Tag::div,
                                                Tag::hr,
                                                Tag::figure,
                                                Tag::figcaption
                                            );
inline constexpr Tags kFormatting =
    set_of(Tag::b, Tag::strong, Tag::i, Tag::em, Tag::u, Tag::s, Tag::code, Tag::a);

enum class Treatment : std::uint8_t {
    keep,       // as `tag`
    unwrap,     // the tag goes, its content stays
    drop_raw,   // text up to its end tag is not markup; all of it goes
    drop_tree,  // goes with everything inside
    drop_rest,  // goes with everything after it
};

struct ElementRule {
    Treatment treatment = Treatment::unwrap;
    Tag tag = Tag::span;
};

// `name` in lower case.
ElementRule rule_for(std::string_view name);
std::string_view name_of(Tag tag);

// Whether the attribute may be kept on the element at all; `name` in lower case.
bool attribute_allowed(Tag tag, std::string_view name);
// The value as it may be kept, or nothing. `value` has its character references decoded.
std::optional<std::string> attribute_value(Tag tag, std::string_view name, std::string_view value);

// http, https and relative addresses of at most 2048 bytes, without control characters.
std::optional<std::string> safe_url(std::string_view value);

}  // namespace doorbuster::catalog::rich_text
