// A form that Alipay posts, or that a browser brings back from it.
#include <set>
#include <tuple>

#include "adapters/alipay/messages.hpp"
#include "adapters/alipay/verifier.hpp"
#include "fuzz/fuzz.hpp"
#include "support/alipay_fixture.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::alipay;
using fuzz::demand;

const pay_wire::PrivateKey& alipay_key() {
    static const auto key = test::alipay_private_key();
    return key;
}

const Verifier& verifier() {
    static const Verifier instance{{{"", *read_public_key(test::alipay_config().public_key)}}, ""};
    return instance;
}

// Everything that anybody acts on when the form is believed.
using Told = std::tuple<
    std::string,
    bool,
    ProviderTrade::State,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::optional<Time>,
    std::string,
    std::string>;

Told told_by(const Params& params) {
    const auto notification = read_notification(params).value_or(ProviderNotification{});
    const auto returned = read_return(params).value_or(Return{});
    const ProviderTrade& trade = notification.trade;
    return {
        notification.id,
        notification.is_payment,
        trade.state,
        trade.out_trade_no,
        trade.transaction_id,
        trade.merchant,
        trade.seller,
        trade.amount.fen(),
        trade.paid_at,
        notification.refund ? notification.refund->out_refund_no : "no refund",
        returned.out_trade_no + ' ' + returned.transaction_id};
}

// What Alipay signed for the vectors, and nothing else.
const std::set<Told>& genuine() {
    static const auto all = [] {
        std::set<Told> said;
        for (const auto& a_case : test::payment_cases("alipay-notify")) {
            if (test::text_at(a_case, "expected_signature") == "bad") continue;
            said.insert(told_by(*parse_form(test::text_at(a_case, "raw_form"))));
        }
        return said;
    }();
    return all;
}

void check_reading(std::string_view text) {
    const auto params = parse_form(text);
    if (!params) return;
    demand(!params->empty() && params->size() <= kFormFieldsMax, "a form has 1 to 256 fields");
    demand(!params->contains(""), "no field is without a name");
    demand(parse_form(to_form(*params)) == params, "a form printed and read again is the same");
}

void check_notification(const Params& params) {
    const auto told = read_notification(params);
    if (!told) return;
    const ProviderTrade& trade = told->trade;
    demand(!trade.amount.is_negative(), "no amount is negative");
    demand(fuzz::is_visible(told->id) && fuzz::is_visible(trade.out_trade_no), "numbers are plain");
    demand(trade.transaction_id.size() <= 64, "a number of a trade is bounded");
    const bool paid = trade.state == ProviderTrade::State::paid;
    demand(!told->is_payment || !told->refund, "what tells of a refund is no payment");
    demand(
        !told->is_payment || !paid || value_of(params, "total_amount") != "",
        "a payment has an amount"
    );
}

// The same parameters, signed by Alipay, on a wire on which somebody sits.
void check_signing(Params params, std::string_view script) {
    params.erase("sign");
    params.erase("sign_type");
    const Told said = told_by(params);
    params["sign"] = pay_wire::to_base64(alipay_key().sign(joined(params)));
    params["sign_type"] = "RSA2";
    const std::string form = to_form(params);
    const auto checked = verifier().check_form(form);
    const bool doubtful = checked.verdict == Verdict::ambiguous ||
                          checked.verdict == Verdict::unsupported_charset ||
                          checked.verdict == Verdict::malformed;
    demand(doubtful || checked.verdict == Verdict::ok, "what Alipay signed is believed");
    if (checked.verdict == Verdict::ok) demand(told_by(checked.params) == said, "it says the same");
    const auto changed = verifier().check_form(fuzz::tampered(form, script));
    if (changed.verdict != Verdict::ok) return;
    demand(told_by(changed.params) == said, "a form that was tampered with tells nothing else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string_view form = input.before(fuzz::kTamper);
    check_reading(form);
    const auto checked = verifier().check_form(form);
    if (checked.verdict == Verdict::ok) {
        demand(genuine().contains(told_by(checked.params)), "only what Alipay signed is believed");
    }
    const auto params = parse_form(form);
    if (!params) return 0;
    check_notification(*params);
    if (form.size() < 4096 && params->size() < kFormFieldsMax - 2) {
        check_signing(*params, input.rest());
    }
    return 0;
}
