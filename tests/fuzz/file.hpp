#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "fuzz/fuzz.hpp"

namespace doorbuster::fuzz {

// A file that is in memory alone.
class File {
public:
    explicit File(std::string_view content) : fd_{memfd_create("fuzz", MFD_CLOEXEC)} {
        for (; !content.empty(); content.remove_prefix(write_some(content))) continue;
    }
    ~File() { close(fd_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    std::size_t write_some(std::string_view content) const {
        const auto count = write(fd_, content.data(), content.size());
        demand(count > 0, "the file can be written");
        return static_cast<std::size_t>(count);
    }
    const int fd_;
};

}  // namespace doorbuster::fuzz
