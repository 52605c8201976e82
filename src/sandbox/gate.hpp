#pragma once

#include <functional>
#include <string>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "sandbox/identity.hpp"

// What every call of APIv3 passes: the check of the merchant's signature on the way in, WeChat
// Pay's own signature on the way out.
namespace doorbuster::sandbox {

// An answer before it is signed.
struct Reply {
    int status = 200;
    std::string body;
    bool is_signed = true;  // a refused signature, a fault or the certificates' 404 is not
};

// {"code":…,"message":…} as WeChat Pay says what is wrong; `field` names the parameter at fault.
Reply wechat_error(
    int status, std::string_view code, std::string_view message, std::string_view field = {}
);

// Thread-safe.
class Gate {
public:
    Gate(const Identity& identity, const Clock& clock, Random& random)
        : identity_{identity}, clock_{clock}, random_{random} {}

    // Whether Authorization holds for this request: scheme, merchant, serial, time within five
    // minutes, and the signature over method, path and query exactly as on the request line (with
    // the prefix the simulator stands under), time, nonce and body.
    bool admits(const http::Request& request) const;

    http::Response respond(const Reply& reply) const;

    // The four headers that prove a body to come from WeChat Pay.
    using Headers = std::vector<std::pair<std::string, std::string>>;
    Headers proof_of(std::string_view body) const;

private:
    const Identity& identity_;
    const Clock& clock_;
    Random& random_;
};

}  // namespace doorbuster::sandbox
