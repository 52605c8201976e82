#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/pay_wire/rsa.hpp"
#include "core/clock.hpp"

// X.509 as certificate mode needs it. Texts are PEM; of several certificates the first is meant,
// the others are on its way to the root.
namespace doorbuster::alipay {

struct Certificate {
    // What Alipay calls its SN: MD5 of the issuer and the decimal serial number, in hex.
    std::string sn;
    std::string organisation;  // O of the subject
    pay_wire::PublicKey key;
};
// Nothing when it is no certificate of an RSA key of 2048 bits or more.
std::optional<Certificate> read_certificate(std::string_view pem);

// The SNs of the certificates that are signed with RSA, in the order of the file, joined by `_`.
// Nothing when there is none, or when one cannot be read.
std::optional<std::string> root_sn(std::string_view pem);

// Whether the certificate leads to one of `roots`, over those behind it and those in `helpers`, and
// all of them are valid at `now`.
bool leads_to_root(
    std::string_view pem, std::string_view helpers, std::string_view roots, Time now
);

}  // namespace doorbuster::alipay
