#include "simulation/trace.hpp"

namespace doorbuster::simulation {
namespace {

// FNV-1a.
constexpr std::uint64_t kPrime = 0x100000001b3u;

}  // namespace

void Trace::note(std::string_view line) {
    std::uint64_t hash = hash_;
    for (const char letter : line) hash = (hash ^ static_cast<unsigned char>(letter)) * kPrime;
    hash_ = (hash ^ '\n') * kPrime;
    if (keep_) lines_.emplace_back(line);
}

std::string hex(std::uint64_t value) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) {
        *digit = kDigits[value & 15];
    }
    return text;
}

}  // namespace doorbuster::simulation
