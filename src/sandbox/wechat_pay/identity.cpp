#include "sandbox/wechat_pay/identity.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/assert.hpp"
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
// Written last: without it the others are the rest of a first start that was cut short.
constexpr auto kNamesFile = "identity.json";

const CertificateName kAuthority{"Payment simulator", "Play money", "Simulated WeChat Pay CA"};
const CertificateName kPlatform{"Payment simulator", "Play money", "Simulated WeChat Pay platform"};

fs::path certificate_file(const fs::path& folder, std::size_t number) {
    return folder / ("platform_certificate_" + std::to_string(number) + ".pem");
}
fs::path key_file(const fs::path& folder, std::size_t number) {
    return folder / ("platform_certificate_" + std::to_string(number) + "_key.pem");
}

// Five years, as WeChat Pay's. Merchants do not follow its chain, so it signs itself.
PlatformKey new_platform_key(Time now, Random& random) {
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

void store(const fs::path& folder, std::size_t number, const PlatformKey& platform) {
    write_key_file(key_file(folder, number), platform.key.private_pem());
    write_key_file(certificate_file(folder, number), platform.certificate.pem);
}

void store(const fs::path& folder, const Identity& identity) {
    const MerchantSide& merchant = identity.merchant;
    write_key_file(folder / kMerchantKeyFile, merchant.private_key_pem.reveal());
    write_key_file(folder / kMerchantCertificateFile, merchant.merchant_certificate_pem);
    write_key_file(folder / kApiv3KeyFile, merchant.apiv3_key.reveal());
    write_key_file(folder / kPublicKeyFile, merchant.public_key_pem);
    write_key_file(folder / kPlatformKeyFile, identity.platform_key.private_pem());
    store(folder, 1, identity.platform_keys->current());
    write_names(
        folder / kNamesFile,
        {{"mchid", merchant.mchid},
         {"appid", merchant.appid},
         {"merchant_serial", merchant.merchant_serial},
         {"public_key_id", merchant.public_key_id}}
    );
}

std::size_t last_number(const fs::path& folder) {
    std::size_t number = 1;
    while (fs::exists(certificate_file(folder, number + 1))) ++number;
    return number;
}

std::vector<PlatformKey> load_platform_keys(const fs::path& folder) {
    const std::size_t last = last_number(folder);
    std::vector<PlatformKey> keys;
    for (std::size_t n = last >= PlatformKeys::kMax ? last - PlatformKeys::kMax + 1 : 1; n <= last;
         ++n) {
        keys.push_back(
            {load_private_key(key_file(folder, n)), load_certificate(certificate_file(folder, n))}
        );
    }
    return keys;
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
        std::make_shared<PlatformKeys>(load_platform_keys(folder))};
}

}  // namespace

PlatformKey PlatformKeys::current() const {
    const std::lock_guard lock{mutex_};
    DOORBUSTER_ASSERT(!keys_.empty());
    return keys_.back();
}

std::vector<Certificate> PlatformKeys::alive(Time now) const {
    const std::lock_guard lock{mutex_};
    std::vector<Certificate> certificates;
    for (const PlatformKey& platform : keys_) {
        if (platform.certificate.not_after > now) certificates.push_back(platform.certificate);
    }
    return certificates;
}

void PlatformKeys::rotate(Time now, Random& random) {
    PlatformKey made = new_platform_key(now, random);
    if (keep) keep(made);
    const std::lock_guard lock{mutex_};
    if (keys_.size() >= kMax) keys_.erase(keys_.begin());
    keys_.push_back(std::move(made));
}

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
    std::vector<PlatformKey> platform_keys{new_platform_key(now, random)};
    return {
        std::move(merchant),
        std::move(merchant_key),
        std::move(platform_key),
        std::make_shared<PlatformKeys>(std::move(platform_keys))};
}

Identity load_or_make_identity(const fs::path& folder, Random& random, Time now) {
    make_key_folder(folder);
    if (!fs::exists(folder / kNamesFile)) {
        for (std::size_t n = last_number(folder); n > 1; --n) {  // of another identity
            fs::remove(certificate_file(folder, n));
        }
        store(folder, make_identity(random, now));
    }
    Identity identity = load(folder);
    identity.platform_keys->keep = [folder](const PlatformKey& made) {
        store(folder, last_number(folder) + 1, made);
    };
    return identity;
}

}  // namespace doorbuster::sandbox::wechat_pay
