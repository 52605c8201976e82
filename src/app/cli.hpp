#pragma once

namespace doorbuster::app {

// Reads the command line and runs its command. Returns the exit code: 0 done, 1 the command failed
// or found something wrong, 2 the command line or the configuration is wrong.
int run(int argc, char** argv);

}  // namespace doorbuster::app
