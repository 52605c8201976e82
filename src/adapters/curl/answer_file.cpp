#include "adapters/curl/answer_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace doorbuster::curl {

AnswerFile::AnswerFile(std::filesystem::path file)
    : file_{std::move(file)}, part_{file_.string() + ".part"} {}

AnswerFile::~AnswerFile() {
    close();
    if (made_) ::unlink(part_.c_str());
}

bool AnswerFile::open() {
    constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    descriptor_ = ::open(part_.c_str(), kNew, 0600);
    made_ = descriptor_ >= 0;
    return made_ || refuse();
}

bool AnswerFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return refuse();
        bytes.remove_prefix(static_cast<std::size_t>(written));
        size_ += static_cast<std::size_t>(written);
    }
    return true;
}

bool AnswerFile::keep() {
    // Some file systems tell of a full disk no sooner than here.
    if (!close() || std::rename(part_.c_str(), file_.c_str()) != 0) return refuse();
    made_ = false;
    return true;
}

bool AnswerFile::refuse() {
    reason_ = "cannot write " + file_.string() + ": " + std::generic_category().message(errno);
    return false;
}

bool AnswerFile::close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor < 0 || ::close(descriptor) == 0;
}

}  // namespace doorbuster::curl
