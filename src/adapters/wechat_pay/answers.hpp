#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "adapters/wechat_pay/client.hpp"
#include "ports/payment_provider.hpp"

// What the parts of WechatPay do alike with an answer. Included by sources of this folder only.
namespace doorbuster::wechat_pay {

// Everything but the unreserved characters of RFC 3986 and the star, which WeChat Pay leaves alone.
std::string percent_encoded(std::string_view text);

// What there is to say of an answer that is no success, as a refusal that is not final. The code is
// without underscores, see Failure.
PaymentProvider::Refused refusal_of(const Answer& answer);

// A signed answer that says no for a reason of the request's, not of WeChat Pay's.
inline bool is_verified_4xx(const Answer& answer) {
    return answer.verified && answer.status / 100 == 4;
}

inline bool is_one_of(std::string_view code, const auto& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

template <class T>
PaymentProvider::Outcome<T> refused(PaymentProvider::Refused why) {
    return {std::nullopt, std::move(why)};
}
template <class T>
PaymentProvider::Outcome<T> accepted(T value) {
    return {std::move(value), {}};
}

}  // namespace doorbuster::wechat_pay
