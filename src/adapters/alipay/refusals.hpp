#pragma once

#include "adapters/alipay/client.hpp"
#include "adapters/alipay/messages.hpp"

// What Alipay's codes mean for us. Only codes of a verified answer are ever looked at.
namespace doorbuster::alipay {

template <class T>
PaymentProvider::Outcome<T> refused(PaymentProvider::Refused why) {
    return {std::nullopt, std::move(why)};
}
template <class T>
PaymentProvider::Outcome<T> accepted(T value) {
    return {std::move(value), {}};
}

// Nothing that Alipay would take: no question is asked.
PaymentProvider::Refused bad_parameter(std::string message);
std::optional<PaymentProvider::Refused> fault_of_refund(const ProviderRefundOrder& order);

// Empty unless the answer was verified.
Result result_of(const Answer& answer);

bool is_done(const Result& result);
bool is_missing_trade(const Result& result);
bool is_no_longer_open(const Result& result);
// No repetition of the same refund changes it; still to be confirmed by a query.
bool is_final_for_refund(const Result& result);
// The account there is too low to pay the refund from.
bool needs_money(const Result& result);
// Codes of bills come in several spellings.
bool is_final_for_bill(const Result& result);
bool is_missing_bill(const Result& result);

// What there is to say of an answer that is no success; never final.
PaymentProvider::Refused refusal_of(const Answer& answer, const Result& result);

}  // namespace doorbuster::alipay
