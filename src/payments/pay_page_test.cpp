#include "payments/pay_page.hpp"

#include <gmock/gmock.h>

#include "http/router.hpp"
#include "payments/errors.hpp"
#include "payments/payment_routes.hpp"
#include "payments/payment_worker.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"
#include "support/token_users.hpp"

// Paying in a page of the provider, and changing between providers.
namespace doorbuster::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeProvider;
using test::Reply;
using testing::HasSubstr;
using testing::Not;

TEST(PayPage, escapes_every_value) {
    PayForm form;
    form.action = "https://openapi.alipay.com/gateway.do?a=1&notify_url=x";
    form.fields = {{"biz_content", R"({"subject":"<b>&amp; 'x'"})"}};
    const http::Response page = leave_page(form);
    EXPECT_THAT(page.body, HasSubstr("a=1&amp;notify_url=x"));
    EXPECT_THAT(page.body, HasSubstr("&lt;b&gt;&amp;amp;"));
    EXPECT_THAT(page.body, Not(HasSubstr("<b>")));
    EXPECT_THAT(page.body, HasSubstr("<meta charset=\"utf-8\">"));
    EXPECT_THAT(page.body, HasSubstr("accept-charset=\"utf-8\""));
    EXPECT_THAT(page.body, HasSubstr("<button type=\"submit\">"));
    EXPECT_THAT(page.body, HasSubstr(form_html(form)));
}

TEST(PayPage, lets_the_form_go_to_the_provider_only) {
    EXPECT_EQ(
        form_targets("https://openapi.alipay.com/gateway.do?x=1"),
        "https://openapi.alipay.com https://*.alipay.com"
    );
    EXPECT_EQ(form_targets("http://127.0.0.1:8080/sandbox"), "http://127.0.0.1:8080");
    EXPECT_EQ(form_targets("https://127.0.0.1/x"), "https://127.0.0.1");
    EXPECT_EQ(form_targets("https://pay.test?x"), "https://pay.test");
    EXPECT_EQ(form_targets("javascript:alert(1)"), "'none'");
}

TEST(PayPage, of_the_return_says_nothing_of_success) {
    const http::Response page = return_page();
    EXPECT_THAT(page.body, Not(HasSubstr("<form")));
    EXPECT_THAT(page.body, Not(HasSubstr("<script")));
}

class PageAttempts : public test::DatabaseTest {
protected:
    PageAttempts() {
        alipay_.pays_in_page = true;
        router_.add(payment_routes(service_));
    }
    Result<PaymentView> pay(const std::string& provider) {
        const PaymentOrder order{"5001", "42", Money::fen(100), "茶 & <壶>", expires_at_};
        return test::run(service_.pay(order, provider));
    }
    Payment payment(const std::string& id) {
        return database().read_blocking([&](sql::Reader& reader) {
            return store::get(reader, PaymentId{std::stoll(id)});
        });
    }
    // The buyer has the page open, logs in and pays.
    void pay_in_page(const std::string& id) {
        ASSERT_TRUE(alipay_.pay_in_page(provider_order(payment(id))));
    }
    NotificationReply notify(FakeProvider& provider, const std::string& id) {
        const std::string body = provider.notification(payment(id).out_trade_no);
        return test::run(service_.notified(provider, FakeProvider::signed_headers(), body));
    }
    void work_after(Milliseconds pause) {
        clock_.advance(pause);
        while (test::run(worker_.run_once())) {
        }
    }
    std::string state(const std::string& id) { return std::string{to_string(payment(id).state)}; }
    static std::string page_of(const std::string& id) { return "/api/v1/payments/" + id + "/page"; }

    test::ManualClock clock_;
    test::SeededRandom random_{7};
    events::Outbox outbox_{clock_};
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    PaymentService service_{database(), clock_, random_, outbox_, {&wechat_, &alipay_}};
    PaymentWorker worker_{database(), clock_, service_};
    Time expires_at_ = clock_.now() + minutes{30};
    test::TokenUsers users_;
    http::Router router_{users_};
    test::RouteClient guest_{router_};
    test::RouteClient owner_ = guest_.as("42");
};
DOORBUSTER_ON_BOTH_ENGINES(PageAttempts);

TEST_P(PageAttempts, are_pending_with_a_page_and_without_a_code) {
    const auto view = pay("alipay");
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->status, "pending");
    EXPECT_EQ(view->code_url, "");
    EXPECT_EQ(view->qr_svg, "");
    EXPECT_EQ(view->pay_page, page_of(view->id));
    EXPECT_TRUE(view->redirect_url.starts_with("https://pay.test/gateway.do?"));
    EXPECT_THAT(view->form_html, HasSubstr("action=\"https://pay.test/gateway.do?"));
    EXPECT_THAT(view->form_html, HasSubstr("茶 &amp; &lt;壶&gt;"));
    EXPECT_TRUE(alipay_.orders.empty()) << "nothing exists there before the buyer comes";
}

TEST_P(PageAttempts, show_their_page_to_their_owner_as_often_as_asked_for) {
    const std::string id = pay("alipay")->id;
    for (int i = 0; i < 2; ++i) {
        const Reply page = owner_.get(page_of(id));
        ASSERT_EQ(page.status, 200);
        EXPECT_THAT(page.body, HasSubstr("https://pay.test/gateway.do?charset=utf-8&amp;sign="));
        EXPECT_THAT(page.body, HasSubstr("茶 &amp; &lt;壶&gt;"));
        EXPECT_EQ(page.header("Cache-Control"), "no-store");
        EXPECT_THAT(
            page.header("Content-Security-Policy"), HasSubstr("form-action https://pay.test;")
        );
    }
    EXPECT_EQ(guest_.get(page_of(id)).status, 401);
    EXPECT_EQ(guest_.as("43").get(page_of(id)).status, 404);
    EXPECT_EQ(pay("alipay")->id, id) << "asked again, it is the same attempt";
}

