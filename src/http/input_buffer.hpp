#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace doorbuster::http {

// What was received and not yet used, in one piece. Views of it hold until `space` is called.
class InputBuffer {
public:
    static constexpr std::size_t kSmall = 4 * 1024;
    static constexpr std::size_t kLarge = 64 * 1024;

    std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    void consume(std::size_t count) { begin_ += count; }

    // Room to receive into; `received` tells how much of it was filled. Grows up to kLarge while
    // what arrives fills it, and shrinks again when it is empty.
    std::span<char> space() {
        const std::size_t held = end_ - begin_;
        if (held == 0 && !filled_ && capacity_ > kSmall) resize(kSmall);
        if (begin_ > 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, held);
            begin_ = 0;
            end_ = held;
        }
        if (capacity_ == 0) resize(kSmall);
        if ((filled_ || end_ == capacity_) && capacity_ < kLarge) resize(capacity_ * 2);
        return {bytes_.get() + end_, capacity_ - end_};
    }
    // Frees all of it.
    void release() {
        bytes_.reset();
        capacity_ = begin_ = end_ = 0;
        filled_ = false;
    }
    void received(std::size_t count) {
        end_ += count;
        filled_ = end_ == capacity_;
    }

private:
    void resize(std::size_t capacity) {
        auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
        const std::size_t held = end_ - begin_;
        if (held > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, held);
        bytes_ = std::move(bytes);
        capacity_ = capacity;
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool filled_ = false;
};

}  // namespace doorbuster::http
