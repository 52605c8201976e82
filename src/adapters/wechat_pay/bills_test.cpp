#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/pay_wire/inflated_file.hpp"
#include "adapters/wechat_pay/bill_ticket.hpp"
#include "support/wechat_pay_answers.hpp"

namespace doorbuster::wechat_pay {
namespace {

namespace fs = std::filesystem;
using test::error_json;
using test::text_at;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::chrono::year_month_day kDay{
    std::chrono::year{2026}, std::chrono::month{11}, std::chrono::day{21}};
const std::string kUrl = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Bb&x=1";

class Bills : public test::AnsweredByWechatPay {
protected:
    Bills() {
        std::string pattern = (fs::temp_directory_path() / "billsXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        clock_.jump(*from_rfc3339("2026-11-22T10:00:00+08:00") - clock_.now());
    }
    ~Bills() override { fs::remove_all(folder_); }

    fs::path file() const { return folder_ / "bill"; }
    static const boost::json::value& vector(std::size_t index) {
        return test::payment_cases("wechat-bill").at(index);
    }
    static std::string ticket(const std::string& hash, const std::string& url = kUrl) {
        return R"({"hash_type":"SHA1","hash_value":")" + hash + R"(","download_url":")" + url +
               "\"}";
    }
    // The ticket signed, the file not.
    void offer(const std::string& a_ticket, const std::string& bytes, int status = 200) {
        answers_ = [=, this](const OutboundRequest& request) {
            const bool fetch = request.url.find("/v3/bill/") == std::string::npos;
            if (!fetch) return answered(200, a_ticket);
            return answered(status, bytes, Signed::no);
        };
    }
    auto download(BillKind kind = BillKind::trade) {
        return test::run(provider_.download_bill(kind, kDay, file()));
    }
    std::vector<std::string> urls() const {
        std::vector<std::string> all;
        for (const auto& request : http_.requests()) all.push_back(request.url);
        return all;
    }

