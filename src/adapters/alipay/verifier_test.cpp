#include "adapters/alipay/verifier.hpp"

#include <gtest/gtest.h>

#include "adapters/alipay/messages.hpp"
#include "support/alipay_fixture.hpp"

namespace doorbuster::alipay {
namespace {

using test::text_at;

Verifier by(const Config& config) {
    const Credentials credentials = check(config);
    return Verifier{credentials.keys, credentials.first_key};
}

// In the words of the vectors.
std::string judged(const Verifier::Answer& answer) {
    const Result result = parse_result(answer.node);
    const bool success = result.code == "10000";
    if (answer.verdict == Verdict::ok) return success ? "ok" : "business_error";
    const bool unsigned_failure =
        answer.verdict == Verdict::missing_signature && !success && !result.code.empty();
    return unsigned_failure ? "untrusted_error" : "reject";
}

TEST(Answers, of_every_case_of_the_vectors_are_judged_as_they_are) {
    const auto& cases = test::payment_cases("alipay-response");
    ASSERT_EQ(cases.size(), 23u);
    const Verifier verifiers[] = {by(test::alipay_config()), by(test::alipay_certificate_config())};
    for (const Verifier& verifier : verifiers) {
        for (const auto& a_case : cases) {
            const auto answer =
                verifier.check_answer(text_at(a_case, "method"), text_at(a_case, "body"));
            const std::string name = text_at(a_case, "name");
            EXPECT_EQ(judged(answer), text_at(a_case, "expected"))
                << name << ": " << to_string(answer.verdict);
            if (answer.verdict != Verdict::ok) continue;
            EXPECT_EQ(answer.node, text_at(a_case, "signed_text")) << name;
            EXPECT_EQ(parse_result(answer.node).code, text_at(a_case, "code")) << name;
        }
    }
}

TEST(Answers, are_believed_in_the_form_that_was_signed) {
    // The one slash was signed plain. Read as it came, the other value would end in a backslash.
    const std::string came = R"({"code":"10000","a":"x\\/y"})";
    const std::string was_signed = R"({"code":"10000","a":"x\/y"})";
    const std::string body = R"({"alipay_trade_query_response":)" + came + R"(,"sign":")" +
                             test::alipay_signature(was_signed) + "\"}";
    const auto answer = by(test::alipay_config()).check_answer("alipay.trade.query", body);
    EXPECT_EQ(answer.verdict, Verdict::ok);
    EXPECT_EQ(answer.node, was_signed);
}

TEST(Answers, may_have_escaped_slashes_in_their_signature) {
    const std::string node = R"({"code":"10000"})";
    std::string signature = test::alipay_signature(node);
    for (auto at = signature.find('/'); at != std::string::npos; at = signature.find('/', at + 2)) {
        signature.insert(at, "\\");
    }
    const std::string body =
        R"({"alipay_trade_query_response":)" + node + R"(,"sign":")" + signature + "\"}";
    EXPECT_EQ(
        by(test::alipay_config()).check_answer("alipay.trade.query", body).verdict, Verdict::ok
    );
}

TEST(Answers, with_two_nodes_are_refused) {
    const Verifier verifier = by(test::alipay_config());
    const std::string node = R"({"code":"10000"})";
    const std::string sign = R"("sign":")" + test::alipay_signature(node) + "\"}";
    const auto verdict = [&](const std::string& beginning) {
        return verifier.check_answer("alipay.trade.query", beginning + sign).verdict;
    };
    const std::string ours = "\"alipay_trade_query_response\":" + node + ",";
    EXPECT_EQ(verdict("{" + ours), Verdict::ok);
    EXPECT_EQ(verdict("{" + ours + "\"error_response\":" + node + ","), Verdict::wrong_node);
    EXPECT_EQ(verdict("{\"error_response\":" + node + ","), Verdict::ok);
    EXPECT_EQ(verdict("{\"alipay_trade_query_response\":\"x\","), Verdict::wrong_node);
    EXPECT_EQ(verdict("{"), Verdict::wrong_node);
    EXPECT_EQ(verdict("{" + ours + ours), Verdict::malformed);
}

TEST(Answers, name_a_certificate_only_among_those_that_are_trusted) {
    const Verifier verifier = by(test::alipay_certificate_config());
    const std::string node = R"({"code":"10000"})";
    const auto verdict = [&](const std::string& sn) {
        const std::string more = sn.empty() ? "" : R"("alipay_cert_sn":")" + sn + "\",";
        const std::string body =
            test::alipay_answer("alipay_trade_query_response", node, "alipay", more);
        return verifier.check_answer("alipay.trade.query", body).verdict;
    };
    const auto& sns = test::payment_vectors("alipay-cert-sn");
    EXPECT_EQ(verdict(text_at(sns, "alipay_cert_sn")), Verdict::ok);
    EXPECT_EQ(verdict(""), Verdict::ok);
    EXPECT_EQ(verdict(text_at(sns, "app_cert_sn")), Verdict::unknown_certificate);
    EXPECT_EQ(verdict("00000000000000000000000000000000"), Verdict::unknown_certificate);
}

TEST(Answers, cut_anywhere_or_with_any_byte_changed_are_refused) {
    const Verifier verifier = by(test::alipay_config());
    const std::string body = test::alipay_answer(
        "alipay_trade_query_response", R"({"code":"10000","trade_status":"TRADE_SUCCESS"})"
    );
    for (std::size_t length = 0; length < body.size(); ++length) {
        const auto cut = verifier.check_answer("alipay.trade.query", body.substr(0, length));
        EXPECT_NE(cut.verdict, Verdict::ok) << length;
    }
    for (std::size_t at = 0; at < body.size(); ++at) {
        std::string changed = body;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        const auto answer = verifier.check_answer("alipay.trade.query", changed);
        if (answer.verdict != Verdict::ok) continue;
        ADD_FAILURE() << at << " " << changed;
    }
}

}  // namespace
}  // namespace doorbuster::alipay
