#include "http/stream_places.hpp"

namespace doorbuster::http {

StreamPlaces::Entered StreamPlaces::enter(std::uint64_t address) {
    const std::lock_guard lock{mutex_};
    if (count_ >= streams_max_) return {std::nullopt, Refusal::full};
    std::size_t& mine = of_address_[address];
    if (mine >= per_address_max_) {
        if (mine == 0) of_address_.erase(address);
        return {std::nullopt, Refusal::too_many_of_address};
    }
    ++mine;
    ++count_;
    Entered entered;
    entered.place.emplace(*this, address);
    return entered;
}

void StreamPlaces::leave(std::uint64_t address) {
    const std::lock_guard lock{mutex_};
    --count_;
    const auto mine = of_address_.find(address);
    if (--mine->second == 0) of_address_.erase(mine);
}

}  // namespace doorbuster::http
