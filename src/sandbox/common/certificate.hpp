#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "sandbox/common/crypto.hpp"

namespace doorbuster::sandbox {

// Who a certificate names, from the country down.
struct CertificateName {
    std::string organisation;
    std::string unit;
    std::string common_name;
};

// An X.509 certificate in PEM with what the protocols ask of it.
struct Certificate {
    std::string pem;
    std::string serial_hex;  // upper case, 40 digits, as WeChat Pay names certificates
    // As Alipay names certificates: MD5 in hex of the issuer, the most specific name first, and the
    // serial number in decimal (Alipay open platform, "certificate SN").
    std::string alipay_sn;
    Time not_before;
    Time not_after;
};

// A certificate for the public half of `key`, signed (SHA-256 with RSA) by `issuer_key`.
Certificate make_certificate(
    const CertificateName& subject,
    const RsaKey& key,
    const CertificateName& issuer,
    const RsaKey& issuer_key,
    Time not_before,
    Time not_after,
    bool authority,
    Random& random
);

// Nothing when the text is no certificate.
std::optional<Certificate> read_certificate(std::string_view pem);

}  // namespace doorbuster::sandbox
