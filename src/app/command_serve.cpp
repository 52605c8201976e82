#include "app/command.hpp"
#include "app/serve.hpp"

namespace doorbuster::app {

void add_serve(CLI::App& cli, Action& chosen) {
    auto* command = cli.add_subcommand("serve", "Run the server");
    auto demo = std::make_shared<bool>(false);
    auto port = std::make_shared<std::string>();
    auto host = std::make_shared<std::string>();
    command->add_flag("--demo", *demo, "load the demo shop when there are no products yet");
    command->add_option("--port", *port, "port to listen on (setting `port`)");
    command->add_option("--host", *host, "address to listen on (setting `host`)");
    command->callback([&chosen, demo, port, host] {
        chosen = [demo, port, host](CommonOptions common) {
            if (!port->empty()) common.set.push_back("port=" + *port);
            if (!host->empty()) common.set.push_back("host=" + *host);
            return serve(common.load(), *demo);
        };
    });
}

}  // namespace doorbuster::app
