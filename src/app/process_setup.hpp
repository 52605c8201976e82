#pragma once

#include <signal.h>

namespace doorbuster::app {

// SIGTERM and SIGINT as something to wait for. Made before any thread, so that all inherit it.
class StopSignals {
public:
    StopSignals();
    // Which signal came.
    int wait() const;

private:
    sigset_t signals_{};
};

// A connection is a file descriptor: take as many as the system lets us.
void raise_file_limit();

}  // namespace doorbuster::app
