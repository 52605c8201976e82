#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>

#include "runtime/config.hpp"

namespace doorbuster::app {

// The `/local/v1` routes, for commands: asked of the server that holds the data folder, over its
// admin socket, or, when none runs, answered in this process. So a command works either way, and
// the embedded database never has a second writer.
class LocalApi {
public:
    // Throws CommandError or what opening the database throws.
    explicit LocalApi(const runtime::Config& config);
    ~LocalApi();

    // The `data` of the answer. Throws CommandError with the answer's error when it is one.
    boost::json::value get(const std::string& path);
    boost::json::value send(
        const std::string& method, const std::string& path, const boost::json::value& body
    );

private:
    class Backend;
    class RemoteBackend;
    class InProcessBackend;
    std::unique_ptr<Backend> backend_;
};

}  // namespace doorbuster::app
