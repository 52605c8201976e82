#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace doorbuster::app {

// This same program as a server in a process of its own, on a free port of this machine. Ends with
// its owner, also when that is killed. Its log goes to `server.log` in the folder.
class ChildServer {
public:
    using Settings = std::vector<std::pair<std::string, std::string>>;  // key and value

    // Starts it and waits until it is ready. Throws CommandError when it is not in time.
    ChildServer(std::string data, Settings settings);
    // Stops it, if it runs.
    ~ChildServer();
    ChildServer(const ChildServer&) = delete;
    ChildServer& operator=(const ChildServer&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& data() const { return data_; }
    // The most memory it has had, in MiB, since it was last started.
    std::optional<double> peak_megabytes() const;

    // As a power switch would.
    void kill();
    // Again on the same folder and port.
    void start();
    void stop();

private:
    void wait_until_ready(int output);
    void wait_for_end();

    const std::string data_;
    const Settings settings_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
    int output_ = -1;
};

}  // namespace doorbuster::app
