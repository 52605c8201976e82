#pragma once

#include <cstddef>
#include <string_view>

// Counting and cutting text that is known to be UTF-8; http::utf8_length judges whether it is.
namespace doorbuster {

std::size_t utf8_characters(std::string_view text);

// The longest beginning of at most `bytes_max` bytes that does not cut a character in two.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace doorbuster
