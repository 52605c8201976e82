#pragma once

namespace doorbuster::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace doorbuster::app
