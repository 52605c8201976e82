#pragma once

#include "runtime/config.hpp"

namespace doorbuster::app {

// Serves until SIGTERM or SIGINT, then finishes what was acknowledged. Prints the addresses, then a
// line that begins with "Ready", when requests are answered. Returns the exit code.
int serve(runtime::Config config, bool demo);

}  // namespace doorbuster::app
