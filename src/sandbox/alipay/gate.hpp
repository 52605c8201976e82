#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "sandbox/alipay/identity.hpp"
#include "sandbox/common/ground.hpp"

// What every call of the gateway passes: common parameters and the application's signature on the
// way in, Alipay's own signature on the way out.
namespace doorbuster::sandbox::alipay {

// Decoded, sorted by name: the order in which they are signed.
using Params = std::map<std::string, std::string, std::less<>>;

// The parameters of a request, of its query and of its form together. Nothing when one comes twice
// with different values, or is not UTF-8, or is no text.
std::optional<Params> params_of(const http::Request& request);
// name=value joined with &, without `sign`; for what Alipay sends, also without `sign_type`.
// Those with empty values are left out, as documented; some SDKs sign them.
std::string text_to_sign(const Params& params, bool with_sign_type, bool with_empty = false);
// The same parameters as a query or a form.
std::string form_of(const Params& params);

// An answer before it is signed: the members of the response node.
struct Reply {
    std::string code = "10000";
    std::string msg = "Success";
    std::string sub_code;
    std::string sub_msg;
    // More members as JSON text without braces, each preceded by a comma; empty: none.
    std::string members;
};
// Refused for a business reason: 40004 with `sub_code`.
Reply business_failure(std::string_view sub_code, std::string_view sub_msg);

// A request that passed, with what it is about.
struct Call {
    std::string method;
    Params params;
    bool certified = false;  // certificate mode
};

// Thread-safe.
class Gate {
public:
    Gate(const Identity& identity, const Ground& ground) : identity_{identity}, ground_{ground} {}

    // The call, or the body of the unsigned error_response that refuses it.
    struct Admission {
        std::optional<Call> call;
        std::string refusal;
    };
    Admission admit(const http::Request& request) const;

    // {"…_response":{…},"sign":"…"}; in certificate mode with alipay_cert_sn.
    std::string envelope(const Call& call, const Reply& reply, const Spoiling& spoiling) const;

    // Adds what a notification or a return to the merchant carries beside its own parameters,
    // sign and sign_type included.
    Params signed_params(Params params, bool certified, const Spoiling& spoiling = {}) const;

private:
    std::string sign(const std::string& text, const RsaKey& key, const Spoiling& spoiling) const;
    // Alipay's key and, in certificate mode, the number of its certificate.
    struct Signer {
        RsaKey key;
        std::string cert_sn;
    };
    Signer signer(bool certified, const Spoiling& spoiling) const;
    std::optional<Reply> refusal_of(const Params& params) const;

    const Identity& identity_;
    const Ground ground_;
};

// {"error_response":{…}}, unsigned.
std::string error_response(const Reply& reply);
std::string node_json(const Reply& reply);

}  // namespace doorbuster::sandbox::alipay
