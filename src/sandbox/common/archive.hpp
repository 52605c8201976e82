#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace doorbuster::sandbox {

std::string gzip(std::string_view bytes);

struct ZipEntry {
    std::string name;  // bytes as they are to be stored
    std::string content;
};
// A zip archive of deflated files (PKWARE APPNOTE 6.3), at most 4 GiB.
std::string zip(const std::vector<ZipEntry>& entries);

}  // namespace doorbuster::sandbox
