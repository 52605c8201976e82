#include "sandbox/wechat_pay/identity.hpp"

#include <stdexcept>

#include "sandbox/common/key_files.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace fs = std::filesystem;

// What a merchant needs.
constexpr auto kMerchantKeyFile = "merchant_private_key.pem";
constexpr auto kMerchantCertificateFile = "merchant_certificate.pem";
constexpr auto kApiv3KeyFile = "apiv3_key.txt";
constexpr auto kPublicKeyFile = "wechat_pay_public_key.pem";
// What the simulator keeps for itself.
constexpr auto kPlatformKeyFile = "platform_private_key.pem";
// Its certificates are numbered files of this name.
constexpr auto kCertificates = "platform_certificate";
// Written last: without it the others are the rest of a first start that was cut short.
constexpr auto kNamesFile = "identity.json";

const CertificateName kAuthority{"Payment simulator", "Play money", "Simulated WeChat Pay CA"};
const CertificateName kPlatform{"Payment simulator", "Play money", "Simulated WeChat Pay platform"};

// Five years, as WeChat Pay's. Merchants do not follow its chain, so it signs itself.
CertifiedKey new_platform_key(Time now, Random& random) {
    RsaKey key = RsaKey::generate();
    Certificate certificate = make_certificate(
        kPlatform,
        key,
        kAuthority,
        key,
        now - std::chrono::hours{1},
        now + std::chrono::days{5 * 365},
        false,
        random
    );
    return {std::move(key), std::move(certificate)};
}

void store(const fs::path& folder, const Identity& identity) {
    const MerchantSide& merchant = identity.merchant;
    write_key_file(folder / kMerchantKeyFile, merchant.private_key_pem.reveal());
    write_key_file(folder / kMerchantCertificateFile, merchant.merchant_certificate_pem);
    write_key_file(folder / kApiv3KeyFile, merchant.apiv3_key.reveal());
    write_key_file(folder / kPublicKeyFile, merchant.public_key_pem);
    write_key_file(folder / kPlatformKeyFile, identity.platform_key.private_pem());
    CertifiedKeyFiles{folder, kCertificates}.add(identity.platform_keys->current());
    write_names(
        folder / kNamesFile,
        {{"mchid", merchant.mchid},
         {"appid", merchant.appid},
         {"merchant_serial", merchant.merchant_serial},
         {"public_key_id", merchant.public_key_id}}
    );
}

Identity load(const fs::path& folder) {
    const NamesFile names{folder / kNamesFile};
    RsaKey merchant_key = load_private_key(folder / kMerchantKeyFile);
    RsaKey platform_key = load_private_key(folder / kPlatformKeyFile);
    MerchantSide merchant{
        .mchid = names.at("mchid"),
        .appid = names.at("appid"),
        .merchant_serial = names.at("merchant_serial"),
        .merchant_certificate_pem = read_key_file(folder / kMerchantCertificateFile),
        .private_key_pem = Secret{merchant_key.private_pem()},
        .apiv3_key = Secret{read_key_file(folder / kApiv3KeyFile)},
        .public_key_id = names.at("public_key_id"),
        .public_key_pem = platform_key.public_pem(),
    };
    if (merchant.apiv3_key.reveal().size() != 32) {
        throw std::runtime_error{
            "gateway simulator: " + (folder / kApiv3KeyFile).string() + ": is not 32 bytes"};
    }
    return {
        std::move(merchant),
        std::move(merchant_key),
        std::move(platform_key),
        std::make_shared<CertifiedKeys>(
            new_platform_key, CertifiedKeyFiles{folder, kCertificates}.load()
        )};
}

}  // namespace

Identity make_identity(Random& random, Time now) {
    RsaKey merchant_key = RsaKey::generate();
    RsaKey platform_key = RsaKey::generate();
    MerchantSide merchant;
    merchant.mchid = "19" + random_digits(random, 8);
    merchant.appid = "wx" + random_hex(random, 16);
    const CertificateName subject{"Payment simulator", "Play money", "Merchant " + merchant.mchid};
    const Certificate certificate = make_certificate(
        subject,
        merchant_key,
        kAuthority,
        platform_key,
        now - std::chrono::hours{1},
        now + std::chrono::days{5 * 365},
        false,
        random
    );
    merchant.merchant_serial = certificate.serial_hex;
    merchant.merchant_certificate_pem = certificate.pem;
    merchant.private_key_pem = Secret{merchant_key.private_pem()};
    merchant.apiv3_key = Secret{random.token(32)};
    merchant.public_key_id = "PUB_KEY_ID_01" + merchant.mchid + random_digits(random, 19);
    merchant.public_key_pem = platform_key.public_pem();
    std::vector<CertifiedKey> platform_keys{new_platform_key(now, random)};
    return {
        std::move(merchant),
        std::move(merchant_key),
        std::move(platform_key),
        std::make_shared<CertifiedKeys>(new_platform_key, std::move(platform_keys))};
}

Identity load_or_make_identity(const fs::path& folder, Random& random, Time now) {
    make_key_folder(folder);
    const CertifiedKeyFiles files{folder, kCertificates};
    if (!fs::exists(folder / kNamesFile)) {
        files.forget();  // those of another identity
        store(folder, make_identity(random, now));
    }
    Identity identity = load(folder);
    identity.platform_keys->keep = [files](const CertifiedKey& made) { files.add(made); };
    return identity;
}

}  // namespace doorbuster::sandbox::wechat_pay
