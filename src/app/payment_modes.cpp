#include "app/payment_modes.hpp"

namespace doorbuster::app {

namespace {

std::string resolved(const std::string& mode, const std::string& other) {
    if (mode != "auto") return mode;
    return other == "live" || other == "off" ? "off" : "sandbox";
}

void refuse_play_money(
    std::string_view name,
    std::string_view mode,
    std::string_view other_name,
    std::string_view other
) {
    if (mode != "sandbox" || other != "live") return;
    throw runtime::ConfigError{
        std::string{name} + ".mode: sandbox is play money, and " + std::string{other_name} +
        ".mode is live: set live or off"};
}

}  // namespace

bool PaymentModes::is_play_money() const {
    const bool any_live = wechat_pay == "live" || alipay == "live";
    const bool any_sandbox = wechat_pay == "sandbox" || alipay == "sandbox";
    return any_sandbox && !any_live;
}

PaymentModes payment_modes(const runtime::Config& config) {
    return {
        resolved(config.wechat_pay_mode, config.alipay_mode),
        resolved(config.alipay_mode, config.wechat_pay_mode)};
}

PaymentModes checked_payment_modes(const runtime::Config& config) {
    PaymentModes modes = payment_modes(config);
    refuse_play_money("wechat_pay", modes.wechat_pay, "alipay", modes.alipay);
    refuse_play_money("alipay", modes.alipay, "wechat_pay", modes.wechat_pay);
    return modes;
}

}  // namespace doorbuster::app
