#include <gmock/gmock.h>

#include "reconciliation/reconciliation.hpp"

namespace doorbuster::reconciliation {
namespace {

using testing::HasSubstr;
using testing::Not;

Report example() {
    Report report;
    report.run.provider = "alipay";
    report.run.merchant = "2088";
    report.run.day = day_from("2026-11-22").value();
    report.run.state = State::differences;
    report.run.bill = {2, 1, Money::fen(8898), Money::fen(30), Money::fen(54)};
    report.run.matched = {1, Money::fen(8888), 1, Money::fen(30)};
    Difference difference;
    difference.number = "=cmd(\"x\")";
    difference.transaction = "T1";
    difference.theirs = Money::fen(10);
    difference.their_status = "paid\x1b[2J";
    report.differences = {difference};
    return report;
}

TEST(ReconciliationReport, is_a_table_for_a_person) {
    const std::string table = as_table(example());
    EXPECT_THAT(table, HasSubstr("alipay 2088, 2026-11-22: differences"));
    EXPECT_THAT(table, HasSubstr("88.98"));
    EXPECT_THAT(table, HasSubstr("missing_here"));
    EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

TEST(ReconciliationReport, says_why_there_is_none) {
    Report report = example();
    report.run.state = State::failed;
    report.run.failure = "STATEMENT_CREATING: not yet";
    EXPECT_EQ(as_table(report), "alipay 2088, 2026-11-22: failed\n  STATEMENT_CREATING: not yet\n");
}

TEST(ReconciliationReport, is_a_csv_without_formulas) {
    const std::string csv = as_csv(example());
    EXPECT_THAT(csv, HasSubstr("\"'=cmd(\"\"x\"\")\",\"T1\",\"\",\"0.10\""));
    EXPECT_THAT(csv, HasSubstr("\"alipay\",\"2088\",\"2026-11-22\",\"payment\",\"missing_here\""));
    EXPECT_TRUE(csv.ends_with("\r\n"));
}

TEST(ReconciliationReport, is_json_in_fen) {
    const std::string json = as_json(example());
    EXPECT_THAT(json, HasSubstr("\"paid\":8898"));
    EXPECT_THAT(json, HasSubstr("\"theirs\":10"));
    EXPECT_THAT(json, HasSubstr("\"ours\":null"));
}

}  // namespace
}  // namespace doorbuster::reconciliation
