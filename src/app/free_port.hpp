#pragma once

#include <cstdint>

namespace doorbuster::app {

// A port of the loopback address that nobody listens on at this moment. Throws CommandError when
// there is none.
std::uint16_t free_port();

}  // namespace doorbuster::app
