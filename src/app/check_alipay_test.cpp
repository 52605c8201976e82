#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "adapters/alipay/provider.hpp"
#include "app/alipay_settings.hpp"
#include "app/pay_check.hpp"
#include "app/setting_files.hpp"
#include "support/alipay_fixture.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/scripted_http_client.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::app {
namespace {

namespace fs = std::filesystem;
using test::alipay_keys;
using test::text_at;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kNode = "alipay_trade_query_response";
constexpr auto kMissing =
    R"({"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"})";

// Right settings with their files, and an Alipay that answers as it is told.
class CheckAlipay : public testing::Test {
protected:
    CheckAlipay() {
        std::string pattern = (fs::temp_directory_path() / "alipayXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        settings_.public_url = "https://shop.test";
        settings_.alipay_mode = "live";
        settings_.alipay_app_id = text_at(alipay_keys(), "app_id");
        settings_.alipay_seller_id = text_at(alipay_keys(), "seller_id");
        settings_.alipay_private_key_file = write("app.pem", own_key());
        settings_.alipay_public_key_file =
            write("alipay.pem", text_at(alipay_keys().at("alipay"), "public_key_bare"), 0644);
        settings_.alipay_gateway_url = "https://gateway.alipay.test/gateway.do";
        answer(test::alipay_answer(kNode, kMissing));
    }
    ~CheckAlipay() override { fs::remove_all(folder_); }

    static std::string own_key() {
        return text_at(alipay_keys().at("app"), "private_key_pkcs8_pem");
    }
    std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) {
        const fs::path file = folder_ / name;
        fs::remove(file);
        std::ofstream{file} << text;
        fs::permissions(file, static_cast<fs::perms>(mode));
        return file.string();
    }
    void use_certificates() {
        const auto& certificates = alipay_keys().at("certificate_mode");
        settings_.alipay_public_key_file.clear();
        settings_.alipay_app_cert_file =
            write("app.crt", text_at(certificates, "app_cert_pem"), 0644);
        settings_.alipay_alipay_cert_file =
            write("alipay.crt", text_at(certificates, "alipay_cert_pem"), 0644);
        settings_.alipay_root_cert_file =
            write("root.crt", text_at(certificates, "root_cert_pem"), 0644);
    }
    void answer(const std::string& body) {
        answers_ = [=](const OutboundRequest&) {
            return OutboundResponse{
                .status = 200,
                .headers = {{"Date", "Sun, 22 Nov 2026 02:30:00 GMT"}},
                .body = body};
        };
    }
    std::string check() {
        clock_.jump(*from_rfc3339("2026-11-22T02:30:00Z") - clock_.now());
        report_ = {"alipay", "live", test::run(check_alipay({settings_, http_, clock_, random_}))};
        return table_of({report_});
    }
    std::string refusal() const {
        try {
            static_cast<void>(alipay::check(alipay_settings(settings_)));
            return "accepted";
        } catch (const pay_wire::BadConfig& bad) {
            return in_settings_words(bad.what());
        }
    }

