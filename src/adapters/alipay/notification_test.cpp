#include <gtest/gtest.h>

#include <set>

#include "adapters/alipay/provider.hpp"
#include "support/alipay_world.hpp"
#include "support/seeded_random.hpp"

// Whole notifications, from raw bytes to what the payment side is told. What a notification does to
// a payment is the payment side's to test.
namespace doorbuster::alipay {
namespace {

using State = ProviderTrade::State;
using test::text_at;

class Notifications : public test::AlipayWorld {
protected:
    std::optional<ProviderNotification> verify(std::string_view form) {
        return verify(provider_, form);
    }
    std::optional<ProviderNotification> verify(const Alipay& provider, std::string_view form) {
        reason_.clear();
        return provider.verify_notification({}, form, clock_.now(), reason_);
    }

    std::string reason_;
};

Params paid_params() {
    return {
        {"notify_id", "2026112200222100503012345678"},
        {"notify_type", "trade_status_sync"},
        {"notify_time", "2026-11-22 10:05:03"},
        {"charset", "utf-8"},
        {"version", "1.0"},
        {"app_id", "2021000000000001"},
        {"seller_id", "2088101122136669"},
        {"trade_no", "42"},
        {"out_trade_no", "SK1"},
        {"trade_status", "TRADE_SUCCESS"},
        {"total_amount", "88.88"},
        {"buyer_pay_amount", "60.00"},
        {"receipt_amount", "88.88"},
        {"gmt_payment", "2026-11-22 10:05:02"},
        {"subject", "秒杀商品"}};
}

Params with(std::initializer_list<std::pair<const char*, const char*>> changes) {
    Params params = paid_params();
    for (const auto& [name, value] : changes) params[name] = value;
    return params;
}

// What a case of the vectors is to be read as, before anything is compared with an order.
void expect_read_as_it_is(const boost::json::value& a_case, const ProviderNotification& told) {
    const std::string name = text_at(a_case, "name");
    const auto& params = a_case.at("params");
    const std::string effect = text_at(a_case.at("expected"), "effect");
    const std::string status = text_at(params, "trade_status");
    const ProviderTrade& trade = told.trade;
    EXPECT_EQ(told.id, text_at(params, "notify_id")) << name;
    EXPECT_EQ(trade.out_trade_no, text_at(params, "out_trade_no")) << name;
    EXPECT_EQ(trade.transaction_id, text_at(params, "trade_no")) << name;
    EXPECT_EQ(trade.merchant, text_at(params, "seller_id")) << name;
    EXPECT_EQ(trade.seller, text_at(params, "app_id")) << name;
    EXPECT_EQ(trade.amount, Money::from_yuan(text_at(params, "total_amount"))) << name;
    const bool refund = effect == "refund_event" || effect == "not_paid";
    EXPECT_EQ(told.is_payment, !refund) << name;
    EXPECT_EQ(told.refund.has_value(), refund) << name;
    if (refund) {
        EXPECT_EQ(told.refund->out_refund_no, text_at(params, "out_biz_no")) << name;
        EXPECT_FALSE(told.refund->amount) << "it tells the sum of all refunds";
        return;
    }
    const bool success = status == "TRADE_SUCCESS" || status == "TRADE_FINISHED";
    EXPECT_EQ(trade.state == State::paid, success) << name;
    EXPECT_EQ(trade.state == State::closed, effect == "closed") << name;
    if (effect == "paid") {
        EXPECT_EQ(trade.amount.fen(), a_case.at("expected").at("amount_fen").as_int64()) << name;
    }
}

TEST_F(Notifications, of_every_case_of_the_vectors_are_refused_or_read_as_they_are) {
    const Alipay by_certificate{test::alipay_certificate_config(), http_, clock_};
    const Alipay* const providers[] = {&provider_, &by_certificate};
    const auto& cases = test::payment_cases("alipay-notify");
    ASSERT_EQ(cases.size(), 35u);
    int returns = 0;
    for (const auto& a_case : cases) {
        const std::string form = text_at(a_case, "raw_form");
        const std::string name = text_at(a_case, "name");
        const bool bad = text_at(a_case, "expected_signature") == "bad";
        for (const Alipay* provider : providers) {
            const auto notification = verify(*provider, form);
            if (text_at(a_case, "kind") == "return") {
                ++returns;
                EXPECT_FALSE(notification) << name;
                EXPECT_EQ(provider->verify_return(form).has_value(), !bad) << name;
                continue;
            }
            EXPECT_FALSE(provider->verify_return(form)) << name;
            ASSERT_EQ(notification.has_value(), !bad) << name << ": " << reason_;
            if (notification) expect_read_as_it_is(a_case, *notification);
        }
    }
    EXPECT_EQ(returns, 4);
}

TEST_F(Notifications, are_answered_with_exactly_the_documented_bytes) {
    EXPECT_EQ(provider_.reply_accepted().body, "success");
    EXPECT_EQ(provider_.reply_refused().body, "fail");
    EXPECT_EQ(provider_.reply_try_again().body, "fail");
    EXPECT_EQ(provider_.reply_accepted().content_type, "text/plain");
    EXPECT_EQ(provider_.reply_accepted().status, 200);
}

TEST_F(Notifications, of_a_payment_tell_the_orders_amount_not_what_the_buyer_paid) {
    const auto told = verify(test::alipay_form(paid_params()));
    ASSERT_TRUE(told) << reason_;
    EXPECT_TRUE(told->is_payment);
    EXPECT_EQ(told->trade.amount, Money::fen(8888));
    EXPECT_EQ(told->trade.paid_at, from_rfc3339("2026-11-22T02:05:02Z"));
    EXPECT_EQ(told->trade.currency, "CNY");
}

TEST_F(Notifications, with_any_sign_of_a_refund_are_no_payments) {
    for (const auto& params :
         {with({{"gmt_refund", "2026-11-23 09:00:00.320"}}),
          with({{"out_biz_no", "RF1"}}),
          with({{"refund_fee", "0.01"}}),
          with({{"refund_fee", "88.88"}, {"trade_status", "TRADE_CLOSED"}})}) {
        const auto told = verify(test::alipay_form(params));
        ASSERT_TRUE(told) << reason_;
        EXPECT_FALSE(told->is_payment);
        EXPECT_TRUE(told->refund);
        EXPECT_NE(told->trade.state, State::paid);
        EXPECT_EQ(told->refund->state, ProviderRefund::State::unknown) << "it is to be queried";
    }
    const auto payment = verify(
        test::alipay_form(with({{"refund_fee", "0.00"}, {"out_biz_no", ""}, {"gmt_refund", ""}}))
    );
    EXPECT_TRUE(payment->is_payment);
    EXPECT_FALSE(verify(test::alipay_form(with({{"refund_fee", "-1"}}))));
}

TEST_F(Notifications, that_are_signed_but_say_too_little_are_refused) {
    for (const char* missing : {"notify_id", "out_trade_no", "trade_no", "total_amount"}) {
        Params params = paid_params();
        params.erase(missing);
        EXPECT_FALSE(verify(test::alipay_form(params))) << missing;
        EXPECT_FALSE(verify(test::alipay_form(with({{missing, ""}})))) << missing;
        EXPECT_FALSE(verify(test::alipay_form(with({{missing, "4 2"}})))) << missing;
    }
    EXPECT_EQ(reason_, "malformed");
    EXPECT_FALSE(verify(test::alipay_form(with({{"total_amount", "88.881"}}))));
}

TEST_F(Notifications, of_other_kinds_are_taken_and_are_no_payments) {
    const auto told = verify(test::alipay_form(with({{"notify_type", "open_app_auth_notify"}})));
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->is_payment);
    EXPECT_FALSE(told->refund);
}

// Signed alike: `subject=x` and `total_amount=1` are two fields, or one subject with strange text.
TEST_F(Notifications, that_could_be_two_different_forms_are_refused) {
    const std::string honest = test::alipay_form(with({{"subject", "x&total_amount=0.01"}}));
    EXPECT_FALSE(verify(honest));
    EXPECT_EQ(reason_, "ambiguous");

    // A refund notification whose sign of it is hidden in the field before.
    Params refund = with({{"gmt_refund", "2026-11-23 09:00:00"}});
    const std::string signature = test::alipay_signature(joined(refund));
    refund["gmt_payment"] += "&gmt_refund=" + refund["gmt_refund"];
    refund.erase("gmt_refund");
    Params form = refund;
    form["sign"] = signature;
    form["sign_type"] = "RSA2";
    EXPECT_FALSE(verify(to_form(form)));
    EXPECT_EQ(reason_, "ambiguous");
    EXPECT_TRUE(verify(test::alipay_form(with({{"subject", "A & B=C &total=1"}}))));
}

TEST_F(Notifications, in_another_charset_or_signed_otherwise_are_refused) {
    EXPECT_FALSE(verify(test::alipay_form(with({{"charset", "GBK"}}))));
    EXPECT_TRUE(verify(test::alipay_form(with({{"charset", "UTF-8"}}))));
    EXPECT_FALSE(verify(test::alipay_form(paid_params(), "stranger")));
    EXPECT_FALSE(verify(test::alipay_form(paid_params(), "app")));
    std::string form = test::alipay_form(paid_params());
    form.replace(form.find("RSA2"), 4, "RSA");
    EXPECT_FALSE(verify(form));
    EXPECT_EQ(reason_, "bad_signature_type");
    EXPECT_FALSE(verify(std::string(kFormBytesMax + 1, 'a')));
}

// One random change of some bytes.
std::string mutated(std::string text, Random& random) {
    const auto at = text.empty() ? 0 : random.next_u64() % text.size();
    const char byte = static_cast<char>(random.next_u64());
    switch (random.next_u64() % 7) {
        case 0:
            if (!text.empty()) text[at] = byte;
            break;
        case 1:
            text.insert(at, 1, byte);
            break;
        case 2:
            text.erase(at, 1 + random.next_u64() % 8);
            break;
        case 3:
            text.resize(at);
            break;
        case 4:
            text += "&" + text.substr(at);
            break;
        case 5:
            text.replace(at, 1, random.next_u64() % 2 == 0 ? "&" : "%26");
            break;
        default:
            if (!text.empty()) text[at] = static_cast<char>(text[at] ^ 1 << random.next_u64() % 8);
    }
    return text;
}

// A change of the whole form that a sender of another taste might have made, or an attacker.
std::string rearranged(const std::string& form, Random& random) {
    auto params = parse_form(form);
    if (!params || params->empty()) return form;
    auto one = std::next(params->begin(), static_cast<long>(random.next_u64() % params->size()));
    switch (random.next_u64() % 4) {
        case 0:
            params->erase(one);
            break;
        case 1:
            one->second.clear();
            break;
        case 2:
            (*params)["new" + std::to_string(random.next_u64() % 100)] = "";
            break;
        default: {
            // The next field hides in this one's value.
            const auto next = std::next(one);
            if (next == params->end()) break;
            one->second += "&" + next->first + "=" + next->second;
            params->erase(next);
        }
    }
    return to_form(*params);
}

bool same(const ProviderNotification& a, const ProviderNotification& b) {
    return a.id == b.id && a.is_payment == b.is_payment &&
           a.refund.has_value() == b.refund.has_value() && a.trade.state == b.trade.state &&
           a.trade.out_trade_no == b.trade.out_trade_no && a.trade.amount == b.trade.amount &&
           a.trade.transaction_id == b.trade.transaction_id &&
           a.trade.merchant == b.trade.merchant && a.trade.seller == b.trade.seller;
}

// The texts that a form may have been signed as.
std::set<std::string> signed_texts(std::string_view form) {
    Params params = parse_form(form).value();
    params.erase("sign");
    params.erase("sign_type");
    Params without_empties = params;
    std::erase_if(without_empties, [](const auto& param) { return param.second.empty(); });
    Params without_sn = params;
    without_sn.erase("alipay_cert_sn");
    return {joined(params), joined(without_empties), joined(without_sn)};
}

bool signed_alike(std::string_view a, std::string_view b) {
    const auto texts = signed_texts(b);
    for (const std::string& text : signed_texts(a)) {
        if (texts.contains(text)) return true;
    }
    return false;
}

TEST_F(Notifications, twenty_thousand_mutations_are_each_refused_or_say_the_same) {
    std::vector<std::string> forms;
    for (const auto& a_case : test::payment_cases("alipay-notify")) {
        const std::string form = text_at(a_case, "raw_form");
        if (verify(form)) forms.push_back(form);
    }
    ASSERT_EQ(forms.size(), 26u);
    test::SeededRandom random{20261123};
    int taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string& form = forms.at(random.next_u64() % forms.size());
        const std::string changed =
            random.next_u64() % 4 == 0 ? rearranged(form, random) : mutated(form, random);
        const auto notification = verify(changed);
        if (!notification) continue;
        ++taken;
        const auto original = verify(form);
        ASSERT_TRUE(original && same(*notification, *original)) << i << ": " << changed;
        ASSERT_TRUE(signed_alike(changed, form)) << i << ": " << changed;
    }
    EXPECT_GT(taken, 50) << "the same bytes in another writing, or a field that is empty";
    EXPECT_LT(taken, 4'000);
}

// Behind a valid signature, too: the readers must stand whatever a signed message holds.
TEST_F(Notifications, mutated_and_signed_forms_never_break_their_readers) {
    test::SeededRandom random{7};
    for (int i = 0; i < 20'000; ++i) {
        Params params = paid_params();
        for (int changes = 0; changes < 3; ++changes) {
            const auto at = random.next_u64() % params.size();
            auto& value = std::next(params.begin(), static_cast<long>(at))->second;
            value = mutated(value, random);
        }
        const auto told = read_notification(params);
        if (!told) continue;
        EXPECT_FALSE(told->id.empty());
        EXPECT_FALSE(told->trade.amount.is_negative());
        if (told->is_payment && told->trade.state == State::paid) {
            EXPECT_FALSE(told->trade.transaction_id.empty());
            EXPECT_FALSE(told->refund);
        }
    }
}

}  // namespace
}  // namespace doorbuster::alipay
