#include "cache/generations.hpp"

namespace doorbuster::cache {

Tag make_tag(std::uint32_t kind, std::int64_t id) {
    // The finaliser of MurmurHash3: ids in a row spread over all marks.
    std::uint64_t x = static_cast<std::uint64_t>(id) * 8 + kind;
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
}

void Generations::changed(Tag tag) {
    const Moment moment = sequence_.fetch_add(1, std::memory_order_acq_rel) + 1;
    auto& mark = marks_[tag % kMarks];
    // Two changes of one thing may come here in either order; the later moment must stay.
    Moment before = mark.load(std::memory_order_relaxed);
    while (before < moment && !mark.compare_exchange_weak(before, moment, std::memory_order_acq_rel)
    ) {
    }
}

}  // namespace doorbuster::cache
