#include "sandbox/identity.hpp"

namespace doorbuster::sandbox {

Identity make_identity(Random& random, Time now) {
    return {wechat_pay::make_identity(random, now), alipay::make_identity(random, now)};
}

Identity load_or_make_identity(const std::filesystem::path& folder, Random& random, Time now) {
    return {
        wechat_pay::load_or_make_identity(folder / "wechat_pay", random, now),
        alipay::load_or_make_identity(folder / "alipay", random, now)};
}

}  // namespace doorbuster::sandbox
