#pragma once

#include <span>
#include <string>
#include <vector>

#include "accounts/session_service.hpp"

namespace doorbuster::accounts {

// The first character of a stand-in's name; no name that a person may register has it.
inline constexpr char kStandInMark = '~';

// A user without a password, signed in: for the buyers of a rehearsal, who are made by thousands.
struct StandIn {
    UserId user;
    Secret token;  // of its one session
};

// Makes users of these names, which begin with kStandInMark and are not taken, each with a session
// that lasts `valid_for`. In the order of the names; a few statements, however many there are.
std::vector<StandIn> create_stand_ins(
    sql::Transaction& tx,
    std::span<const std::string> names,
    Time now,
    Milliseconds valid_for,
    Random& random
);

}  // namespace doorbuster::accounts
