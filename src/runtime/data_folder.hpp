#pragma once

#include <filesystem>
#include <stdexcept>

namespace doorbuster::runtime {

// The folder cannot be used; the message is one line that says what to do.
class DataFolderError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The data folder, held by the one process that writes it. The lock is the kernel's (an open file
// description lock), so it ends with the process, however that ends.
class DataFolder {
public:
    // Creates the folder (mode 0700) when it is missing and takes the lock. Files that this process
    // makes from now on, anywhere, are for its user alone. Throws DataFolderError when the folder
    // cannot be written or another process holds it.
    explicit DataFolder(std::filesystem::path path);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    // True when some process holds the folder now.
    static bool is_held(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database() const { return path_ / "doorbuster.db"; }
    std::filesystem::path sandbox_database() const { return path_ / "sandbox.db"; }
    std::filesystem::path media() const { return path_ / "media"; }
    std::filesystem::path keys() const { return path_ / "keys"; }
    static std::filesystem::path admin_socket(const std::filesystem::path& folder) {
        return folder / "admin.sock";
    }

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace doorbuster::runtime
