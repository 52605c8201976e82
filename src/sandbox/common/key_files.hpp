#pragma once

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/random.hpp"
#include "sandbox/common/certificate.hpp"

// Files with what an identity is made of. All functions throw std::runtime_error with one line that
// names the file when one is unreadable, broken or cannot be written.
namespace doorbuster::sandbox {

// Makes the folder (mode 0700).
void make_key_folder(const std::filesystem::path& folder);
// The whole file appears or none, mode 0600.
void write_key_file(const std::filesystem::path& file, std::string_view text);
std::string read_key_file(const std::filesystem::path& file);
RsaKey load_private_key(const std::filesystem::path& file);
Certificate load_certificate(const std::filesystem::path& file);

// Names and numbers, a flat JSON object of texts.
class NamesFile {
public:
    explicit NamesFile(std::filesystem::path file);
    std::string at(const char* name) const;

private:
    std::filesystem::path file_;
    std::string text_;
};
using Names = std::initializer_list<std::pair<const char*, std::string_view>>;
void write_names(const std::filesystem::path& file, Names names);

std::string random_digits(Random& random, std::size_t length);
std::string random_hex(Random& random, std::size_t length);  // lower case

}  // namespace doorbuster::sandbox
