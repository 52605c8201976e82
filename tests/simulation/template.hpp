#pragma once

#include "simulation/disk.hpp"

namespace doorbuster::simulation {

inline constexpr std::int64_t kUsers = 16;           // with the ids 1, 2, …
inline constexpr std::int64_t kSkus = 2;             // with the ids 1, 2, …
inline constexpr std::int64_t kUnitsOfEachSku = 40;  // ordinary stock

// A migrated database with a small shop in it; every user's address has the user's id. Made once
// per process.
const Image& shop_image();

}  // namespace doorbuster::simulation
