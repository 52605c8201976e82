#include "sandbox/alipay/identity.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "sandbox/common/key_files.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

namespace fs = std::filesystem;

// What a merchant needs, under the names that Alipay's console gives.
constexpr auto kAppKeyFile = "app_private_key.pem";
constexpr auto kAppPublicKeyFile = "app_public_key.pem";
constexpr auto kAlipayPublicKeyFile = "alipay_public_key.pem";
constexpr auto kAppCertificateFile = "appCertPublicKey.crt";
constexpr auto kAlipayCertificateFile = "alipayCertPublicKey_RSA2.crt";
constexpr auto kRootCertificateFile = "alipayRootCert.crt";
// What the simulator keeps for itself.
constexpr auto kAlipayKeyFile = "alipay_private_key.pem";
constexpr auto kAuthorityKeyFile = "root_private_key.pem";
// Written last: without it the others are the rest of a first start that was cut short.
constexpr auto kNamesFile = "identity.json";

const CertificateName kRoot{"Payment simulator", "Play money", "Simulated Alipay root R1"};

fs::path certificate_file(const fs::path& folder, std::size_t number) {
    return folder / ("alipay_certificate_" + std::to_string(number) + ".pem");
}
fs::path key_file(const fs::path& folder, std::size_t number) {
    return folder / ("alipay_certificate_" + std::to_string(number) + "_key.pem");
}

Certificate certified(
    const std::string& name, const RsaKey& key, const RsaKey& authority, Time now, Random& random
) {
    const CertificateName subject{"Payment simulator", "Play money", name};
    return make_certificate(
        subject,
        key,
        kRoot,
        authority,
        now - std::chrono::hours{1},
        now + std::chrono::days{5 * 365},
        false,
        random
    );
}

Certificate new_root(const RsaKey& authority, Time now, Random& random) {
    return make_certificate(
        kRoot,
        authority,
        kRoot,
        authority,
        now - std::chrono::hours{1},
        now + std::chrono::days{20 * 365},
        true,
        random
    );
}

SigningKey new_signing_key(const RsaKey& authority, Time now, Random& random) {
    RsaKey key = RsaKey::generate();
    Certificate certificate = certified("Simulated Alipay", key, authority, now, random);
    return {std::move(key), std::move(certificate)};
}

struct Made {
    Identity identity;
    RsaKey authority;
};

Made make(Random& random, Time now) {
    RsaKey app_key = RsaKey::generate();
    RsaKey alipay_key = RsaKey::generate();
    RsaKey authority = RsaKey::generate();
    const Certificate root = new_root(authority, now, random);
    SigningKey signing = new_signing_key(authority, now, random);
    AlipayMerchantSide merchant;
    merchant.app_id = "2021" + random_digits(random, 12);
    merchant.seller_id = "2088" + random_digits(random, 12);
    merchant.seller_email = "seller" + random_digits(random, 6) + "@sandbox.test";
    merchant.private_key_pem = Secret{app_key.private_pem()};
    merchant.alipay_public_key_pem = alipay_key.public_pem();
    const Certificate app = certified(merchant.app_id, app_key, authority, now, random);
    merchant.app_certificate_pem = app.pem;
    merchant.alipay_certificate_pem = signing.certificate.pem;
    merchant.root_certificates_pem = root.pem;
    std::vector<SigningKey> keys{std::move(signing)};
    auto signing_keys = std::make_shared<SigningKeys>(authority, std::move(keys));
    Identity identity{
        std::move(merchant),
        std::move(app_key),
        std::move(alipay_key),
        app.alipay_sn,
        root.alipay_sn,
        std::move(signing_keys)};
    return {std::move(identity), std::move(authority)};
}

void store(const fs::path& folder, std::size_t number, const SigningKey& signing) {
    write_key_file(key_file(folder, number), signing.key.private_pem());
    write_key_file(certificate_file(folder, number), signing.certificate.pem);
}

