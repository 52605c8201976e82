#include "sandbox/common/key_files.hpp"

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

[[noreturn]] void fail(const fs::path& file, const std::string& why) {
    throw std::runtime_error{"gateway simulator: " + file.string() + ": " + why};
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

}  // namespace

void make_key_folder(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) fail(folder, "cannot be created");
    fs::permissions(folder, fs::perms::owner_all, failed);
}

void write_key_file(const fs::path& file, std::string_view text) {
    const fs::path draft = file.string() + ".new";
    const int descriptor = ::open(draft.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(file, "cannot be written");
    const bool written = write_all(descriptor, text);
    ::close(descriptor);
    std::error_code failed;
    if (written) fs::rename(draft, file, failed);
    if (!written || failed) fail(file, "cannot be written");
}

std::string read_key_file(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in || text.empty()) fail(file, "cannot be read");
    return text;
}

RsaKey load_private_key(const fs::path& file) {
    auto key = RsaKey::from_private_pem(read_key_file(file));
    if (!key) fail(file, "is not a private key");
    return std::move(*key);
}

Certificate load_certificate(const fs::path& file) {
    auto certificate = read_certificate(read_key_file(file));
    if (!certificate) fail(file, "is not a certificate");
    return std::move(*certificate);
}

NamesFile::NamesFile(fs::path file) : file_{std::move(file)}, text_{read_key_file(file_)} {
    json::error_code failed;
    const json::value names = json::parse(text_, failed);
    if (failed || !names.is_object()) fail(file_, "is not JSON");
}

std::string NamesFile::at(const char* name) const {
    const json::value names = json::parse(text_);
    const json::value* value = names.get_object().if_contains(name);
    if (!value || !value->is_string()) fail(file_, std::string{"lacks "} + name);
    return value->get_string().c_str();
}

void write_names(const fs::path& file, Names names) {
    json::object object;
    for (const auto& [name, value] : names) object[name] = json::string{value.data(), value.size()};
    write_key_file(file, json::serialize(object) + "\n");
}

std::string random_digits(Random& random, std::size_t length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>('0' + random.next_u64() % 10);
    return text;
}

std::string random_hex(Random& random, std::size_t length) {
    std::string text;
    while (text.size() < length) text += "0123456789abcdef"[random.next_u64() % 16];
    return text;
}

}  // namespace doorbuster::sandbox
