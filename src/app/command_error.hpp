#pragma once

#include <stdexcept>

namespace doorbuster::app {

// A command cannot go on; the message is one line that says what to do.
class CommandError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace doorbuster::app
