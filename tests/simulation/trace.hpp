#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::simulation {

// What happened in a world, in order. Two runs of one seed have the same hash.
class Trace {
public:
    // `keep`: the lines themselves are wanted, not their hash alone.
    explicit Trace(bool keep) : keep_{keep} {}

    void note(std::string_view line);
    std::uint64_t hash() const { return hash_; }
    const std::vector<std::string>& lines() const { return lines_; }

private:
    bool keep_;
    std::uint64_t hash_ = 0xcbf29ce484222325u;
    std::vector<std::string> lines_;
};

// 16 hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace doorbuster::simulation
