#pragma once

#include <shared_mutex>
#include <span>
#include <string_view>
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

// The same for one user at a time, asked for often: remembers in which sessions they came, for a
// user who is one stays one. Thread-safe.
class RehearsalBuyers {
public:
    // Remembered; beyond them, begins anew. A session is a hash of what names it.
    static constexpr std::size_t kSessionsMax = 200'000;

    explicit RehearsalBuyers(sql::Database& database) : database_{database} {}

    // `authorization` is what the client sent to name its session, by which it was found to be this
    // user; empty: by a cookie, which is not remembered.
    Task<bool> has(UserId user, std::string_view authorization);

    // A buyer came with it before, as far as is remembered: asked before any session is looked up.
    // One that is over stays known, for nothing is allowed by it but to be refused in a rehearsal's
    // own words.
    bool knows_session(std::string_view authorization) const;

private:
    void remember(std::string_view authorization);

    sql::Database& database_;
    mutable std::shared_mutex mutex_;
    std::unordered_set<std::size_t> sessions_;
};

}  // namespace doorbuster::flash_sale
