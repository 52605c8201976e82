#include "adapters/pay_wire/key_file.hpp"

#include <fstream>
#include <iterator>

namespace doorbuster::pay_wire {

namespace {

constexpr std::uintmax_t kKeyFileBytesMax = 64 * 1024;

namespace fs = std::filesystem;

fs::perms mode_of(const fs::path& file) {
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (failed || !fs::is_regular_file(status)) {
        throw BadConfig{"key file " + file.string() + ": cannot be read"};
    }
    return status.permissions();
}

std::string text_of(const fs::path& file) {
    std::error_code failed;
    if (fs::file_size(file, failed) > kKeyFileBytesMax || failed) {
        throw BadConfig{"key file " + file.string() + ": is larger than 64 KiB"};
    }
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || text.empty()) throw BadConfig{"key file " + file.string() + ": cannot be read"};
    return text;
}

}  // namespace

std::string read_key_file(const fs::path& file) {
    constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
    if ((mode_of(file) & kOthers) != fs::perms::none) {
        throw BadConfig{
            "key file " + file.string() + ": others may read it; set its mode to 0600 (chmod 600)"};
    }
    return text_of(file);
}

std::string read_public_file(const fs::path& file) {
    mode_of(file);
    return text_of(file);
}

}  // namespace doorbuster::pay_wire
