#include "app/pay_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/wechat_pay_platform.hpp"
#include "support/wechat_settings_files.hpp"

namespace doorbuster::app {
namespace {

using namespace std::chrono_literals;
using test::error_json;
using testing::HasSubstr;
using Verdict = Finding::Verdict;

const Finding* about(const Findings& findings, std::string_view subject) {
    const Finding* found = nullptr;
    for (const Finding& finding : findings) {
        if (finding.subject == subject) found = &finding;
    }
    return found;
}

bool is_good(const Findings& findings) { return ProviderReport{"p", "live", findings}.is_good(); }

// What WeChat Pay answers to anything asked, beside right settings.
class CheckWechatPay : public test::PlatformCertificateMode, protected test::WechatSettingsFiles {
protected:
    CheckWechatPay() {
        settings_.wechat_pay_base_url = "https://wechat.test";
        settings_.wechat_pay_backup_url = "";
        settings_.wechat_pay_apiv3_key = Secret{test::text_at(test::wechat_keys(), "apiv3_key")};
        answer(404, error_json("ORDER_NOT_EXIST"));
    }
    Findings check() { return test::run(check_wechat_pay({settings_, http_, clock_, random_})); }
    std::string detail(const Findings& findings, std::string_view subject) {
        const Finding* finding = about(findings, subject);
        return finding ? std::string{to_string(finding->verdict)} + ": " + finding->detail
                       : "nothing";
    }
    void dated(const std::string& date) {
        answers_ = [=, this](const OutboundRequest&) {
            auto response = answered(404, error_json("ORDER_NOT_EXIST"));
            response.headers.emplace_back("Date", date);
            return response;
        };
    }
};

TEST_F(CheckWechatPay, finds_nothing_wrong_with_what_is_right) {
    const Findings findings = check();
    EXPECT_TRUE(is_good(findings));
    EXPECT_THAT(detail(findings, "wechat.test"), HasSubstr("ok: answered a signed query"));
    EXPECT_THAT(detail(findings, "serial_no"), HasSubstr("ok: "));
    EXPECT_THAT(detail(findings, "apiv3_key"), HasSubstr("note: in public-key mode"));
    EXPECT_THAT(detail(findings, "notify_url"), HasSubstr("ok: https://shop.test/api/"));
}

TEST_F(CheckWechatPay, asks_about_an_order_that_cannot_be_and_creates_nothing) {
    check();
    for (const auto& request : http_.requests()) {
        EXPECT_EQ(request.method, "GET") << request.url;
        EXPECT_EQ(request.body, "");
    }
    EXPECT_THAT(http_.requests().back().url, HasSubstr("/out-trade-no/PROBE"));
}

TEST_F(CheckWechatPay, tells_a_signature_that_wechat_pay_does_not_accept) {
    answer(401, error_json("SIGN_ERROR"), Signed::no);
    EXPECT_THAT(detail(check(), "wechat.test"), HasSubstr("WRONG: does not accept our signature"));
}

TEST_F(CheckWechatPay, tells_an_answer_that_proves_nothing) {
    answer(404, error_json("ORDER_NOT_EXIST"), Signed::by_stranger);
    EXPECT_THAT(detail(check(), "wechat.test"), HasSubstr("not the one WeChat Pay signs with"));
    answer(404, error_json("ORDER_NOT_EXIST"), Signed::no);
    EXPECT_THAT(detail(check(), "wechat.test"), HasSubstr("WRONG: answered 404 ORDERNOTEXIST"));
    EXPECT_THAT(detail(check(), "wechat.test"), HasSubstr("unsigned"));
}

TEST_F(CheckWechatPay, tells_what_wechat_pay_refuses) {
    answer(403, error_json("NO_AUTH"));
    EXPECT_THAT(detail(check(), "wechat.test"), HasSubstr("WRONG: refused a query: 403 NOAUTH"));
}

TEST_F(CheckWechatPay, tells_a_host_that_cannot_be_reached_and_a_backup_only_as_a_warning) {
    settings_.wechat_pay_backup_url = "https://backup.test";
    answers_ = [this](const OutboundRequest& request) {
        if (request.url.starts_with("https://backup")) throw HttpClient::Failed{"lost", false};
        return answered(404, error_json("ORDER_NOT_EXIST"));
    };
    const Findings findings = check();
    EXPECT_TRUE(is_good(findings));
    EXPECT_EQ(detail(findings, "backup.test"), "warning: cannot be reached: lost");
    fail(false);
    EXPECT_EQ(detail(check(), "wechat.test"), "WRONG: cannot be reached: connection lost");
}

TEST_F(CheckWechatPay, measures_the_clock_by_what_wechat_pay_says) {
    dated("Sun, 22 Nov 2026 02:30:03 GMT");
    EXPECT_THAT(detail(check(), "clock"), HasSubstr("ok: agrees"));
    dated("Sun, 22 Nov 2026 02:29:10 GMT");
    EXPECT_THAT(detail(check(), "clock"), HasSubstr("warning: 50 s ahead"));
    dated("Sun, 22 Nov 2026 02:32:00 GMT");
    EXPECT_THAT(detail(check(), "clock"), HasSubstr("WRONG: 120 s behind"));
}

class CheckCertificates : public CheckWechatPay {
protected:
    CheckCertificates() {
        settings_.wechat_pay_public_key_id.clear();
        settings_.wechat_pay_public_key_file.clear();
        settings_.wechat_pay_platform_certificate_files.clear();
        settings_.wechat_pay_platform_certificates = true;
        body_ = error_json("ORDER_NOT_EXIST");
        answers_ = [this](const OutboundRequest& request) {
            auto response = answer_to(request);
            if (!request.url.ends_with("/certificates")) response.status = 404;
            return response;
        };
    }
};

TEST_F(CheckCertificates, proves_the_apiv3_key_by_what_it_opens) {
    published_ = {{0, start() + 24h * 300}, {1, start() + 24h * 10}};
    const Findings findings = check();
    EXPECT_TRUE(is_good(findings));
    EXPECT_EQ(detail(findings, "apiv3_key"), "ok: opens WeChat Pay's certificates");
    const std::string table = table_of({{"wechat_pay", "live", findings}});
    EXPECT_THAT(table, HasSubstr(serial(0) + " is valid to 2027-09-18"));
    EXPECT_THAT(table, HasSubstr(serial(1) + " ends soon, on 2026-12-02"));
}

TEST_F(CheckCertificates, tells_an_apiv3_key_that_opens_nothing) {
    apiv3_key_ = std::string(32, 'x');
    EXPECT_THAT(detail(check(), "apiv3_key"), HasSubstr("WRONG: WeChat Pay's certificates do not"));
}

TEST_F(CheckWechatPay, stops_at_a_setting_that_is_wrong_without_asking_anybody) {
    settings_.wechat_pay_apiv3_key = Secret{std::string(31, 'k')};
    const Findings findings = check();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(
        detail(findings, "wechat_pay.apiv3_key"), "WRONG: has 31 bytes, must have exactly 32"
    );
    EXPECT_TRUE(http_.requests().empty());
}

TEST(PayCheckReport, is_a_table_and_a_document_with_the_same_findings) {
    const std::vector<ProviderReport> reports{
        {"wechat_pay", "live", {{Verdict::ok, "mchid", "1"}, {Verdict::wrong, "key", "a\x1b[2Jb"}}},
        {"alipay", "off", {{Verdict::note, "alipay.mode", "off"}}}};
    EXPECT_EQ(
        table_of(reports),
        "wechat_pay (live)\n"
        "  ok      mchid        1\n"
        "  WRONG   key          a?[2Jb\n"
        "\nalipay (off)\n"
        "  note    alipay.mode  off\n"
    );
    EXPECT_EQ(
        json_of(reports),
        R"({"ok":false,"providers":[{"provider":"wechat_pay","mode":"live","ok":false,"findings":)"
        R"([{"verdict":"ok","subject":"mchid","detail":"1"},)"
        R"({"verdict":"wrong","subject":"key","detail":"a\u001b[2Jb"}]},)"
        R"({"provider":"alipay","mode":"off","ok":true,"findings":)"
        R"([{"verdict":"note","subject":"alipay.mode","detail":"off"}]}]})"
        "\n"
    );
}

TEST(PayCheckReport, an_address_on_this_machine_is_one_that_no_provider_reaches) {
    EXPECT_EQ(notify_finding("https://shop.test/n").verdict, Verdict::ok);
    for (const char* url : {"http://127.0.0.1:8080/n", "https://localhost/n", "http://[::1]/n"}) {
        EXPECT_EQ(notify_finding(url).verdict, Verdict::warning) << url;
    }
}

TEST(PayCheckReport, a_certificate_that_has_ended_is_wrong) {
    const Time now = *from_rfc3339("2026-11-22T00:00:00Z");
    EXPECT_EQ(expiry_finding("s", "it", now + 24h * 31, now).verdict, Verdict::ok);
    EXPECT_EQ(expiry_finding("s", "it", now + 24h * 29, now).verdict, Verdict::warning);
    EXPECT_EQ(expiry_finding("s", "it", now, now).verdict, Verdict::wrong);
}

}  // namespace
}  // namespace doorbuster::app
