// Keys and certificates: texts of settings, and what the providers hand out.
#include <algorithm>

#include "adapters/alipay/certificates.hpp"
#include "adapters/alipay/key_text.hpp"
#include "adapters/pay_wire/base64.hpp"
#include "fuzz/fuzz.hpp"
#include "support/payment_vectors.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

// The first byte says as what the rest, which is DER then, is to be wrapped up.
std::string wrapped(std::uint8_t mode, std::string_view rest) {
    static constexpr std::string_view kLabels[] = {
        "CERTIFICATE", "PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY"};
    if (mode < '0' || mode > '3') return std::string{rest};
    const std::string label{kLabels[mode - '0']};
    const std::string base64 = pay_wire::to_base64(rest);
    std::string pem = "-----BEGIN " + label + "-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 64) pem.append(base64, at, 64) += '\n';
    return pem + "-----END " + label + "-----\n";
}

bool is_sn(std::string_view text) {
    return text.size() == 32 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_certificate(const std::string& pem) {
    const auto certificate = alipay::read_certificate(pem);
    const auto certified = pay_wire::PublicKey::from_certificate(pem);
    if (certificate) {
        demand(is_sn(certificate->sn), "an SN is an MD5 in hex");
        demand(certified.has_value(), "both readers see a certificate");
        demand(certificate->key.public_der() == certified->key.public_der(), "and the same key");
        demand(!certificate->key.verify("text", "signature"), "nothing was signed");
    }
    if (certified) demand(!certified->serial.empty(), "a certificate has a serial number");
    if (const auto sns = alipay::root_sn(pem)) {
        demand(sns->size() % 33 == 32 && is_sn(sns->substr(0, 32)), "SNs are joined");
        const auto twice = alipay::root_sn(pem + pem);
        demand(!twice || *twice == *sns + "_" + *sns, "one behind the other");
    }
}

// To the root of the vectors lead their own certificates, and nothing that anybody makes up.
void check_chain(const std::string& pem) {
    const auto& mode = test::payment_vectors("alipay-keys").at("certificate_mode");
    static const std::string roots = test::text_at(mode, "root_cert_pem");
    const Time now = *from_rfc3339("2026-11-22T02:00:00Z");
    if (!alipay::leads_to_root(pem, "", roots, now)) return;
    const auto found = alipay::read_certificate(pem);
    demand(found.has_value(), "what leads to a root is a certificate");
    const auto known = test::payment_cases("alipay-cert-sn");
    const bool genuine = std::any_of(known.begin(), known.end(), [&](const auto& a_case) {
        return found->sn == test::text_at(a_case, "sn");
    });
    demand(genuine, "nothing that was made up leads to the root");
}

void check_keys(const std::string& text) {
    if (const auto key = pay_wire::PublicKey::from_pem(text)) {
        const auto again = alipay::read_public_key(pay_wire::to_base64(key->public_der()));
        demand(again && again->public_der() == key->public_der(), "a key written is the same key");
    }
    if (const auto key = alipay::read_private_key(text)) {
        const auto other = alipay::read_public_key(pay_wire::to_base64(key->public_der()));
        demand(other.has_value(), "a private key has a public half");
    }
    static_cast<void>(alipay::read_public_key(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::uint8_t mode = input.byte();
    const std::string text = wrapped(mode, input.rest());
    check_certificate(text);
    check_chain(text);
    check_keys(text);
    return 0;
}
