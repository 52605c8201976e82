#include "adapters/pay_wire/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

namespace doorbuster::pay_wire {

void Digest::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Digest::Digest(const char* name) : context_{EVP_MD_CTX_new()} {
    const EVP_MD* method = EVP_get_digestbyname(name);
    if (!context_ || !method || EVP_DigestInit_ex(context_.get(), method, nullptr) != 1) {
        throw std::bad_alloc{};
    }
}

void Digest::add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Digest::hex() {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &length);
    std::string text;
    for (unsigned i = 0; i < length; ++i) text += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
    return text;
}

}  // namespace doorbuster::pay_wire
