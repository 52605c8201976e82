#include "sandbox/identity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace doorbuster::sandbox {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr auto kMerchantKeyFile = "merchant_private_key.pem";
constexpr auto kPlatformKeyFile = "platform_private_key.pem";
constexpr auto kApiv3KeyFile = "apiv3_key.txt";
// Written last: without it the others are the rest of a first start that was cut short.
constexpr auto kNamesFile = "identity.json";

std::string digits(Random& random, std::size_t length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>('0' + random.next_u64() % 10);
    return text;
}

std::string hex(Random& random, std::size_t length, std::string_view alphabet) {
    std::string text;
    while (text.size() < length) text += alphabet[random.next_u64() % 16];
    return text;
}

[[noreturn]] void fail(const fs::path& file, const std::string& why) {
    throw std::runtime_error{"gateway simulator: " + file.string() + ": " + why};
}

std::string read_file(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || text.empty()) fail(file, "cannot be read");
    return text;
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

void write_file(const fs::path& file, std::string_view text) {
    const fs::path draft = file.string() + ".new";
    const int descriptor = ::open(draft.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(file, "cannot be written");
    const bool written = write_all(descriptor, text);
    ::close(descriptor);
    std::error_code failed;
    if (written) fs::rename(draft, file, failed);
    if (!written || failed) fail(file, "cannot be written");
}

void store(const fs::path& folder, const Identity& identity) {
    const MerchantSide& merchant = identity.merchant;
    const json::object names{
        {"mchid", merchant.mchid},
        {"appid", merchant.appid},
        {"merchant_serial", merchant.merchant_serial},
        {"public_key_id", merchant.public_key_id},
    };
    write_file(folder / kMerchantKeyFile, merchant.private_key_pem.reveal());
    write_file(folder / kPlatformKeyFile, identity.platform_key.private_pem());
    write_file(folder / kApiv3KeyFile, merchant.apiv3_key.reveal());
    write_file(folder / kNamesFile, json::serialize(names) + "\n");
}

RsaKey load_key(const fs::path& file) {
    auto key = RsaKey::from_private_pem(read_file(file));
    if (!key) fail(file, "is not a private key");
    return std::move(*key);
}

std::string name_of(const json::value& names, const char* name, const fs::path& file) {
    const json::value* value = names.is_object() ? names.get_object().if_contains(name) : nullptr;
    if (!value || !value->is_string()) fail(file, std::string{"lacks "} + name);
    return value->get_string().c_str();
}

Identity load(const fs::path& folder) {
    const fs::path file = folder / kNamesFile;
    json::error_code failed;
    const json::value names = json::parse(read_file(file), failed);
    if (failed) fail(file, "is not JSON");
    RsaKey merchant_key = load_key(folder / kMerchantKeyFile);
    RsaKey platform_key = load_key(folder / kPlatformKeyFile);
    MerchantSide merchant{
        .mchid = name_of(names, "mchid", file),
        .appid = name_of(names, "appid", file),
        .merchant_serial = name_of(names, "merchant_serial", file),
        .private_key_pem = Secret{merchant_key.private_pem()},
        .apiv3_key = Secret{read_file(folder / kApiv3KeyFile)},
        .public_key_id = name_of(names, "public_key_id", file),
        .public_key_pem = platform_key.public_pem(),
    };
    if (merchant.apiv3_key.reveal().size() != 32) fail(folder / kApiv3KeyFile, "is not 32 bytes");
    return {std::move(merchant), std::move(merchant_key), std::move(platform_key)};
}

}  // namespace

Identity make_identity(Random& random) {
    RsaKey merchant_key = RsaKey::generate();
    RsaKey platform_key = RsaKey::generate();
    MerchantSide merchant;
    merchant.mchid = "19" + digits(random, 8);
    merchant.appid = "wx" + hex(random, 16, "0123456789abcdef");
    merchant.merchant_serial = hex(random, 40, "0123456789ABCDEF");
    merchant.private_key_pem = Secret{merchant_key.private_pem()};
    merchant.apiv3_key = Secret{random.token(32)};
    merchant.public_key_id = "PUB_KEY_ID_01" + merchant.mchid + digits(random, 19);
    merchant.public_key_pem = platform_key.public_pem();
    return {std::move(merchant), std::move(merchant_key), std::move(platform_key)};
}

Identity load_or_make_identity(const fs::path& folder, Random& random) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) fail(folder, "cannot be created");
    fs::permissions(folder, fs::perms::owner_all, failed);
    if (fs::exists(folder / kNamesFile, failed)) return load(folder);
    Identity identity = make_identity(random);
    store(folder, identity);
    return identity;
}

}  // namespace doorbuster::sandbox
