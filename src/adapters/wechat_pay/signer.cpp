#include "adapters/wechat_pay/signer.hpp"

#include <initializer_list>
#include <utility>

#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::to_base64;

namespace {

std::string lines(std::initializer_list<std::string_view> texts) {
    std::string message;
    for (const auto text : texts) message.append(text) += '\n';
    return message;
}

std::string quoted(std::string_view name, std::string_view value) {
    return std::string{name} + "=\"" + std::string{value} + '"';
}

}  // namespace

Signer::Signer(std::string mchid, std::string serial, PrivateKey key)
    : mchid_{std::move(mchid)}, serial_{std::move(serial)}, key_{std::move(key)} {}

std::string Signer::authorization(
    std::string_view method,
    std::string_view url,
    std::string_view timestamp,
    std::string_view nonce,
    std::string_view body
) const {
    const std::string message = lines({method, url, timestamp, nonce, body});
    const std::string signature = to_base64(key_.sign(message));
    return "WECHATPAY2-SHA256-RSA2048 " + quoted("mchid", mchid_) + ',' +
           quoted("nonce_str", nonce) + ',' + quoted("timestamp", timestamp) + ',' +
           quoted("serial_no", serial_) + ',' + quoted("signature", signature);
}

}  // namespace doorbuster::wechat_pay
