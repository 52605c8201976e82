#pragma once

#include <cstdint>
#include <string_view>

namespace doorbuster::flash_sale {

// What is known when somebody asks whether waiting is worth it. Units, all at one moment.
struct Outlook {
    std::int64_t ahead = 0;          // users in line before the one who asks
    std::int64_t may_come_back = 0;  // held by unpaid orders, or offered to others
    std::int64_t given_back = 0;     // came back from unpaid orders of this item so far
    std::int64_t paid = 0;           // were paid for so far
};

// How likely it is that a unit comes back for who asks. A guess, and honest about it: each unit
// that may come back does so with the share seen in this sale so far, one independent of the other;
// there must be more of them than users ahead. Units that staff add, paid orders that are refunded,
// and users ahead who let their offers pass are not counted on.
struct Chance {
    // With fewer resolved units than this the share is kPriorPercent, and is told to be.
    static constexpr std::int64_t kSamplesMin = 20;
    // One unpaid order in ten: we have no measurement of yours yet, and promise little.
    static constexpr int kPriorPercent = 10;

    // 0 only when there are not enough units that may come back; else 1 to 99, because nothing is
    // sure.
    int percent = 0;
    int share_percent = 0;  // of units that come back
    bool measured = false;  // the share is this sale's own
    // "none", "slim" (under 10), "low" (under 40), "fair" (under 75), "good".
    std::string_view words() const;
};
Chance chance_of(const Outlook& outlook);

}  // namespace doorbuster::flash_sale
