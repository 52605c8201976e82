#pragma once

#include <atomic>
#include <cstddef>

namespace doorbuster::http {

// What all connections together hold of bodies that are under way and of answers that were not
// taken yet. Thread-safe.
class HeldBytesTotal {
public:
    explicit HeldBytesTotal(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    bool take(std::size_t bytes) {
        if (held_.fetch_add(bytes) + bytes <= bytes_max_) return true;
        give(bytes);
        return false;
    }
    void give(std::size_t bytes) { held_.fetch_sub(bytes); }

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> held_ = 0;
};

// One text's part of that total. Small ones cost nothing and always have room, so that ordinary
// requests are served while large ones are refused.
class HeldBytes {
public:
    static constexpr std::size_t kFree = 64 * 1024;

    explicit HeldBytes(HeldBytesTotal& total) : total_{total} {}
    ~HeldBytes() { total_.give(held_); }
    HeldBytes(const HeldBytes&) = delete;
    HeldBytes& operator=(const HeldBytes&) = delete;

    // The text has so many bytes now. False: there is no room for that, and nothing has changed.
    bool set(std::size_t bytes) {
        const std::size_t wanted = bytes > kFree ? bytes : 0;
        if (wanted > held_ && !total_.take(wanted - held_)) return false;
        if (wanted < held_) total_.give(held_ - wanted);
        held_ = wanted;
        return true;
    }

private:
    HeldBytesTotal& total_;
    std::size_t held_ = 0;
};

}  // namespace doorbuster::http
