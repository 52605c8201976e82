#include "adapters/pay_wire/key_file.hpp"

#include <fstream>
#include <iterator>

namespace doorbuster::pay_wire {

namespace {

constexpr std::uintmax_t kKeyFileBytesMax = 64 * 1024;

}  // namespace

std::string read_key_file(const std::filesystem::path& file) {
    namespace fs = std::filesystem;
    std::error_code failed;
    const fs::file_status status = fs::status(file, failed);
    if (failed || !fs::is_regular_file(status)) {
        throw BadConfig{"key file " + file.string() + ": cannot be read"};
    }
    constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;
    if ((status.permissions() & kOthers) != fs::perms::none) {
        throw BadConfig{
            "key file " + file.string() + ": others may read it; set its mode to 0600 (chmod 600)"};
    }
    if (fs::file_size(file, failed) > kKeyFileBytesMax || failed) {
        throw BadConfig{"key file " + file.string() + ": is larger than 64 KiB"};
    }
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || text.empty()) throw BadConfig{"key file " + file.string() + ": cannot be read"};
    return text;
}

}  // namespace doorbuster::pay_wire
