#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/request.hpp"
#include "http/response.hpp"
#include "sandbox/common/ground.hpp"
#include "sandbox/wechat_pay/identity.hpp"

// What every call of APIv3 passes: the check of the merchant's signature on the way in, WeChat
// Pay's own signature on the way out.
namespace doorbuster::sandbox::wechat_pay {

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

// Changes a JSON text as the faults say that concern what it tells: amounts, owner, new members,
// cut, or no JSON at all.
std::string spoilt_text(std::string text, const Spoiling& spoiling);

// Thread-safe.
class Gate {
public:
    Gate(const Identity& identity, const Ground& ground) : identity_{identity}, ground_{ground} {}

    // Nothing when Authorization holds for this request: scheme, merchant, serial, time within five
    // minutes, and the signature over method, path and query exactly as on the request line (with
    // the prefix the simulator stands under), time, nonce and body. Otherwise 401 SIGN_ERROR, which
    // says what does not hold and, of a signature, what it was held against.
    std::optional<Reply> refusal_of(const http::Request& request) const;

    http::Response respond(Reply reply, const Spoiling& spoiling = {}) const;

    // The headers that prove a body to come from WeChat Pay, in the key mode of the moment.
    using Headers = std::vector<std::pair<std::string, std::string>>;
    Headers proof_of(std::string_view body, const Spoiling& spoiling = {}) const;

private:
    const Identity& identity_;
    const Ground ground_;
};

}  // namespace doorbuster::sandbox::wechat_pay
