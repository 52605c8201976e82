#pragma once

#include "adapters/pay_wire/rsa.hpp"

// Keys as people get them: PEM, or the bare Base64 that Alipay's console and key tools give out.
namespace doorbuster::alipay {

// PKCS#8 or PKCS#1. Nothing when it is no private RSA key of 2048 bits or more.
std::optional<pay_wire::PrivateKey> read_private_key(std::string_view text);
// SubjectPublicKeyInfo. Nothing when it is no public RSA key of 2048 bits or more.
std::optional<pay_wire::PublicKey> read_public_key(std::string_view text);

}  // namespace doorbuster::alipay
