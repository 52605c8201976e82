#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "support/parse_requests.hpp"

// Any bytes, read whole and read in pieces, are the same requests and the same refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using doorbuster::test::parse_requests;
    using doorbuster::test::parse_whole;
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 64;
    const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
    if (!(parse_whole(input) == parse_requests(input, [&] { return piece; }))) std::abort();
    return 0;
}
