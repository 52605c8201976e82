// The part of a notification that is sealed with the APIv3 key, and what is in it. The first lines
// of an input are the nonce and the associated data.
#include "adapters/pay_wire/base64.hpp"
#include "adapters/wechat_pay/aead.hpp"
#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/refund_messages.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/seal.hpp"
#include "support/payment_vectors.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::wechat_pay;
using fuzz::demand;

const std::string& key() {
    static const std::string text =
        test::text_at(test::payment_vectors("wechat-keys"), "apiv3_key");
    return text;
}

bool is_genuine(std::string_view plaintext) {
    for (const char* file : {"wechat-aead", "wechat-notify"}) {
        for (const auto& a_case : test::payment_cases(file)) {
            const auto* known = a_case.as_object().if_contains("plaintext");
            if (known && std::string_view{known->as_string()} == plaintext) return true;
        }
    }
    return false;
}

void check_messages(std::string_view plaintext) {
    if (const auto trade = parse_transaction(plaintext)) {
        using State = ProviderTrade::State;
        const bool paid = trade->state == State::paid || trade->state == State::refunded;
        demand(!trade->amount.is_negative(), "no amount is negative");
        demand(paid || trade->amount.is_zero(), "only what was paid has an amount");
        demand(!paid || !trade->currency.empty(), "what was paid has a currency");
        demand(!paid || !trade->transaction_id.empty(), "and a number");
        demand(fuzz::is_visible(trade->out_trade_no) && trade->out_trade_no.size() <= 32, "plain");
        demand(!trade->merchant.empty() && !trade->seller.empty(), "it says whose it is");
    }
    if (const auto told = parse_notified_refund(plaintext)) {
        demand(told->refund.amount && !told->refund.amount->is_negative(), "it has an amount");
        demand(!told->merchant.empty() && !told->refund.out_refund_no.empty(), "it says whose");
        demand(!parse_transaction(plaintext) || told->refund.out_trade_no.size() <= 32, "bounded");
    }
}

// What is sealed can be opened with that key, nonce and data, and in no other way.
void check_sealing(std::string_view data, std::string_view plaintext, std::string_view script) {
    const std::string nonce = "7XnTEkE3Lyvu";
    const std::string sealed = fuzz::sealed(key(), nonce, data, plaintext);
    demand(open_sealed(key(), nonce, data, sealed) == plaintext, "what was sealed can be opened");
    demand(!open_sealed(key(), "7XnTEkE3Lyvv", data, sealed), "not with another nonce");
    const std::string more = std::string{data} + "x";
    demand(!open_sealed(key(), nonce, more, sealed), "not with other data");
    demand(!open_sealed(std::string(kApiv3KeyBytes, 'k'), nonce, data, sealed), "nor another key");
    const std::string changed = fuzz::tampered(sealed, script);
    const auto opened = open_sealed(key(), nonce, data, changed);
    demand(opened.has_value() == (changed == sealed), "nor after anything was changed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string_view nonce = input.line();
    const std::string_view associated = input.line();
    const std::string_view text = input.before(fuzz::kTamper);
    if (const auto opened = open_sealed(key(), nonce, associated, text)) {
        demand(is_genuine(*opened), "only what WeChat Pay sealed can be opened");
        check_messages(*opened);
    }
    check_messages(text);
    check_sealing(associated, text, input.rest());
    return 0;
}