TEST_P(PageAttempts, show_no_page_after_their_time) {
    const std::string id = pay("alipay")->id;
    clock_.advance(minutes{29} + seconds{1});
    EXPECT_EQ(owner_.get(page_of(id)).error(), "payment_too_late");
    EXPECT_EQ(owner_.get("/api/v1/payments/" + id).text("/data/pay_page"), "null");
    work_after(minutes{2});
    EXPECT_EQ(owner_.get(page_of(id)).status, 409);
}

TEST_P(PageAttempts, show_no_page_once_paid_and_codes_never_do) {
    const std::string id = pay("alipay")->id;
    pay_in_page(id);
    notify(alipay_, id);
    EXPECT_EQ(owner_.get(page_of(id)).error(), "already_paid");
    const PaymentOrder other{"5002", "42", Money::fen(100), "x", expires_at_};
    const std::string code = test::run(service_.pay(other, "wechat_pay"))->id;
    EXPECT_EQ(owner_.get(page_of(code)).error(), "no_pay_page");
}

TEST_P(PageAttempts, are_asked_about_until_a_minute_after_the_deadline) {
    const std::string id = pay("alipay")->id;
    work_after(minutes{10});
    EXPECT_EQ(state(id), "pending") << "that it does not exist says nothing yet";
    work_after(minutes{20});
    EXPECT_EQ(state(id), "closing");
    work_after(seconds{59});
    EXPECT_EQ(state(id), "closing");
    work_after(minutes{1});
    EXPECT_EQ(state(id), "closed");
}

TEST_P(PageAttempts, are_found_paid_by_a_query_when_no_notification_comes) {
    const std::string id = pay("alipay")->id;
    pay_in_page(id);
    work_after(seconds{30});
    EXPECT_EQ(state(id), "paid");
}

TEST_P(PageAttempts, are_asked_about_when_the_browser_comes_back_and_believed_only_then) {
    const std::string id = pay("alipay")->id;
    work_after(minutes{3});
    const std::string back =
        "/api/v1/payments/return/alipay?trade_status=TRADE_SUCCESS&"
        "out_trade_no=" +
        payment(id).out_trade_no;
    EXPECT_EQ(guest_.get(back).status, 200);
    work_after(seconds{0});
    EXPECT_EQ(state(id), "pending") << "the provider knows of no payment";
    pay_in_page(id);
    EXPECT_EQ(guest_.get(back).status, 200);
    EXPECT_EQ(state(id), "pending") << "the address proves nothing";
    work_after(seconds{0});
    EXPECT_EQ(state(id), "paid");
}

TEST_P(PageAttempts, meet_nonsense_in_the_return_address_with_the_same_page) {
    const std::string back = "/api/v1/payments/return/alipay";
    for (const std::string query :
         {"",
          "?out_trade_no=",

          "?out_trade_no=nobody",
          "?out_trade_no=%27%20OR%201%3D1",
          "?x=%zz"}) {
        EXPECT_EQ(guest_.get(back + query).status, 200) << query;
    }
    EXPECT_EQ(guest_.get(back + "?out_trade_no=" + std::string(5000, 'a')).status, 200);
    EXPECT_EQ(guest_.get("/api/v1/payments/return/nobody").status, 404);
}

TEST_P(PageAttempts, that_nobody_opened_give_way_to_another_provider_at_once) {
    const std::string page = pay("alipay")->id;
    const auto code = pay("wechat_pay");
    ASSERT_TRUE(code.has_value());
    EXPECT_FALSE(code->code_url.empty());
    EXPECT_EQ(state(page), "closing");
    EXPECT_EQ(owner_.get(page_of(page)).status, 409);
    EXPECT_EQ(pay("wechat_pay")->id, code->id);
}

TEST_P(PageAttempts, that_were_left_and_paid_all_the_same_are_kept_once) {
    const std::string page = pay("alipay")->id;
    const std::string code = pay("wechat_pay")->id;
    pay_in_page(page);  // the old tab
    wechat_.pay(payment(code).out_trade_no);
    notify(wechat_, code);
    notify(alipay_, page);
    EXPECT_FALSE(payment(code).duplicate);
    EXPECT_TRUE(payment(page).duplicate);
    EXPECT_TRUE(payment(page).refund_due);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE topic = 'payment.succeeded'"), 1);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE topic = 'payment.refund_due'"), 1);
}

TEST_P(PageAttempts, that_the_buyer_opened_are_closed_before_another_provider_is_used) {
    const std::string page = pay("alipay")->id;
    alipay_.orders[payment(page).out_trade_no].asked = provider_order(payment(page));
    ASSERT_TRUE(pay("wechat_pay").has_value());
    EXPECT_EQ(state(page), "closed");
}

TEST_P(PageAttempts, that_are_found_paid_when_another_provider_is_wanted_stay_the_only_ones) {
    const std::string page = pay("alipay")->id;
    pay_in_page(page);
    const auto code = pay("wechat_pay");
    ASSERT_TRUE(code.has_error());
    EXPECT_TRUE(code.error().is(kAlreadyPaid));
    EXPECT_EQ(state(page), "paid");
}

TEST_P(PageAttempts, whose_provider_is_silent_are_not_left_behind) {
    const std::string page = pay("alipay")->id;
    alipay_.fault = [](std::string_view) { return FakeProvider::Fault::lost; };
    const auto code = pay("wechat_pay");
    ASSERT_TRUE(code.has_error());
    EXPECT_TRUE(code.error().is(kProviderUnavailable)) << "it may be paid at this moment";
    EXPECT_EQ(state(page), "closing");
}

}  // namespace
}  // namespace doorbuster::payments