    fs::path folder_;
};

std::string gzip_of(const boost::json::value& a_case) {
    return *pay_wire::from_base64(text_at(a_case, "gzip_b64"));
}

TEST_F(Bills, of_the_vectors_are_fetched_checked_and_read) {
    for (std::size_t i = 0; i < 4; ++i) {
        SCOPED_TRACE(text_at(vector(i), "name"));
        const bool trade = text_at(vector(i), "kind") == "tradebill";
        const BillKind kind = trade ? BillKind::trade : BillKind::fund;
        offer(ticket(text_at(vector(i), "hash_value")), gzip_of(vector(i)));
        const auto outcome = download(kind);
        ASSERT_TRUE(outcome.value) << outcome.refused.message;
        EXPECT_FALSE(outcome.value->empty);
        EXPECT_EQ(outcome.value->sha256, pay_wire::sha256_of(file()));
        std::int64_t rows = 0;
        const auto summary = provider_.read_bill(kind, file(), [&](const BillRow&) { ++rows; });
        EXPECT_EQ(rows, vector(i).at("expected").at("rows").as_int64());
        EXPECT_EQ(summary.payments + summary.refunds, rows);
    }
}

TEST_F(Bills, are_asked_for_packed_and_fetched_by_a_signed_request) {
    offer(ticket(text_at(vector(0), "hash_value")), gzip_of(vector(0)));
    ASSERT_TRUE(download().value);
    const auto requests = http_.requests();
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(
        requests[0].url,
        "https://wechat.test/v3/bill/tradebill?bill_date=2026-11-21&bill_type=ALL&tar_type=GZIP"
    );
    EXPECT_EQ(requests[1].url, kUrl);
    EXPECT_EQ(requests[1].headers.at(0).first, "Authorization");
    EXPECT_TRUE(requests[1].public_addresses_only);
    EXPECT_GT(requests[1].answer_bytes_max, requests[0].answer_bytes_max);
    download(BillKind::fund);
    EXPECT_EQ(
        urls().at(2),
        "https://wechat.test/v3/bill/fundflowbill?bill_date=2026-11-21&account_type=BASIC"
        "&tar_type=GZIP"
    );
}

TEST_F(Bills, that_come_unpacked_all_the_same_are_read_too) {
    const std::string raw = *pay_wire::from_base64(text_at(vector(0), "raw_b64"));
    std::string hash = text_at(vector(0), "hash_value");
    for (char& c : hash) c = static_cast<char>(std::toupper(c));
    offer(ticket(hash), raw);
    ASSERT_TRUE(download().value) << "the case of the hash is free";
    EXPECT_EQ(provider_.read_bill(BillKind::trade, file(), [](const BillRow&) {}).payments, 2);
}

TEST_F(Bills, that_are_not_the_file_that_was_named_are_thrown_away) {
    const std::string bytes = gzip_of(vector(0));
    const std::string hash = text_at(vector(0), "hash_value");
    for (const std::string& other :
         {gzip_of(vector(1)), bytes.substr(0, 100), bytes + "x", std::string{}, "x" + bytes}) {
        offer(ticket(hash), other);
        const auto outcome = download();
        EXPECT_FALSE(outcome.value);
        EXPECT_EQ(outcome.refused.code, "BAD_FILE");
        EXPECT_FALSE(outcome.refused.final_answer);
        EXPECT_TRUE(fs::is_empty(folder_));
    }
}

TEST_F(Bills, are_not_believed_to_be_named_by_an_unsigned_answer) {
    answer(200, ticket(text_at(vector(0), "hash_value")), Signed::no);
    EXPECT_EQ(download().refused.code, "UNVERIFIED");
    EXPECT_EQ(http_.requests().size(), 1u) << "nothing was fetched";
}

TEST_F(Bills, of_a_day_without_any_are_empty_once_all_are_made) {
    answer(400, error_json("NO_STATEMENT_EXIST"));
    const auto outcome = download();
    ASSERT_TRUE(outcome.value);
    EXPECT_TRUE(outcome.value->empty);
    EXPECT_FALSE(fs::exists(file()));
    clock_.jump(-std::chrono::seconds{1});
    EXPECT_FALSE(download().value) << "one second before ten it may still come";
    EXPECT_FALSE(download().refused.final_answer);
    clock_.jump(std::chrono::hours{1});
    answer(400, error_json("NO_STATEMENT_EXIST"), Signed::no);
    EXPECT_FALSE(download().value);
}

TEST_F(Bills, that_are_not_ready_are_to_be_asked_for_again) {
    answer(400, error_json("STATEMENT_CREATING"));
    EXPECT_FALSE(download().value);
    EXPECT_EQ(download().refused.code, "STATEMENTCREATING");
    EXPECT_FALSE(download().refused.final_answer);
}

TEST_F(Bills, whose_file_is_refused_or_does_not_come_are_to_be_asked_for_again) {
    for (const int status : {403, 500, 302, 204}) {
        offer(ticket(text_at(vector(0), "hash_value")), "no", status);
        EXPECT_FALSE(download().value) << status;
        EXPECT_FALSE(download().refused.final_answer) << status;
    }
    answers_ = [&](const OutboundRequest& request) {
        if (request.url == kUrl) throw HttpClient::Failed{"connection lost", true};
        return answered(200, ticket(text_at(vector(0), "hash_value")));
    };
    EXPECT_EQ(download().refused.code, "NO_ANSWER");
}

TEST_F(Bills, are_fetched_from_wechat_pay_alone) {
    offer(ticket(std::string(40, 'a'), "https://evil.test/bill?token=secret"), "");
    EXPECT_EQ(download().refused.code, "BAD_ADDRESS");
    EXPECT_EQ(http_.requests().size(), 1u);
}

TEST(BillAddress, is_a_host_of_the_settings_or_one_of_wechat_pays) {
    Config config = test::wechat_config();
    config.base_url = "http://127.0.0.1:8080/sandbox/wechat_pay";
    config.backup_url = "https://backup.test";
    for (const char* url :
         {"http://127.0.0.1:8080/sandbox/wechat_pay/file?token=1",
          "https://backup.test/file",
          "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a/b:c",
          "https://API.mch.Weixin.QQ.com/f",
          "https://api.mch.weixin.qq.com:443/f",
          "https://api.wechatpay.cn/f"}) {
        EXPECT_TRUE(may_download_from(url, config)) << url;
    }
    for (const char* url :
         {"",
          "https://",
          "https://api.mch.weixin.qq.com",
          "http://api.mch.weixin.qq.com/f",
          "https://api.mch.weixin.qq.com:8443/f",
          "https://weixin.qq.com.evil.test/f",
          "https://evilweixin.qq.com/f",
          "https://evil.test/.weixin.qq.com",
          "https://evil.test?.weixin.qq.com/f",
          "https://evil.test#.weixin.qq.com/f",
          "https://evil.test\\.weixin.qq.com/f",
          "https://user@api.mch.weixin.qq.com/f",
          "https://api.mch.weixin.qq.com@evil.test/f",
          "https://api.mch.weixin.qq.com/f#x",
          "https://[::1].weixin.qq.com/f",
          "https://evil.test%2f.weixin.qq.com/f",
          "http://127.0.0.1:8081/f",
          "http://127.0.0.1/f",
          "https://127.0.0.1:8080/f",
          "http://127.0.0.1:8080",
          "http://127.0.0.1:8080@evil.test/f",
          "http://127.0.0.1:80801/f",
          "file:///etc/passwd",
          "//api.mch.weixin.qq.com/f"}) {
        EXPECT_FALSE(may_download_from(url, config)) << url;
    }
}

TEST(BillTicket, has_a_hash_of_a_kind_that_can_be_compared) {
    const std::string hash(40, 'A');
    const auto ticket = [](const std::string& type, const std::string& a_hash) {
        return parse_bill_ticket(
            R"({"hash_type":")" + type + R"(","hash_value":")" + a_hash +
            R"(","download_url":"https://a/b","more":1})"
        );
    };
    ASSERT_TRUE(ticket("SHA1", hash));
    EXPECT_EQ(ticket("SHA1", hash)->sha1, std::string(40, 'a'));
    EXPECT_FALSE(ticket("MD5", hash));
    EXPECT_FALSE(ticket("SHA1", ""));
    EXPECT_FALSE(ticket("SHA1", std::string(39, 'a')));
    EXPECT_FALSE(ticket("SHA1", std::string(40, 'g')));
    EXPECT_FALSE(parse_bill_ticket("{}"));
    EXPECT_FALSE(parse_bill_ticket("nothing"));
}

}  // namespace
}  // namespace doorbuster::wechat_pay
