#pragma once

#include <limits>
#include <variant>
#include <vector>

#include "runtime/config.hpp"

namespace doorbuster::runtime {

using SettingTarget = std::variant<
    std::int64_t Config::*,
    bool Config::*,
    std::string Config::*,
    Secret Config::*,
    std::vector<std::string> Config::*>;

// One key: where its value goes, what it means, and which values it takes.
struct Setting {
    std::string_view key;
    SettingTarget target;
    std::string_view help;
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string_view> words = {};  // the only values allowed; empty: any
};

// All of them, keys of one section together.
const std::vector<Setting>& settings();

}  // namespace doorbuster::runtime
