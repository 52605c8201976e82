#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sandbox/alipay/gate.hpp"
#include "sandbox/alipay/trades.hpp"

// Reads biz_content, the JSON object with the business parameters of a call. Unknown members are
// ignored, as Alipay does.
namespace doorbuster::sandbox::alipay {

class BizContent {
public:
    // An empty or broken text reads as an object without members and is marked as broken.
    explicit BizContent(std::string_view text);
    ~BizContent();
    BizContent(const BizContent&) = delete;
    BizContent& operator=(const BizContent&) = delete;

    bool broken() const;
    // A text; empty when it is absent. Longer than `max`, of another type, or with control
    // characters: wrong() names it.
    std::string text(const char* name, std::size_t max);
    // Yuan as a text or a number, with at most two decimals; nothing when absent or none.
    std::optional<Money> yuan(const char* name);
    // The first parameter that was wrong; empty: none.
    const std::string& wrong() const { return wrong_; }
    void spoil(const char* name);

private:
    struct Object;
    std::unique_ptr<Object> object_;
    std::string wrong_;
};

// The terms of an alipay.trade.page.pay call, or the refusal to show on its page. `expires_at` is
// what time_expire or timeout_express say, counted from `now`.
std::variant<Terms, Reply> read_page_pay(const Call& call, Time now);

// ACQ.INVALID_PARAMETER, naming the parameter.
Reply invalid_parameter(std::string_view name);

// One to 64 of the characters that an out_trade_no has.
bool is_out_trade_no(std::string_view text);

}  // namespace doorbuster::sandbox::alipay
