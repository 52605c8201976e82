#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace doorbuster::pay_wire {

// A setting with which a provider cannot be used: one line that names it and says why.
class BadConfig final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The text of a key file of at most 64 KiB. Throws BadConfig when it cannot be read or when anyone
// but its owner may read it.
std::string read_key_file(const std::filesystem::path& file);
// The same of a public key or a certificate, which anyone may read and only its owner may change.
std::string read_public_file(const std::filesystem::path& file);

}  // namespace doorbuster::pay_wire