void store(const fs::path& folder, const Made& made) {
    const Identity& identity = made.identity;
    const AlipayMerchantSide& merchant = identity.merchant;
    write_key_file(folder / kAppKeyFile, merchant.private_key_pem.reveal());
    write_key_file(folder / kAppPublicKeyFile, identity.app_key.public_pem());
    write_key_file(folder / kAlipayPublicKeyFile, merchant.alipay_public_key_pem);
    write_key_file(folder / kAppCertificateFile, merchant.app_certificate_pem);
    write_key_file(folder / kAlipayCertificateFile, merchant.alipay_certificate_pem);
    write_key_file(folder / kRootCertificateFile, merchant.root_certificates_pem);
    write_key_file(folder / kAlipayKeyFile, identity.alipay_key.private_pem());
    write_key_file(folder / kAuthorityKeyFile, made.authority.private_pem());
    store(folder, 1, identity.signing_keys->current());
    write_names(
        folder / kNamesFile,
        {{"app_id", merchant.app_id},
         {"seller_id", merchant.seller_id},
         {"seller_email", merchant.seller_email}}
    );
}

std::size_t last_number(const fs::path& folder) {
    std::size_t number = 1;
    while (fs::exists(certificate_file(folder, number + 1))) ++number;
    return number;
}

std::vector<SigningKey> load_signing_keys(const fs::path& folder) {
    const std::size_t last = last_number(folder);
    std::vector<SigningKey> keys;
    for (std::size_t n = last >= SigningKeys::kMax ? last - SigningKeys::kMax + 1 : 1; n <= last;
         ++n) {
        keys.push_back(
            {load_private_key(key_file(folder, n)), load_certificate(certificate_file(folder, n))}
        );
    }
    return keys;
}

Identity load(const fs::path& folder) {
    const NamesFile names{folder / kNamesFile};
    RsaKey app_key = load_private_key(folder / kAppKeyFile);
    RsaKey alipay_key = load_private_key(folder / kAlipayKeyFile);
    auto signing_keys = std::make_shared<SigningKeys>(
        load_private_key(folder / kAuthorityKeyFile), load_signing_keys(folder)
    );
    AlipayMerchantSide merchant{
        .app_id = names.at("app_id"),
        .seller_id = names.at("seller_id"),
        .seller_email = names.at("seller_email"),
        .private_key_pem = Secret{app_key.private_pem()},
        .alipay_public_key_pem = alipay_key.public_pem(),
        .app_certificate_pem = load_certificate(folder / kAppCertificateFile).pem,
        .alipay_certificate_pem = load_certificate(folder / kAlipayCertificateFile).pem,
        .root_certificates_pem = load_certificate(folder / kRootCertificateFile).pem,
    };
    const std::string app_sn = load_certificate(folder / kAppCertificateFile).alipay_sn;
    const std::string root_sn = load_certificate(folder / kRootCertificateFile).alipay_sn;
    return {
        std::move(merchant),
        std::move(app_key),
        std::move(alipay_key),
        app_sn,
        root_sn,
        std::move(signing_keys)};
}

}  // namespace

SigningKey SigningKeys::current() const {
    const std::lock_guard lock{mutex_};
    DOORBUSTER_ASSERT(!keys_.empty());
    return keys_.back();
}

std::optional<Certificate> SigningKeys::find(std::string_view alipay_sn) const {
    const std::lock_guard lock{mutex_};
    for (const SigningKey& signing : keys_) {
        if (signing.certificate.alipay_sn == alipay_sn) return signing.certificate;
    }
    return std::nullopt;
}

void SigningKeys::rotate(Time now, Random& random) {
    SigningKey made = new_signing_key(authority_key_, now, random);
    if (keep) keep(made);
    const std::lock_guard lock{mutex_};
    if (keys_.size() >= kMax) keys_.erase(keys_.begin());
    keys_.push_back(std::move(made));
}

Identity make_identity(Random& random, Time now) { return make(random, now).identity; }

Identity load_or_make_identity(const fs::path& folder, Random& random, Time now) {
    make_key_folder(folder);
    if (!fs::exists(folder / kNamesFile)) {
        for (std::size_t n = last_number(folder); n > 1; --n) {  // of another identity
            fs::remove(certificate_file(folder, n));
        }
        store(folder, make(random, now));
    }
    Identity identity = load(folder);
    identity.signing_keys->keep = [folder](const SigningKey& made) {
        store(folder, last_number(folder) + 1, made);
    };
    return identity;
}

}  // namespace doorbuster::sandbox::alipay
