#pragma once

#include <span>
#include <unordered_set>

#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::flash_sale {

// Which of these users are buyers of rehearsals. Nobody else may have an order of a rehearsal: its
// units are nobody's goods, its captcha is known to everybody, and an order can be paid for.
std::unordered_set<UserId> rehearsal_buyers_among(
    sql::Reader& reader, std::span<const UserId> users
);

}  // namespace doorbuster::flash_sale
