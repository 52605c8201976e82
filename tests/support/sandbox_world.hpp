#pragma once

#include <boost/json/parse.hpp>
#include <string>

#include "sandbox/control_routes.hpp"
#include "sandbox/sandbox_routes.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/router_http_client.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// RSA keys take long to make, so that all tests of a program share one identity.
inline const sandbox::Identity& shared_identity() {
    static SeededRandom random{20261123};
    static const sandbox::Identity identity = sandbox::make_identity(random, ManualClock{}.now());
    return identity;
}

// A simulator with its books in a fresh database, reached through a router. A merchant's routes are
// added to `router` where notifications are to arrive.
class SandboxWorld {
public:
    explicit SandboxWorld(sandbox::SandboxOptions options = {}) : options_{options} {
        sandbox::create_tables(*database_);
        router.add(sandbox::sandbox_routes(sandbox));
        router.add(sandbox::control_routes(sandbox, http::Access::anyone()));
        control.address = "127.0.0.1";
    }

    Reply scan(const std::string& code_url) {
        return phone.post("/sandbox/scan", R"({"code_url":")" + code_url + "\"}");
    }
    // Delivers everything that is due; how many deliveries that were.
    int deliver() {
        int count = 0;
        while (run(sandbox.deliver_due_notification())) ++count;
        return count;
    }

private:
    TestDatabase database_{sql::Dialect::sqlite, TestDatabase::Schema::empty};
    NobodySignedIn nobody_;
    const sandbox::SandboxOptions options_;

public:
    ManualClock clock;
    SeededRandom random{7};
    sandbox::Faults faults{1};
    http::Router router{nobody_};
    RouterHttpClient network{router};
    sandbox::Sandbox sandbox{
        shared_identity(), *database_, network, clock, random, faults, options_};
    RouteClient phone{router};
    RouteClient control{router};  // on this machine
};

}  // namespace doorbuster::test
