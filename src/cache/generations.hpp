#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace doorbuster::cache {

// Names one thing that cached values are made from, such as product 7 or the stock of SKU 9.
using Tag = std::uint64_t;
Tag make_tag(std::uint32_t kind, std::int64_t id);

// Tells whether what was read at one moment is still true: every change of a thing moves the
// thing's mark past all earlier moments. Marks are shared by things whose tags hash alike, which
// now and then calls a true value outdated, never the reverse. Fixed size, thread-safe, no locks.
//
//     const auto moment = generations.now();     // before the read begins
//     … read from the database …
//     generations.unchanged_since(moment, tags)  // before every use of what was read
class Generations {
public:
    using Moment = std::uint64_t;

    Moment now() const { return sequence_.load(std::memory_order_acquire); }

    // To be called after the change is visible to readers, and before whoever made it is told.
    void changed(Tag tag);

    bool unchanged_since(Moment moment, std::span<const Tag> tags) const {
        for (const Tag tag : tags) {
            if (mark(tag).load(std::memory_order_acquire) > moment) return false;
        }
        return true;
    }

private:
    static constexpr std::size_t kMarks = 1u << 14;  // 128 KiB

    const std::atomic<Moment>& mark(Tag tag) const { return marks_[tag % kMarks]; }

    std::atomic<Moment> sequence_ = 0;
    std::array<std::atomic<Moment>, kMarks> marks_{};
};

}  // namespace doorbuster::cache
