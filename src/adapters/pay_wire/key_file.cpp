#include "adapters/pay_wire/key_file.hpp"

#include <fstream>
#include <iterator>

namespace doorbuster::pay_wire {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kKeyFileBytesMax = 64 * 1024;

std::string read(const std::filesystem::path& file, fs::perms forbidden, const char* objection) {
    const auto refuse = [&](const std::string& why) {
        throw BadConfig{"key file " + file.string() + ": " + why};
    };
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (failed || !fs::is_regular_file(status)) refuse("cannot be read");
    if ((status.permissions() & forbidden) != fs::perms::none) refuse(objection);
    if (fs::file_size(file, failed) > kKeyFileBytesMax || failed) refuse("is larger than 64 KiB");
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || text.empty()) refuse("cannot be read");
    return text;
}

}  // namespace

std::string read_key_file(const std::filesystem::path& file) {
    constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
    return read(file, kOthers, "others may read it; set its mode to 0600 (chmod 600)");
}

std::string read_public_file(const std::filesystem::path& file) {
    constexpr auto kOthers = fs::perms::group_write | fs::perms::others_write;
    return read(file, kOthers, "others may change it; set its mode to 0644 (chmod 644)");
}

}  // namespace doorbuster::pay_wire
