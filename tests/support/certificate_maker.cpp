#include "support/certificate_maker.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace doorbuster::test {

namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_NAME* name) const { X509_NAME_free(name); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void need(bool good) {
    if (!good) throw std::runtime_error{"OpenSSL cannot make this certificate"};
}

Owned<EVP_PKEY> key_of(const std::string& pem) {
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    Owned<EVP_PKEY> key{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
    need(key != nullptr);
    return key;
}

Owned<X509_NAME> name_of(const std::string& organisation, const std::string& name) {
    Owned<X509_NAME> made{X509_NAME_new()};
    const auto add = [&](const char* type, const std::string& text) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        const int length = static_cast<int>(text.size());
        need(
            X509_NAME_add_entry_by_txt(made.get(), type, MBSTRING_UTF8, bytes, length, -1, 0) == 1
        );
    };
    add("C", "CN");
    add("O", organisation);
    add("CN", name);
    return made;
}

void set_times(X509* certificate, const CertificateOrder& order) {
    const auto seconds = [](Time time) { return to_milliseconds(time) / 1000; };
    need(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(order.from)) != nullptr);
    need(ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(order.until)) != nullptr);
}

}  // namespace

std::string make_certificate(const CertificateOrder& order) {
    const bool alone = order.issuer_key_pem.empty();
    const auto key = key_of(order.key_pem);
    const auto issuer_key = alone ? key_of(order.key_pem) : key_of(order.issuer_key_pem);
    const auto subject = name_of(order.organisation, order.name);
    const auto issuer = alone ? name_of(order.organisation, order.name)
                              : name_of(order.issuer_organisation, order.issuer_name);
    const Owned<X509> certificate{X509_new()};
    X509* x509 = certificate.get();
    need(X509_set_version(x509, X509_VERSION_3) == 1);
    need(ASN1_INTEGER_set(X509_get_serialNumber(x509), order.serial) == 1);
    need(X509_set_subject_name(x509, subject.get()) == 1);
    need(X509_set_issuer_name(x509, issuer.get()) == 1);
    need(X509_set_pubkey(x509, key.get()) == 1);
    set_times(x509, order);
    if (order.authority) {
        const Owned<X509_EXTENSION> extension{
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE")};
        need(X509_add_ext(x509, extension.get(), -1) == 1);
    }
    need(X509_sign(x509, issuer_key.get(), EVP_sha256()) > 0);
    const Owned<BIO> bio{BIO_new(BIO_s_mem())};
    need(PEM_write_bio_X509(bio.get(), x509) == 1);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(length)};
}

}  // namespace doorbuster::test
