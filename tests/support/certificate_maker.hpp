#pragma once

#include <string>

#include "core/clock.hpp"

namespace doorbuster::test {

struct CertificateOrder {
    std::string organisation;
    std::string name;
    std::string key_pem;  // private; the certificate is for its public half
    // Who signs: empty for a certificate that signs itself.
    std::string issuer_organisation = {};
    std::string issuer_name = {};
    std::string issuer_key_pem = {};
    long serial = 1;
    bool authority = false;
    Time from;
    Time until;
};

// An X.509 certificate in PEM.
std::string make_certificate(const CertificateOrder& order);

}  // namespace doorbuster::test
