#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "catalog/model/rich_text.hpp"
#include "fuzz/rich_text_checker.hpp"

// Whatever comes in: the result is harmless, well-formed, bounded and a fixed point.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace doorbuster;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const std::string once = catalog::sanitize_rich_text(input);
    const std::string complaint = test::RichTextChecker::complaint(once);
    if (!complaint.empty()) {
        std::fprintf(stderr, "%s\nin: %s\n", complaint.c_str(), once.c_str());
        std::abort();
    }
    if (once.size() > catalog::kRichTextBytesMax) std::abort();
    if (catalog::sanitize_rich_text(once) != once) std::abort();
    static_cast<void>(catalog::text_of(input));
    return 0;
}
