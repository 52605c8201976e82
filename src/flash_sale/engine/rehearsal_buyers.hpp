#pragma once

#include <shared_mutex>
#include <span>
#include <unordered_set>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

// Which of these users are buyers of rehearsals. Nobody else may have an order of a rehearsal: its
// units are nobody's goods, its captcha is known to everybody, and an order can be paid for.
std::unordered_set<UserId> rehearsal_buyers_among(
    sql::Reader& reader, std::span<const UserId> users
);

// The same for one user at a time, asked for often: remembers who is one, for a name never changes.
// Thread-safe.
class RehearsalBuyers {
public:
    static constexpr std::size_t kUsersMax = 200'000;  // remembered; beyond them, begins anew

    explicit RehearsalBuyers(sql::Database& database) : database_{database} {}

    Task<bool> has(UserId user);

private:
    bool remembers(UserId user) const;
    void remember(UserId user);

    sql::Database& database_;
    mutable std::shared_mutex mutex_;
    std::unordered_set<UserId> known_;
};

}  // namespace doorbuster::flash_sale
