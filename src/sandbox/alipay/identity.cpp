#include "sandbox/alipay/identity.hpp"

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
// Its certificates are numbered files of this name.
constexpr auto kCertificates = "alipay_certificate";
// Written last: without it the others are the rest of a first start that was cut short.
constexpr auto kNamesFile = "identity.json";

const CertificateName kRoot{"Payment simulator", "Play money", "Simulated Alipay root R1"};

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

CertifiedKey new_signing_key(const RsaKey& authority, Time now, Random& random) {
    RsaKey key = RsaKey::generate();
    Certificate certificate = certified("Simulated Alipay", key, authority, now, random);
    return {std::move(key), std::move(certificate)};
}

std::shared_ptr<CertifiedKeys> issued_by(const RsaKey& authority, std::vector<CertifiedKey> keys) {
    const auto make = [authority](Time now, Random& random) {
        return new_signing_key(authority, now, random);
    };
    return std::make_shared<CertifiedKeys>(make, std::move(keys));
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
    CertifiedKey signing = new_signing_key(authority, now, random);
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
    std::vector<CertifiedKey> keys{std::move(signing)};
    auto signing_keys = issued_by(authority, std::move(keys));
    Identity identity{
        std::move(merchant),
        std::move(app_key),
        std::move(alipay_key),
        app.alipay_sn,
        root.alipay_sn,
        std::move(signing_keys)};
    return {std::move(identity), std::move(authority)};
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
    CertifiedKeyFiles{folder, kCertificates}.add(identity.signing_keys->current());
    write_names(
        folder / kNamesFile,
        {{"app_id", merchant.app_id},
         {"seller_id", merchant.seller_id},
         {"seller_email", merchant.seller_email}}
    );
}

Identity load(const fs::path& folder) {
    const NamesFile names{folder / kNamesFile};
    RsaKey app_key = load_private_key(folder / kAppKeyFile);
    RsaKey alipay_key = load_private_key(folder / kAlipayKeyFile);
    auto signing_keys = issued_by(
        load_private_key(folder / kAuthorityKeyFile),
        CertifiedKeyFiles{folder, kCertificates}.load()
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

Identity make_identity(Random& random, Time now) { return make(random, now).identity; }

Identity load_or_make_identity(const fs::path& folder, Random& random, Time now) {
    make_key_folder(folder);
    const CertifiedKeyFiles files{folder, kCertificates};
    if (!fs::exists(folder / kNamesFile)) {
        files.forget();  // those of another identity
        store(folder, make(random, now));
    }
    Identity identity = load(folder);
    identity.signing_keys->keep = [files](const CertifiedKey& made) { files.add(made); };
    return identity;
}

}  // namespace doorbuster::sandbox::alipay
