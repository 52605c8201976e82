#include "payments/successes.hpp"

#include "support/payment_world.hpp"

// Which notifications are taken in together, and what a batch writes.
namespace doorbuster::payments {
namespace {

class BatchOfSuccesses : public PaymentWorld {
protected:
    // A payment that waits here and is paid at the provider.
    ProviderTrade paid_there(const std::string& reference) {
        EXPECT_TRUE(pay("wechat_pay", reference).has_value());
        const std::string number = last_trade();
        EXPECT_TRUE(wechat_.pay(number));
        return wechat_.trade(number);
    }
    ProviderNotification told(const ProviderTrade& trade) {
        return {"batch-" + std::to_string(++told_), true, trade, {}};
    }
    // Which of them are taken in, as '+' and '-'.
    std::string take_in(const std::vector<ProviderNotification>& all) {
        std::vector<Notice> notices;
        for (const auto& one : all) notices.push_back({one, clock_.now(), "{}", "as it came"});
        std::vector<const Notice*> list;
        for (const Notice& notice : notices) list.push_back(&notice);
        const auto body = [&](sql::Transaction& tx) {
            return successes_.take_in(tx, wechat_, list);
        };
        std::string marks;
        for (const bool taken : database().write_blocking(body)) marks += taken ? '+' : '-';
        return marks;
    }
    std::string take_in(const ProviderTrade& trade) { return take_in({told(trade)}); }
    // All that is known of a reference, but for ids and numbers.
    std::string all_of(const std::string& reference) {
        const std::string payment =
            "SELECT state || '|' || CAST(paid_at AS TEXT) || '|' || CAST(query_count AS TEXT) || "
            "'|' || COALESCE(CAST(next_query_at AS TEXT), 'never') || '|' || code_url || '|' || "
            "CAST(late + duplicate + suspect + refund_due AS TEXT) FROM payments "
            "WHERE reference = $1";
        const std::string books =
            "SELECT CAST(count(*) AS TEXT) || '|' || MIN(b.kind || b.debit || b.credit) || '|' || "
            "MAX(b.kind || b.debit || b.credit) || '|' || CAST(SUM(b.amount) AS TEXT) "
            "FROM book_entries b JOIN payments p ON p.id = b.payment_id WHERE p.reference = $1";
        const std::string event =
            "SELECT topic || '|' || CAST(rank AS TEXT) FROM outbox WHERE key = $1";
        const std::string answer = "SELECT answered FROM payment_references WHERE reference = $1";
        const std::string kept =
            "SELECT n.verdict FROM payment_notifications n JOIN payments p ON p.id = n.payment_id "
            "WHERE p.reference = $1";
        std::string all;
        for (const std::string& what : {payment, books, event, answer, kept}) {
            all += text(what, {reference}) + "\n";
        }
        return all;
    }

