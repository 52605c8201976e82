#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/alipay/bill_url.hpp"
#include "adapters/alipay/provider.hpp"
#include "support/alipay_world.hpp"

namespace doorbuster::alipay {
namespace {

using test::text_at;
using namespace std::chrono_literals;

constexpr auto kBill = "alipay_data_dataservice_bill_downloadurl_query_response";
const std::chrono::year_month_day kDay{
    std::chrono::year{2026}, std::chrono::month{11}, std::chrono::day{21}};

std::string zip_of(std::size_t index) {
    return *pay_wire::from_base64(text_at(test::payment_cases("alipay-bill").at(index), "zip_b64"));
}

class Bills : public test::AlipayWorld {
protected:
    Bills() {
        std::string pattern = (std::filesystem::temp_directory_path() / "billXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        file_ = folder_ / "bill";
    }
    ~Bills() override { std::filesystem::remove_all(folder_); }

    // The gateway tells `url`, behind which there are `bytes`.
    void offer(const std::string& url, int status, const std::string& bytes) {
        answers_ = [=](const OutboundRequest& request) {
            const bool asked = request.method == "POST";
            const std::string node = R"({"code":"10000","bill_download_url":")" + url + "\"}";
            const std::string body = asked ? test::alipay_answer(kBill, node) : bytes;
            return OutboundResponse{.status = asked ? 200 : status, .body = body};
        };
    }
    auto download(BillKind kind = BillKind::trade) {
        return test::run(provider_.download_bill(kind, kDay, file_));
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
};

TEST_F(Bills, of_every_case_of_the_vectors_are_read_or_refused) {
    const auto& cases = test::payment_cases("alipay-bill");
    ASSERT_EQ(cases.size(), 4u);
    for (const auto& a_case : cases) {
        const std::string name = text_at(a_case, "name");
        std::ofstream{file_, std::ios::binary}
            << *pay_wire::from_base64(text_at(a_case, "zip_b64"));
        boost::json::array payments;
        boost::json::array refunds;
        const auto note = [&](const BillRow& row) {
            if (row.kind == BillRow::Kind::payment) {
                payments.push_back({row.out_trade_no, row.amount.fen(), row.transaction_id});
            } else {
                refunds.push_back({row.out_refund_no, row.amount.fen(), row.out_trade_no});
            }
        };
        const auto& expected = a_case.at("expected").as_object();
        if (expected.contains("error")) {
            EXPECT_THROW(provider_.read_bill(BillKind::trade, file_, note), BadBill) << name;
            continue;
        }
        const BillSummary summary = provider_.read_bill(BillKind::trade, file_, note);
        EXPECT_EQ(payments, expected.at("payments").as_array()) << name;
        EXPECT_EQ(refunds, expected.at("refunds").as_array()) << name;
        EXPECT_EQ(summary.payments, static_cast<std::int64_t>(payments.size())) << name;
        EXPECT_EQ(summary.refunds, static_cast<std::int64_t>(refunds.size())) << name;
    }
}

TEST_F(Bills, are_asked_for_by_day_and_fetched_into_a_file) {
    offer("https://dwbillcenter.alipay.com/downloadBillFile.resource?token=1", 200, zip_of(0));
    const auto outcome = download();
    ASSERT_TRUE(outcome.value) << outcome.refused.message;
    EXPECT_FALSE(outcome.value->empty);
    EXPECT_EQ(outcome.value->sha256.size(), 64u);
    const auto content = parse_form(http_.requests().at(0).body).value().at("biz_content");
    EXPECT_EQ(content, R"({"bill_type":"trade","bill_date":"2026-11-21"})");
    EXPECT_EQ(http_.requests().at(1).method, "GET");
    EXPECT_TRUE(http_.requests().at(1).headers.empty()) << "the address alone is the key";
    std::stringstream saved;
    saved << std::ifstream{file_, std::ios::binary}.rdbuf();
    EXPECT_EQ(saved.str(), zip_of(0));
    download(BillKind::fund);
    const auto fund = parse_form(http_.requests().at(2).body).value().at("biz_content");
    EXPECT_EQ(fund, R"({"bill_type":"signcustomer","bill_date":"2026-11-21"})");
}

TEST_F(Bills, of_a_day_without_business_have_no_file) {
    answer(kBill, R"({"code":"10000","bill_file_code":"EMPTY_DATA_WITH_BILL_FILE"})");
    EXPECT_TRUE(download().value->empty);
    EXPECT_EQ(http_.requests().size(), 1u);
}

TEST_F(Bills, that_are_not_made_yet_are_asked_for_again) {
    for (const char* code :
         {"isp.bill_not_exist", "BILL_NOT_EXIST", "NO_BILL_DATA", "UNKNOWN_ERROR"}) {
        answer(kBill, failure(code));
        EXPECT_FALSE(download().value) << code;
        EXPECT_FALSE(download().refused.final_answer) << code;
    }
    for (const char* code : {"INVAILID_ARGUMENTS", "isv.invalid_arguments", "TYPE_NOT_SUPPORTED"}) {
        answer(kBill, failure(code));
        EXPECT_TRUE(download().refused.final_answer) << code;
        answer(kBill, failure(code), "");
        EXPECT_FALSE(download().refused.final_answer) << "hearsay: " << code;
    }
}

TEST_F(Bills, that_do_not_exist_days_later_will_not_come) {
    clock_.advance(72h);
    answer(kBill, failure("isp.bill_not_exist"));
    ASSERT_TRUE(download().value);
    EXPECT_TRUE(download().value->empty);
    answer(kBill, failure("isp.bill_not_exist"), "");
    EXPECT_FALSE(download().value) << "hearsay";
}

TEST_F(Bills, are_not_fetched_from_anywhere_else) {
    for (const char* url :
         {"http://dwbillcenter.alipay.com/x",
          "https://evil.test/x",
          "https://127.0.0.1/x",
          "https://dwbillcenter.alipay.com:8443/x",
          "file:///etc/passwd"}) {
        offer(url, 200, zip_of(0));
        EXPECT_EQ(download().refused.code, "BAD_ADDRESS") << url;
        EXPECT_EQ(http_.requests().back().method, "POST") << url;
    }
}

TEST_F(Bills, that_are_no_archive_leave_no_file) {
    offer("https://dwbillcenter.alipay.com/x", 404, "gone");
    EXPECT_FALSE(download().value);
    offer("https://dwbillcenter.alipay.com/x", 200, "<html>expired</html>");
    EXPECT_EQ(download().refused.code, "BAD_FILE");
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST(BillUrl, is_allowed_on_the_gateways_own_origin_and_on_hosts_of_alipay) {
    const std::vector<std::string> hosts{".alipay.com", "alipaydev.com"};
    const auto allowed = [&](const char* url, const char* gateway) {
        return is_allowed_bill_url(url, gateway, hosts);
    };
    const char* live = "https://openapi.alipay.com/gateway.do";
    EXPECT_TRUE(allowed("https://dwbillcenter.alipay.com/a?b=c", live));
    EXPECT_TRUE(allowed("https://DWBILLCENTER.ALIPAY.COM:443/a", live));
    EXPECT_TRUE(allowed("https://openapi.alipay.com/bill", live));
    for (const char* url :
         {"",
          "https://",
          "https:///a",
          "//dwbillcenter.alipay.com/a",
          "ftp://dwbillcenter.alipay.com/a",
          "https://alipay.com.evil.test/a",
          "https://evilalipay.com/a",
          "https://x.alipaydev.com/a",
          "https://user@dwbillcenter.alipay.com/a",
          "https://evil.test#.alipay.com",
          "https://evil.test?.alipay.com",
          "https://evil.test\\.alipay.com/",
          "https://evil.test%23.alipay.com/",
          "https://dwbillcenter.alipay.com/a b",
          "https://dwbillcenter.alipay.com/a\r\nHost: evil",
          "https://.alipay.com/"}) {
        EXPECT_FALSE(allowed(url, live)) << url;
    }
    const char* simulator = "http://127.0.0.1:8080/sandbox/alipay/gateway.do";
    EXPECT_TRUE(allowed("http://127.0.0.1:8080/sandbox/alipay/bill?t=1", simulator));
    EXPECT_FALSE(allowed("http://127.0.0.1:9090/x", simulator));
    EXPECT_FALSE(allowed("https://127.0.0.1:8080/x", simulator));
    EXPECT_FALSE(allowed("http://127.0.0.1:8080@evil.test/x", simulator));
}

}  // namespace
}  // namespace doorbuster::alipay
