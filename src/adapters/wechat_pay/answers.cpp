#include "adapters/wechat_pay/answers.hpp"

#include "adapters/wechat_pay/messages.hpp"

namespace doorbuster::wechat_pay {

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') ||
                           std::string_view{"-._~*"}.find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return encoded;
}

PaymentProvider::Refused refusal_of(const Answer& answer) {
    if (answer.status == 0) return {"NO_ANSWER", answer.reason};
    if (answer.status / 100 == 2) {
        return {answer.verified ? "UNREADABLE" : "UNVERIFIED", answer.reason};
    }
    Failure failure = parse_failure(answer.body);
    if (failure.code.empty()) failure.code = "HTTP" + std::to_string(answer.status);
    return {std::move(failure.code), std::move(failure.message)};
}

}  // namespace doorbuster::wechat_pay
