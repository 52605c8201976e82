#pragma once

#include "adapters/alipay/form.hpp"
#include "adapters/pay_wire/rsa.hpp"

namespace doorbuster::alipay {

// Signs what we send: RSA2, that is SHA256withRSA over the sorted raw parameters. Thread-safe.
class Signer {
public:
    explicit Signer(pay_wire::PrivateKey key) : key_{std::move(key)} {}

    // Drops the empty parameters, which are neither signed nor sent, and adds `sign`.
    void sign(Params& params) const;

private:
    pay_wire::PrivateKey key_;
};

}  // namespace doorbuster::alipay
