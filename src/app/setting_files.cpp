#include "app/setting_files.hpp"

#include <string_view>

namespace doorbuster::app {

std::string in_settings_words(const std::string& line) {
    static constexpr std::string_view kNotifyUrl = ".notify_url: ";
    const auto at = line.find(kNotifyUrl);
    if (at == std::string::npos || at > line.find(' ')) return line;
    return "public_url: as notify_url of " + line.substr(0, at) + " it " +
           line.substr(at + kNotifyUrl.size());
}

}  // namespace doorbuster::app
