#pragma once

#include <string>

#include "adapters/pay_wire/key_file.hpp"

namespace doorbuster::app {

// The text of the file that a setting names; empty when it names none. Throws BadConfig, whose line
// begins with the setting.
template <class Read>
std::string text_of(const std::string& setting, const std::string& file, Read read) {
    if (file.empty()) return {};
    try {
        return read(file);
    } catch (const pay_wire::BadConfig& bad) {
        throw pay_wire::BadConfig{setting + ": " + bad.what()};
    }
}

// A private key or the like, and a public one or a certificate.
inline std::string key_file(const std::string& setting, const std::string& file) {
    return text_of(setting, file, pay_wire::read_key_file);
}
inline std::string public_file(const std::string& setting, const std::string& file) {
    return text_of(setting, file, pay_wire::read_public_file);
}

// A line of BadConfig in the words of the settings: the address of notifications is not one of
// them, it is made of `public_url`.
std::string in_settings_words(const std::string& line);

}  // namespace doorbuster::app
