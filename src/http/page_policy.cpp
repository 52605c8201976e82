#include "http/page_policy.hpp"

#include <openssl/evp.h>

#include <array>

#include "core/assert.hpp"

namespace doorbuster::http {

namespace {

// 'sha256-…' (CSP 3, 2.3.1).
std::string source_hash(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int hashed =
        EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    DOORBUSTER_ASSERT(hashed == 1);
    std::array<unsigned char, 4 * EVP_MAX_MD_SIZE> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    const std::string base64{encoded.begin(), encoded.begin() + length};
    return "'sha256-" + base64 + "'";
}

// The hashes of what stands between `<name>` and `</name>`, each after a space.
std::string hashes_of(std::string_view html, const std::string& name) {
    const std::string start = "<" + name + ">";
    const std::string end = "</" + name + ">";
    std::string hashes;
    while (true) {
        const auto begin = html.find(start);
        if (begin == std::string_view::npos) return hashes;
        html.remove_prefix(begin + start.size());
        hashes += ' ' + source_hash(html.substr(0, html.find(end)));
    }
}

}  // namespace

std::string page_policy(std::string_view html, std::string_view form_targets) {
    std::string policy = "default-src 'none'; base-uri 'none'; form-action ";
    policy.append(form_targets).append("; frame-ancestors 'none'");
    const std::string styles = hashes_of(html, "style");
    if (!styles.empty()) policy += "; style-src" + styles;
    const std::string scripts = hashes_of(html, "script");
    if (!scripts.empty()) policy += "; script-src" + scripts + "; connect-src 'self'";
    return policy;
}

}  // namespace doorbuster::http
