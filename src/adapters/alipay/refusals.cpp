#include "adapters/alipay/refusals.hpp"

#include <algorithm>
#include <array>

namespace doorbuster::alipay {

namespace {

using Refused = PaymentProvider::Refused;

// Everything else is to be tried again: SYSTEM_ERROR, an account without money or frozen for a
// while, and codes that nobody has told of yet.
constexpr std::array<std::string_view, 26> kFinalForRefund{
    "ACQ.INVALID_PARAMETER",
    "ACQ.TRADE_NOT_EXIST",
    "ACQ.TRADE_HAS_FINISHED",
    "ACQ.TRADE_HAS_CLOSE",
    "ACQ.TRADE_STATUS_ERROR",
    "ACQ.REASON_TRADE_STATUS_INVALID",
    "ACQ.DISCORDANT_REPEAT_REQUEST",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "ACQ.REFUND_FEE_ERROR",
    "ACQ.TRADE_NOT_ALLOW_REFUND",
    "ACQ.NOT_ALLOW_PARTIAL_REFUND",
    "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
    "ACQ.BUYER_ERROR",
    "ACQ.BUYER_NOT_EXIST",
    "ACQ.CURRENCY_NOT_SUPPORT",
    "ACQ.USER_NOT_MATCH_ERR",
    "ACQ.TRADE_SETTLE_ERROR",
    "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
    "ACQ.REFUND_ACCOUNT_NOT_EXIST",
    "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
    "ACQ.REFUNDALLOC_UNAUTH_LIMIT",
    "ACQ.OVERDRAFT_ASSIGN_ACCOUNT_INVALID",
    "ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH",
    "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
    "TRADE_NOT_EXIST"};

constexpr std::array<std::string_view, 4> kFinalForBill{
    "invailid_arguments",
    "invalid_arguments",
    "bill_date_before_registration",
    "type_not_supported"};

bool is_one_of(std::string_view code, const auto& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// In lower case and without "isp." or "isv.".
std::string plain_code(std::string_view code) {
    std::string plain{code};
    for (char& c : plain) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (plain.starts_with("isp.") || plain.starts_with("isv.")) plain.erase(0, 4);
    return plain;
}

}  // namespace

Refused bad_parameter(std::string message) {
    return {"INVALID_PARAMETER", std::move(message), true};
}

std::optional<Refused> fault_of_refund(const ProviderRefundOrder& order) {
    if (!is_out_trade_no(order.out_trade_no)) return bad_parameter("not an out_trade_no");
    if (!is_out_trade_no(order.out_refund_no)) return bad_parameter("not an out_request_no");
    if (!is_payable(order.amount)) return bad_parameter("not an amount to refund");
    return std::nullopt;
}

Result result_of(const Answer& answer) {
    return answer.verified ? parse_result(answer.node) : Result{};
}

bool is_done(const Result& result) { return result.code == "10000"; }

bool is_missing_trade(const Result& result) {
    return result.code == "40004" &&
           (result.sub_code == "ACQ.TRADE_NOT_EXIST" || result.sub_code == "TRADE_NOT_EXIST");
}

bool is_no_longer_open(const Result& result) {
    return result.code == "40004" && (result.sub_code == "ACQ.TRADE_STATUS_ERROR" ||
                                      result.sub_code == "ACQ.REASON_TRADE_STATUS_INVALID" ||
                                      result.sub_code == "ACQ.REASON_ILLEGAL_STATUS");
}

bool is_final_for_refund(const Result& result) {
    return result.code == "40004" && is_one_of(result.sub_code, kFinalForRefund);
}

bool needs_money(const Result& result) {
    return result.code == "40004" && result.sub_code == "ACQ.SELLER_BALANCE_NOT_ENOUGH";
}

bool is_final_for_bill(const Result& result) {
    return is_one_of(plain_code(result.sub_code), kFinalForBill);
}

bool is_missing_bill(const Result& result) {
    const std::string code = plain_code(result.sub_code);
    return code == "bill_not_exist" || code == "no_bill_data";
}

Refused refusal_of(const Answer& answer, const Result& result) {
    if (answer.status == 0) return {"NO_ANSWER", answer.reason, false};
    if (!answer.verified) return {"UNVERIFIED", answer.reason, false};
    if (is_done(result) || result.code.empty()) return {"UNREADABLE", "", false};
    return {result.sub_code.empty() ? result.code : result.sub_code, result.message, false};
}

}  // namespace doorbuster::alipay
