#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "flash_sale/edge/token.hpp"
#include "support/seeded_random.hpp"

// Whatever text a buyer sends as a token: only the one that was signed is good, and every reader of
// it stands.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace doorbuster;
    using namespace doorbuster::flash_sale;
    static test::SeededRandom random{1};
    static const TokenSigner signer{random};
    static const TokenClaims claims{
        .user = UserId{42},
        .item = PromotionItemId{7},
        .epoch = 1,
        .window_ends = from_milliseconds(2'000),
        .expires = from_milliseconds(1'000),
        .nonce = 5};
    static const std::string good = signer.sign(claims);

    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto verified = signer.verify(text, claims.user, claims.item, from_milliseconds(999));
    if (verified.has_value() != (text == good)) std::abort();

    // The same from a good token with the input's bytes written over it.
    std::string changed = good;
    for (std::size_t i = 0; i + 1 < size; i += 2) changed[data[i] % good.size()] = text[i + 1];
    const auto again = signer.verify(changed, claims.user, claims.item, from_milliseconds(999));
    if (again.has_value() != (changed == good)) std::abort();
    return 0;
}
