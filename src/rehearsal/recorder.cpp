#include "rehearsal/recorder.hpp"

#include <stdexcept>

namespace doorbuster::rehearsal {

Recorder::Recorder(const std::string& file) {
    if (file.empty()) return;
    file_.open(file, std::ios::trunc);
    if (!file_) throw std::runtime_error{"cannot write " + file};
}

void Recorder::note(std::uint64_t buyer, const std::string& order_no) {
    const std::lock_guard lock{mutex_};
    if (file_.is_open()) file_ << buyer << ' ' << order_no << '\n' << std::flush;
    entries_.push_back({buyer, order_no});
}

std::vector<Recorder::Entry> Recorder::entries() const {
    const std::lock_guard lock{mutex_};
    return entries_;
}

}  // namespace doorbuster::rehearsal
