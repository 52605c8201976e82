#pragma once

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace doorbuster::rehearsal {

// Writes down every order that was acknowledged, before anyone counts it: what the server promised
// is known whatever becomes of the server. Thread-safe.
class Recorder {
public:
    struct Entry {
        std::uint64_t buyer = 0;
        std::string order_no;
    };
    // A line "buyer order_no" for each goes to `file` too, unless that is empty. Throws when it
    // cannot be opened.
    explicit Recorder(const std::string& file = {});

    // Once per order: a retry's answer is no new one.
    void note(std::uint64_t buyer, const std::string& order_no);
    std::vector<Entry> entries() const;

private:
    mutable std::mutex mutex_;
    std::ofstream file_;
    std::vector<Entry> entries_;
};

}  // namespace doorbuster::rehearsal