    Successes successes_{clock_, outbox_};
    int told_ = 0;
};
DOORBUSTER_ON_BOTH_ENGINES(BatchOfSuccesses);

TEST_P(BatchOfSuccesses, writes_what_would_be_written_one_at_a_time) {
    const ProviderTrade alone = paid_there("6001");
    const ProviderTrade one = paid_there("6002");
    const ProviderTrade other = paid_there("6003");
    EXPECT_EQ(notify(wechat_, wechat_.notification(alone.out_trade_no)).status, 204);
    // By the code path of a single change.
    const ProviderTrade single = paid_there("6004");
    PaymentChanges changes{clock_, random_, outbox_};
    database().write_blocking([&](sql::Transaction& tx) {
        const auto id =
            store::find_by_trade(tx, "wechat_pay", single.merchant, single.out_trade_no);
        changes.apply_trade(tx, *id, single);
        store::keep_notification(tx, {"wechat_pay", "single", clock_.now(), "{}", "b", "paid", id});
    });
    EXPECT_EQ(take_in({told(one), told(other)}), "++");
    const auto shape = [this](const std::string& reference, const ProviderTrade& trade) {
        std::string all = all_of(reference);
        const auto at = all.find(trade.out_trade_no);  // in the code
        EXPECT_NE(at, all.npos);
        return all.erase(at, trade.out_trade_no.size());
    };
    const std::string expected = shape("6004", single);
    EXPECT_EQ(shape("6002", one), expected);
    EXPECT_EQ(shape("6003", other), expected);
    EXPECT_EQ(shape("6001", alone), expected);
    const auto event =
        PaymentEvent::from_json(text("SELECT payload FROM outbox WHERE key = '6002'"));
    EXPECT_EQ(event.transaction, one.transaction_id);
    EXPECT_EQ(event.amount, Money::fen(8888));
    EXPECT_EQ(event.paid_at, *one.paid_at);
}

TEST_P(BatchOfSuccesses, takes_in_what_was_to_be_closed_but_not_what_was_told_as_closed) {
    const ProviderTrade closing = paid_there("6001");
    give_up("6001");
    EXPECT_EQ(take_in(closing), "+");
    ASSERT_TRUE(pay("wechat_pay", "6002").has_value());
    const std::string number = last_trade();
    give_up("6002");
    work();
    wechat_.pay_in_spite(number);
    EXPECT_EQ(take_in(wechat_.trade(number)), "-");
    EXPECT_EQ(text("SELECT state FROM payments WHERE reference = '6002'"), "closed");
}

TEST_P(BatchOfSuccesses, leaves_alone_what_does_not_fit) {
    const ProviderTrade right = paid_there("6001");
    std::vector<ProviderTrade> wrong(6, right);
    wrong[0].amount = Money::fen(1);
    wrong[1].currency = "USD";
    wrong[2].seller = "wxother";
    wrong[3].transaction_id = "";
    wrong[4].out_trade_no = "NOT_OURS_1";
    wrong[5].merchant = "1900000999";
    for (const ProviderTrade& trade : wrong) EXPECT_EQ(take_in(trade), "-");
    EXPECT_EQ(text("SELECT state FROM payments"), "pending");
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 0);
    EXPECT_EQ(integer("SELECT count(*) FROM outbox"), 0);
    EXPECT_EQ(take_in(right), "+");
}

TEST_P(BatchOfSuccesses, leaves_alone_a_reference_with_another_attempt_that_is_open) {
    ASSERT_TRUE(pay("wechat_pay", kRef).has_value());
    const std::string first = last_trade();
    ASSERT_TRUE(pay("alipay", kRef).has_value());
    wechat_.pay_in_spite(first);
    EXPECT_EQ(take_in(wechat_.trade(first)), "-");
}

TEST_P(BatchOfSuccesses, takes_in_one_notification_of_a_payment_and_of_an_id) {
    const ProviderTrade one = paid_there("6001");
    const ProviderTrade other = paid_there("6002");
    auto same_id = told(other);
    const auto first = told(one);
    same_id.id = first.id;
    EXPECT_EQ(take_in({first, first, told(one), same_id, told(other)}), "+---+");
    EXPECT_EQ(take_in({first, told(other)}), "--");
    EXPECT_EQ(integer("SELECT count(*) FROM outbox"), 2);
}

TEST_P(BatchOfSuccesses, takes_in_one_payment_of_a_transaction) {
    const ProviderTrade one = paid_there("6001");
    ProviderTrade other = paid_there("6002");
    other.transaction_id = one.transaction_id;
    EXPECT_EQ(take_in({told(one), told(other)}), "+-");
    EXPECT_EQ(take_in(other), "-");
}

TEST_P(BatchOfSuccesses, acts_on_a_notification_that_was_refused_before) {
    ProviderTrade trade = paid_there("6001");
    const ProviderTrade right = trade;
    trade.amount = Money::fen(1);
    EXPECT_EQ(notify(wechat_, wechat_.notification(trade, "batch-1")).status, 503);
    EXPECT_EQ(verdict(), "suspect");
    execute("UPDATE payments SET suspect = 0, failure = NULL");
    EXPECT_EQ(take_in(right), "+");
    EXPECT_EQ(verdict(), "paid");
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 1);
}

}  // namespace
}  // namespace doorbuster::payments
