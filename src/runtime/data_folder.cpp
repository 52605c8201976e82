#include "runtime/data_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace doorbuster::runtime {

namespace {

std::string lock_file(const std::filesystem::path& folder) { return (folder / "lock").string(); }

// The whole file, for writing. The lock belongs to the open file, not to the process, so a second
// DataFolder in one process is refused too; and asking who holds it does not take it.
struct flock whole_file() {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    return range;
}

}  // namespace

DataFolder::DataFolder(std::filesystem::path path) : path_{std::move(path)} {
    // A folder that others may look into stays as it is, but what is in it is secret.
    ::umask(S_IRWXG | S_IRWXO);
    std::error_code failure;
    if (std::filesystem::create_directories(path_, failure)) ::chmod(path_.c_str(), 0700);
    lock_ = ::open(lock_file(path_).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) {
        throw DataFolderError{
            "The data folder " + path_.string() + " cannot be written (" + std::strerror(errno) +
            "). Make it writable, or choose another with DOORBUSTER_DATA or --data."};
    }
    struct flock range = whole_file();
    if (::fcntl(lock_, F_OFD_SETLK, &range) != 0) {
        ::close(lock_);
        throw DataFolderError{
            "The data folder " + path_.string() +
            " is in use by another doorbuster process. Stop it, or choose another folder with "
            "--data."};
    }
}

DataFolder::~DataFolder() { ::close(lock_); }

bool DataFolder::is_held(const std::filesystem::path& path) {
    const int file = ::open(lock_file(path).c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return false;
    struct flock range = whole_file();
    const bool answered = ::fcntl(file, F_OFD_GETLK, &range) == 0;
    ::close(file);
    return answered && range.l_type != F_UNLCK;
}

}  // namespace doorbuster::runtime
