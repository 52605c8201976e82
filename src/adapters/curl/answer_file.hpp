#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace doorbuster::curl {

// An answer's body on its way to a file. It grows beside its place, as `file` + ".part", and is
// moved there when it is whole, so that neither a failure nor a crash leaves half a file where a
// whole one is looked for. Whoever is not told to keep removes.
class AnswerFile {
public:
    explicit AnswerFile(std::filesystem::path file);
    ~AnswerFile();
    AnswerFile(const AnswerFile&) = delete;
    AnswerFile& operator=(const AnswerFile&) = delete;

    // The three steps; false: it cannot be done, and `reason` says why. Readable by its owner only.
    bool open();
    bool write(std::string_view bytes);
    bool keep();

    std::size_t size() const { return size_; }
    const std::string& reason() const { return reason_; }

private:
    bool refuse();
    bool close();

    const std::filesystem::path file_;
    const std::filesystem::path part_;
    int descriptor_ = -1;
    bool made_ = false;
    std::size_t size_ = 0;
    std::string reason_;
};

}  // namespace doorbuster::curl
