// An answer of Alipay's gateway: the text that was signed within it, and its nodes.
#include <boost/json/serialize.hpp>

#include "adapters/alipay/json_members.hpp"
#include "adapters/alipay/messages.hpp"
#include "adapters/alipay/verifier.hpp"
#include "adapters/pay_wire/strict_json.hpp"
#include "fuzz/fuzz.hpp"
#include "support/alipay_fixture.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::alipay;
using fuzz::demand;

constexpr std::string_view kMethod = "alipay.trade.query";
constexpr std::string_view kNodeName = "alipay_trade_query_response";

const pay_wire::PrivateKey& alipay_key() {
    static const auto key = test::alipay_private_key();
    return key;
}

const Verifier& verifier() {
    static const Verifier instance{{{"", *read_public_key(test::alipay_config().public_key)}}, ""};
    return instance;
}

// Whether the vectors have this text as one that Alipay signed.
bool is_genuine(std::string_view node) {
    for (const auto& a_case : test::payment_cases("alipay-response")) {
        const auto* text = a_case.as_object().if_contains("signed_text");
        if (text && text->is_string() && std::string_view{text->as_string()} == node) return true;
    }
    return false;
}

void check_members(std::string_view text) {
    const auto members = top_level_members(text);
    if (!members) return;
    std::string again = "{";
    const char* last = text.data();
    for (const auto& [name, value] : *members) {
        demand(name.data() > last && value.data() > name.data(), "members come in their order");
        last = value.data() + value.size();
        demand(last < text.data() + text.size(), "members lie inside of the text");
        demand(pay_wire::parse_strict(value).has_value(), "a value is JSON by itself");
        if (again.size() > 1) again += ',';
        again.append("\"").append(name).append("\":").append(value);
    }
    again += '}';
    // As text, because Boost.JSON reads 0e400 as a number that is not equal to itself.
    const auto written = [](std::string_view json) {
        return boost::json::serialize(pay_wire::parse_strict(json).value());
    };
    demand(written(again) == written(text), "no member is left out");
}

void check_trade(const ProviderTrade& trade) {
    using State = ProviderTrade::State;
    const bool paid = trade.state == State::paid || trade.state == State::refunded;
    demand(!trade.amount.is_negative(), "no amount is negative");
    demand(fuzz::is_visible(trade.out_trade_no) && !trade.out_trade_no.empty(), "it has a number");
    demand(!paid || !trade.transaction_id.empty(), "what was paid has a number of Alipay's");
    demand(trade.currency == kCurrency, "it is in yuan");
}

void check_refund(const ProviderRefund& refund) {
    demand(!refund.amount || !refund.amount->is_negative(), "no refund is negative");
    demand(refund.out_refund_no.size() <= 64, "a number of a refund is bounded");
}

void check_nodes(std::string_view node) {
    if (const auto trade = parse_trade(node)) check_trade(*trade);
    if (const auto refund = parse_refund(node)) check_refund(*refund);
    if (const auto refund = parse_refund_query(node)) {
        check_refund(*refund);
        const bool done = refund->state == ProviderRefund::State::succeeded;
        demand(!done || refund->amount, "a refund that was queried and done has an amount");
    }
    if (const auto number = parse_closed(node)) demand(number->size() <= 64, "it is bounded");
    if (const auto bill = parse_bill_address(node)) {
        demand(bill->empty == bill->url.empty(), "a bill is empty or has an address");
        demand(bill->url.size() <= 2048 && fuzz::is_visible(bill->url), "an address is plain");
    }
    demand(parse_result(node).message.size() <= 1024, "a message is bounded");
    static_cast<void>(parse_certificate_content(node));
}

void check_signing(std::string_view node, std::string_view script) {
    const std::string body = "{\"" + std::string{kNodeName} + "\":" + std::string{node} +
                             ",\"sign\":\"" + pay_wire::to_base64(alipay_key().sign(node)) + "\"}";
    const auto answer = verifier().check_answer(kMethod, body);
    demand(answer.verdict == Verdict::ok && answer.node == node, "what Alipay signed is believed");
    const auto changed = verifier().check_answer(kMethod, fuzz::tampered(body, script));
    if (changed.verdict == Verdict::ok) demand(changed.node == node, "no other text is believed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string_view text = input.before(fuzz::kTamper);
    check_members(text);
    const auto answer = verifier().check_answer(kMethod, text);
    if (answer.verdict == Verdict::ok) demand(is_genuine(answer.node), "only Alipay is believed");
    check_nodes(answer.node);
    check_nodes(text);
    const auto json = text.size() < 4096 && text.starts_with('{') && text.ends_with('}')
                          ? pay_wire::parse_strict(text)
                          : std::nullopt;
    if (json && json->is_object()) check_signing(text, input.rest());
    return 0;
}
