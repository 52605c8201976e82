#pragma once

#include <filesystem>

namespace doorbuster::sqlite {

// Copies one snapshot of a database to a new file beside its final place, makes it durable, and
// then gives it its name. Throws sql::Error; the target is then untouched.
void backup(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace doorbuster::sqlite
