#include "adapters/alipay/signer.hpp"

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::alipay {

void Signer::sign(Params& params) const {
    params.erase("sign");
    std::erase_if(params, [](const auto& param) { return param.second.empty(); });
    params.emplace("sign", pay_wire::to_base64(key_.sign(joined(params))));
}

}  // namespace doorbuster::alipay