    fs::path folder_;
    runtime::Config settings_;
    ProviderReport report_;
    test::ManualClock clock_;
    test::SeededRandom random_{1};
    test::ScriptedHttpClient::Answer answers_;
    test::ScriptedHttpClient http_{[this](const OutboundRequest& r) { return answers_(r); }};
};

TEST_F(CheckAlipay, finds_nothing_wrong_with_what_is_right) {
    const std::string table = check();
    EXPECT_TRUE(report_.is_good()) << table;
    EXPECT_THAT(table, HasSubstr("gateway.alipay.test  answered a signed query"));
    EXPECT_THAT(table, HasSubstr("agrees with Alipay"));
    ASSERT_EQ(http_.requests().size(), 1u);
    EXPECT_THAT(http_.requests()[0].url, HasSubstr("method=alipay.trade.query"));
    EXPECT_THAT(http_.requests()[0].body, HasSubstr("PROBE"));
}

TEST_F(CheckAlipay, tells_what_proves_nothing_what_is_refused_and_who_does_not_answer) {
    answer(R"({"error_response":{"code":"40002","sub_code":"isv.invalid-signature"}})");
    EXPECT_THAT(check(), HasSubstr("does not verify"));
    EXPECT_FALSE(report_.is_good());
    answer(test::alipay_answer(kNode, kMissing, "app"));
    EXPECT_THAT(check(), HasSubstr("does not verify (bad_signature)"));
    answer(test::alipay_answer(
        kNode, R"({"code":"40006","msg":"no","sub_code":"isv.insufficient-isv-permissions"})"
    ));
    EXPECT_THAT(check(), HasSubstr("refused a query: isv.insufficient-isv-permissions"));
    answers_ = [](const OutboundRequest&) -> OutboundResponse {
        throw HttpClient::Failed{"no route", false};
    };
    EXPECT_THAT(check(), HasSubstr("cannot be reached: no route"));
    EXPECT_FALSE(report_.is_good());
}

TEST_F(CheckAlipay, settings_that_are_wrong_are_refused_by_one_line_that_says_which_and_why) {
    ASSERT_EQ(refusal(), "accepted");
    const auto& app = alipay_keys().at("app");
    const std::string own_public = text_at(app, "public_key_bare");
    const runtime::Config good = settings_;
    const std::pair<const char*, std::function<void()>> cases[] = {
        {"alipay.app_id: ", [&] { settings_.alipay_app_id = "app"; }},
        {"alipay.seller_id: ", [&] { settings_.alipay_seller_id.clear(); }},
        {"alipay.private_key_file: is not an RSA private key",
         [&] { write("app.pem", own_public); }},
        {"alipay.private_key_file: key file ", [&] { write("app.pem", own_key(), 0644); }},
        {"alipay.public_key_file: is the application's own key",
         [&] { write("alipay.pem", own_public, 0644); }},
        {"alipay.public_key_file: must be set", [&] { settings_.alipay_public_key_file.clear(); }},
        {"alipay.public_key_file: and certificates exclude each other",
         [&] {
             use_certificates();
             settings_.alipay_public_key_file = good.alipay_public_key_file;
         }},
        {"alipay.app_cert_file: does not belong to private_key_file",
         [&] {
             use_certificates();
             settings_.alipay_app_cert_file = settings_.alipay_alipay_cert_file;
         }},
        {"alipay.alipay_cert_file: is the application's own",
         [&] {
             use_certificates();
             settings_.alipay_alipay_cert_file = settings_.alipay_app_cert_file;
         }},
        {"alipay.root_cert_file: key file ",
         [&] {
             use_certificates();
             settings_.alipay_root_cert_file = (folder_ / "missing").string();
         }},
        {"alipay.gateway_url: must begin with https://",
         [&] { settings_.alipay_gateway_url = "http://openapi.alipay.com/gateway.do"; }},
        {"public_url: must be set", [&] { settings_.public_url.clear(); }},
        {"public_url: as notify_url of alipay it must begin with https://",
         [&] { settings_.public_url = "http://shop.test"; }},
    };
    for (const auto& [beginning, spoil] : cases) {
        settings_ = good;
        write("app.pem", own_key());
        write("alipay.pem", text_at(alipay_keys().at("alipay"), "public_key_bare"), 0644);
        spoil();
        EXPECT_THAT(refusal(), StartsWith(beginning));
        EXPECT_THAT(refusal(), Not(HasSubstr("\n")));
        EXPECT_THAT(refusal(), Not(HasSubstr("PRIVATE")));
        check();
        EXPECT_EQ(report_.findings.size(), 1u) << "nobody is asked with wrong settings";
        EXPECT_FALSE(report_.is_good());
    }
    EXPECT_TRUE(http_.requests().empty());
}

TEST_F(CheckAlipay, in_certificate_mode_names_the_certificates) {
    use_certificates();
    EXPECT_EQ(refusal(), "accepted");
    const std::string table = check();
    EXPECT_THAT(table, HasSubstr(", of the private key"));
    EXPECT_THAT(table, HasSubstr("root_cert_file"));
}

}  // namespace
}  // namespace doorbuster::app
