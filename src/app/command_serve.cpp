#include <memory>

#include "app/command_line.hpp"
#include "app/serve.hpp"

namespace doorbuster::app {

void add_serve(CommandLine cli) {
    CommandLine command = cli.command("serve", "Run the server");
    auto demo = std::make_shared<bool>(false);
    auto port = std::make_shared<std::string>();
    auto host = std::make_shared<std::string>();
    command.flag("--demo", *demo, "load the demo shop when there are no products yet");
    command.option("--port", *port, "port to listen on (setting `port`)");
    command.option("--host", *host, "address to listen on (setting `host`)");
    command.does([demo, port, host](CommonOptions common) {
        if (!port->empty()) common.set.push_back("port=" + *port);
        if (!host->empty()) common.set.push_back("host=" + *host);
        return serve(common.load(), *demo);
    });
}

}  // namespace doorbuster::app
