#include "adapters/alipay/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <memory>
#include <vector>

namespace doorbuster::alipay {

namespace {

constexpr std::size_t kTextBytesMax = 256 * 1024;
constexpr std::size_t kCertificatesMax = 32;
constexpr std::string_view kRsaSignatures = "1.2.840.113549.1.1.";

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
    // The certificates in it belong to others.
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using Chain = std::vector<Owned<X509>>;

// Without it OpenSSL would ask for a pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

bool is_at_end(BIO* bio) {
    const unsigned long error = ERR_peek_last_error();
    return BIO_pending(bio) == 0 && ERR_GET_LIB(error) == ERR_LIB_PEM &&
           ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// All of them, or none when one cannot be read.
Chain read_all(std::string_view pem) {
    Chain chain;
    if (pem.size() > kTextBytesMax) return chain;
    const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    ERR_clear_error();
    while (bio && chain.size() < kCertificatesMax) {
        Owned<X509> next{PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr)};
        if (!next) {
            if (!is_at_end(bio.get())) chain.clear();
            break;
        }
        chain.push_back(std::move(next));
    }
    ERR_clear_error();
    return chain;
}

std::string utf8_of(const X509_NAME_ENTRY* entry) {
    unsigned char* bytes = nullptr;
    const int length = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry));
    if (length < 0) return {};
    std::string text{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
    OPENSSL_free(bytes);
    return text;
}

std::string text_of(const ASN1_OBJECT* object, bool as_numbers) {
    std::array<char, 128> text{};
    const int length =
        OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, as_numbers ? 1 : 0);
    if (length < 0 || static_cast<std::size_t>(length) >= text.size()) return {};
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string type_of(const X509_NAME_ENTRY* entry) {
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    const int nid = OBJ_obj2nid(object);
    return nid == NID_undef ? text_of(object, true) : std::string{OBJ_nid2sn(nid)};
}

// Most specific first, as in "CN=R1,OU=CA,O=Ant Financial,C=CN".
std::string name_reversed(const X509_NAME* name) {
    std::string text;
    for (int at = X509_NAME_entry_count(name) - 1; at >= 0; --at) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
        if (!text.empty()) text += ',';
        text.append(type_of(entry)).append("=").append(utf8_of(entry));
    }
    return text;
}

std::string serial_decimal(const X509* certificate) {
    const Owned<BIGNUM> number{ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr)};
    char* decimal = number ? BN_bn2dec(number.get()) : nullptr;
    const std::string text = decimal ? decimal : "";
    OPENSSL_free(decimal);
    return text;
}

std::string md5_hex(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr) != 1) {
        return {};
    }
    std::string hex;
    for (unsigned i = 0; i < length; ++i) hex += {kHex[digest[i] >> 4], kHex[digest[i] & 15]};
    return hex;
}

std::string sn_of(const X509* certificate) {
    const std::string serial = serial_decimal(certificate);
    if (serial.empty()) return {};
    return md5_hex(name_reversed(X509_get_issuer_name(certificate)) + serial);
}

std::string organisation_of(const X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1);
    return at < 0 ? std::string{} : utf8_of(X509_NAME_get_entry(subject, at));
}

bool is_signed_with_rsa(const X509* certificate) {
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, X509_get0_tbs_sigalg(certificate));
    return text_of(algorithm, true).starts_with(kRsaSignatures);
}

}  // namespace

std::optional<Certificate> read_certificate(std::string_view pem) {
    const Chain chain = read_all(pem);
    auto certified = pay_wire::PublicKey::from_certificate(pem);
    if (chain.empty() || !certified) return std::nullopt;
    const X509* first = chain.front().get();
    Certificate certificate{sn_of(first), organisation_of(first), std::move(certified->key)};
    ERR_clear_error();
    if (certificate.sn.empty()) return std::nullopt;
    return certificate;
}

std::optional<std::string> root_sn(std::string_view pem) {
    std::string sns;
    for (const Owned<X509>& certificate : read_all(pem)) {
        if (!is_signed_with_rsa(certificate.get())) continue;
        const std::string sn = sn_of(certificate.get());
        if (sn.empty()) return std::nullopt;
        sns.append(sns.empty() ? "" : "_").append(sn);
    }
    ERR_clear_error();
    return sns.empty() ? std::nullopt : std::optional{std::move(sns)};
}

bool leads_to_root(
    std::string_view pem, std::string_view helpers, std::string_view roots, Time now
) {
    const Chain chain = read_all(pem);
    const Chain between = read_all(helpers);
    const Chain trusted = read_all(roots);
    if (chain.empty() || trusted.empty()) return false;

    const Owned<X509_STORE> store{X509_STORE_new()};
    const Owned<STACK_OF(X509)> untrusted{sk_X509_new_null()};
    const Owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
    bool good = store && untrusted && context;
    for (const Owned<X509>& root : trusted) {
        good = good && X509_STORE_add_cert(store.get(), root.get()) == 1;
    }
    for (const Chain* each : {&chain, &between}) {
        for (const Owned<X509>& certificate : *each) {
            good = good && sk_X509_push(untrusted.get(), certificate.get()) > 0;
        }
    }
    good =
        good &&
        X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), untrusted.get()) == 1;
    if (good) {
        X509_VERIFY_PARAM_set_time(
            X509_STORE_CTX_get0_param(context.get()), to_milliseconds(now) / 1000
        );
        good = X509_verify_cert(context.get()) == 1;
    }
    ERR_clear_error();
    return good;
}

}  // namespace doorbuster::alipay
