#pragma once

#include <string>
#include <string_view>

#include "adapters/pay_wire/rsa.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::PrivateKey;

// Makes the Authorization header of a request: WECHATPAY2-SHA256-RSA2048. Thread-safe.
class Signer {
public:
    Signer(std::string mchid, std::string serial, PrivateKey key);

    // `url` is the path and query exactly as on the request line; `timestamp` is Unix seconds;
    // `body` is exactly what is sent.
    std::string authorization(
        std::string_view method,
        std::string_view url,
        std::string_view timestamp,
        std::string_view nonce,
        std::string_view body
    ) const;

private:
    std::string mchid_;
    std::string serial_;
    PrivateKey key_;
};

}  // namespace doorbuster::wechat_pay
