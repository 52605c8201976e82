#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Product descriptions as HTML from staff and from files, which nobody has vouched for. What is
// stored and shown is built anew from an allowlist; nothing of the input's markup is copied.
namespace doorbuster::catalog {

// Longer input is cut here (between characters), so callers that can refuse should do it first.
inline constexpr std::size_t kRichTextBytesMax = 512 * 1024;

// The input as harmless HTML: p, br, b, strong, i, em, u, s, h1-h6, ul, ol, li, blockquote, pre,
// code, tables (colspan, rowspan), img (src, alt, width, height), a (href, title; rel is always
// "nofollow noopener noreferrer"), span, div, hr, figure, figcaption. Addresses are http, https or
// relative. Sectioning elements become div, other unknown elements give way to their content;
// script, style, iframe, object, svg, math, form lists and their like go with it.
//
// The result is well-formed UTF-8, at most kRichTextBytesMax bytes and 100 elements deep, and a
// fixed point: sanitising it again gives the same bytes. Input for which that cannot be reached
// (only hostile input is known to do it) becomes plain text. Time and memory grow linearly with the
// input. Never throws but for lack of memory; thread-safe.
std::string sanitize_rich_text(std::string_view html);

// What a person would read, for search: no markup, runs of white space as one space.
std::string text_of(std::string_view html);

}  // namespace doorbuster::catalog
