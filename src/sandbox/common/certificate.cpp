#include "sandbox/common/certificate.hpp"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace doorbuster::sandbox {

namespace {

struct FreeOpenssl {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_NAME* name) const { X509_NAME_free(name); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(char* text) const { OPENSSL_free(text); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

void need(bool good) {
    if (!good) throw std::runtime_error{"the gateway simulator cannot make a certificate"};
}

void add_entry(X509_NAME* name, const char* type, const std::string& value) {
    const auto* text = reinterpret_cast<const unsigned char*>(value.c_str());
    need(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, text, -1, -1, 0) == 1);
}

Owned<X509_NAME> name_of(const CertificateName& parts) {
    Owned<X509_NAME> name{X509_NAME_new()};
    add_entry(name.get(), "C", "CN");
    add_entry(name.get(), "O", parts.organisation);
    add_entry(name.get(), "OU", parts.unit);
    add_entry(name.get(), "CN", parts.common_name);
    return name;
}

std::time_t seconds_of(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// 20 bytes whose first is neither zero nor negative: always 40 hex digits.
Owned<BIGNUM> new_serial(Random& random) {
    std::array<unsigned char, 20> bytes{};
    random.fill(std::as_writable_bytes(std::span{bytes}));
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x6FU) | 0x10U);
    return Owned<BIGNUM>{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

void mark_as_authority(X509* certificate, bool authority) {
    const char* const value = authority ? "critical,CA:TRUE" : "critical,CA:FALSE";
    const Owned<X509_EXTENSION> extension{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, value)};
    need(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// CN=…,OU=…,O=…,C=…: the names from the last to the first.
std::string issuer_text(X509* certificate) {
    const X509_NAME* issuer = X509_get_issuer_name(certificate);
    std::string text;
    for (int i = X509_NAME_entry_count(issuer) - 1; i >= 0; --i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(issuer, i);
        const int type = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
        if (!text.empty()) text += ',';
        text.append(OBJ_nid2sn(type)) += '=';
        text.append(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
            static_cast<std::size_t>(ASN1_STRING_length(value))
        );
    }
    return text;
}

Time time_of(const ASN1_TIME* time) {
    std::tm parts{};
    need(ASN1_TIME_to_tm(time, &parts) == 1);
    return Time{std::chrono::seconds{::timegm(&parts)}};
}

Certificate described(X509* certificate) {
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    need(PEM_write_bio_X509(bio.get(), certificate) == 1);
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    const Owned<BIGNUM> serial{ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr)};
    const Owned<char> hex{BN_bn2hex(serial.get())};
    const Owned<char> decimal{BN_bn2dec(serial.get())};
    Certificate made;
    made.pem.assign(data, static_cast<std::size_t>(length));
    made.serial_hex = hex.get();
    made.alipay_sn = md5_hex(issuer_text(certificate) + decimal.get());
    made.not_before = time_of(X509_get0_notBefore(certificate));
    made.not_after = time_of(X509_get0_notAfter(certificate));
    return made;
}

}  // namespace

Certificate make_certificate(
    const CertificateName& subject,
    const RsaKey& key,
    const CertificateName& issuer,
    const RsaKey& issuer_key,
    Time not_before,
    Time not_after,
    bool authority,
    Random& random
) {
    const Owned<X509> certificate{X509_new()};
    X509* const x = certificate.get();
    need(x && X509_set_version(x, 2) == 1);
    const auto serial = new_serial(random);
    need(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(x)) != nullptr);
    need(ASN1_TIME_set(X509_getm_notBefore(x), seconds_of(not_before)) != nullptr);
    need(ASN1_TIME_set(X509_getm_notAfter(x), seconds_of(not_after)) != nullptr);
    need(X509_set_subject_name(x, name_of(subject).get()) == 1);
    need(X509_set_issuer_name(x, name_of(issuer).get()) == 1);
    need(X509_set_pubkey(x, key.get()) == 1);
    mark_as_authority(x, authority);
    need(X509_sign(x, issuer_key.get(), EVP_sha256()) > 0);
    return described(x);
}

std::optional<Certificate> read_certificate(std::string_view pem) {
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
    const Owned<X509> certificate{PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr)};
    if (!certificate) return std::nullopt;
    return described(certificate.get());
}

}  // namespace doorbuster::sandbox
