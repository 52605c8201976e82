#pragma once

#include <cstddef>
#include <string_view>

// What values of bills are held to: they end in the database and before people.
namespace doorbuster::pay_wire {

// Visible ASCII of at most `bytes_max`; also nothing at all.
bool is_plain_word(std::string_view text, std::size_t bytes_max);
// UTF-8 without control characters, of at most `bytes_max`; also nothing at all.
bool is_plain_text(std::string_view text, std::size_t bytes_max);

}  // namespace doorbuster::pay_wire
