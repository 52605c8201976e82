#pragma once

#include <filesystem>
#include <string>

namespace doorbuster::app {

struct AdminAnswer {
    int status = 0;
    std::string body;
};

// Asks the server that holds a data folder, over its admin socket. Blocks. The socket is readable
// by the folder's owner only; that is the authentication.
class AdminClient {
public:
    explicit AdminClient(const std::filesystem::path& data_folder);

    // `json` may be empty. Throws CommandError when nobody answers.
    AdminAnswer ask(const std::string& method, const std::string& path, const std::string& json)
        const;

private:
    std::filesystem::path socket_;
};

}  // namespace doorbuster::app
