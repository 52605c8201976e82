#include "flash_sale/edge/token.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <optional>
#include <span>

#include "core/assert.hpp"
#include "flash_sale/model/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct MacDeleter {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};
struct ContextDeleter {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

std::string to_base64url(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::byte byte : bytes) {
        bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
        for (count += 8; count >= 6; count -= 6) text += kAlphabet[(bits >> (count - 6)) & 63];
    }
    if (count > 0) text += kAlphabet[(bits << (6 - count)) & 63];
    return text;
}

constexpr std::array<std::uint8_t, 256> kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(64);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

// Exactly `bytes` from their one text: no padding, no bits left over that are not zero.
bool from_base64url(std::string_view text, std::span<std::byte> bytes) {
    if (text.size() != (bytes.size() * 4 + 2) / 3) return false;
    std::uint32_t bits = 0;
    int count = 0;
    auto out = bytes.begin();
    for (const char letter : text) {
        const std::uint8_t value = kValues[static_cast<unsigned char>(letter)];
        if (value == 64) return false;
        bits = (bits << 6) | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        *out++ = static_cast<std::byte>(bits >> count);
        bits &= (1u << count) - 1;
    }
    return out == bytes.end() && bits == 0;
}

void put(std::byte*& to, std::int64_t number) {
    const auto value = static_cast<std::uint64_t>(number);
    for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<std::byte>(value >> shift);
}

std::int64_t take(const std::byte*& from) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = (value << 8) | std::to_integer<std::uint64_t>(*from++);
    return static_cast<std::int64_t>(value);
}

template <std::size_t Size>
std::array<std::byte, Size> packed(const TokenClaims& claims) {
    std::array<std::byte, Size> bytes{};
    std::byte* to = bytes.data();
    put(to, claims.user.value());
    put(to, claims.item.value());
    put(to, claims.epoch);
    put(to, to_milliseconds(claims.window_ends));
    put(to, to_milliseconds(claims.expires));
    put(to, static_cast<std::int64_t>(claims.nonce));
    return bytes;
}

TokenClaims unpacked(const std::byte* from) {
    TokenClaims claims;
    claims.user = UserId{take(from)};
    claims.item = PromotionItemId{take(from)};
    claims.epoch = take(from);
    claims.window_ends = from_milliseconds(take(from));
    claims.expires = from_milliseconds(take(from));
    claims.nonce = static_cast<std::uint64_t>(take(from));
    return claims;
}

const unsigned char* octets(const std::byte* bytes) {
    return reinterpret_cast<const unsigned char*>(bytes);
}

Context keyed_context(std::span<const std::byte> key) {
    const std::unique_ptr<EVP_MAC, MacDeleter> mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    Context context{mac ? EVP_MAC_CTX_new(mac.get()) : nullptr};
    if (!context) throw std::bad_alloc{};
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    const int ready = EVP_MAC_init(context.get(), octets(key.data()), key.size(), params);
    DOORBUSTER_ASSERT(ready == 1);
    return context;
}

}  // namespace

// A context that has taken the key in. Threads work on copies of their own, kept for the next
// token: taking a key in costs more than a signature.
struct TokenSigner::Keyed {
    explicit Keyed(std::span<const std::byte> key) : context{keyed_context(key)} {}

    EVP_MAC_CTX* of_this_thread() const {
        thread_local Context mine;
        thread_local std::uint64_t owner = 0;
        if (owner != number) {
            mine.reset(EVP_MAC_CTX_dup(context.get()));
            if (!mine) throw std::bad_alloc{};
            owner = number;
        }
        return mine.get();
    }

    const Context context;
    // Of all signers of the process, so that a copy of a dead one's is never taken for this one's.
    const std::uint64_t number = [] {
        static std::atomic<std::uint64_t> last = 0;
        return ++last;
    }();
};

TokenSigner::TokenSigner(Random& random)
    : keyed_{[&random] {
          std::array<std::byte, 32> key{};
          random.fill(key);
          auto keyed = std::make_unique<const Keyed>(key);
          OPENSSL_cleanse(key.data(), key.size());
          return keyed;
      }()} {
    static_assert(kTextLength == ((kClaimsBytes + kMacBytes) * 4 + 2) / 3);
}

TokenSigner::~TokenSigner() = default;

TokenSigner::Mac TokenSigner::mac_of(const std::array<std::byte, kClaimsBytes>& claims) const {
    EVP_MAC_CTX* const context = keyed_->of_this_thread();
    Mac mac{};
    std::size_t size = 0;
    const bool made =
        EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&  // begins anew with the kept key
        EVP_MAC_update(context, octets(claims.data()), claims.size()) == 1 &&
        EVP_MAC_final(context, reinterpret_cast<unsigned char*>(mac.data()), &size, mac.size()) ==
            1;
    DOORBUSTER_ASSERT(made && size == mac.size());
    return mac;
}

std::string TokenSigner::sign(const TokenClaims& claims) const {
    const auto bytes = packed<kClaimsBytes>(claims);
    const Mac mac = mac_of(bytes);
    std::array<std::byte, kClaimsBytes + kMacBytes> all{};
    std::ranges::copy(mac, std::ranges::copy(bytes, all.begin()).out);
    return to_base64url(all);
}

Result<TokenClaims> TokenSigner::verify(
    std::string_view token, UserId user, PromotionItemId item, Time now
) const {
    std::array<std::byte, kClaimsBytes + kMacBytes> all{};
    if (!from_base64url(token, all)) return kTokenInvalid;
    std::array<std::byte, kClaimsBytes> bytes{};
    std::copy_n(all.begin(), kClaimsBytes, bytes.begin());
    const Mac mac = mac_of(bytes);
    if (CRYPTO_memcmp(mac.data(), all.data() + kClaimsBytes, mac.size()) != 0) return kTokenInvalid;
    const TokenClaims claims = unpacked(bytes.data());
    if (claims.user != user || claims.item != item) return kTokenInvalid;
    if (claims.expires <= now) return kTokenExpired;
    return claims;
}

}  // namespace doorbuster::flash_sale
