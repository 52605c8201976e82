#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace doorbuster::http {

// How many streams are open, in all and from each client's address. Thread-safe.
class StreamPlaces {
public:
    StreamPlaces(std::size_t streams_max, std::size_t per_address_max)
        : streams_max_{streams_max}, per_address_max_{per_address_max} {}

    // A stream's place, given back when this goes.
    class Place {
    public:
        Place(StreamPlaces& places, std::uint64_t address) : places_{&places}, address_{address} {}
        Place(Place&& other) noexcept
            : places_{std::exchange(other.places_, nullptr)}, address_{other.address_} {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (places_) places_->leave(address_);
        }

    private:
        StreamPlaces* places_;
        std::uint64_t address_;
    };

    enum class Refusal { full, too_many_of_address };
    // Exactly one of the two is there.
    struct Entered {
        std::optional<Place> place;
        std::optional<Refusal> refusal;
    };
    // `address` as address_key makes it.
    Entered enter(std::uint64_t address);

    std::size_t count() const { return count_; }

private:
    void leave(std::uint64_t address);

    const std::size_t streams_max_;
    const std::size_t per_address_max_;
    std::atomic<std::size_t> count_ = 0;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::size_t> of_address_;  // at most one entry per stream
};

}  // namespace doorbuster::http
