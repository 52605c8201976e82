#include "payments/payment_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::payments {
namespace {

boost::json::value text_or_null(const std::string& text) {
    return text.empty() ? boost::json::value{} : boost::json::value(text);
}

}  // namespace

boost::json::object to_json(const PaymentView& payment) {
    return {
        {"id", payment.id},
        {"reference", payment.reference},
        {"provider", payment.provider},
        {"status", payment.status},
        {"amount", payment.amount.fen()},
        {"code_url", text_or_null(payment.code_url)},
        {"qr_svg", text_or_null(payment.qr_svg)},
        {"pay_page", text_or_null(payment.pay_page)},
        {"redirect_url", text_or_null(payment.redirect_url)},
        {"form_html", text_or_null(payment.form_html)},
        {"paid_at", text_or_null(payment.paid_at ? to_rfc3339(*payment.paid_at) : "")},
        {"expires_at", to_rfc3339(payment.expires_at)},
        {"late", payment.late},
        {"duplicate", payment.duplicate},
        {"refund_due", payment.refund_due}};
}

}  // namespace doorbuster::payments
